"""The campus that tests meet: the small tree of content beside this file, published into the template.

Programs: `starter` (modules alone, open to all), `coach` (modules, class, exam; membership and age),
`judge` (an exam at once), `official` (an exam that staff release), `workshop` (a class alone).
"""

from __future__ import annotations

from pathlib import Path

from lms.content import queries
from lms.usecases import publishing
from tests.support.moments import LONG_AGO

TREE = Path(__file__).parent / "tree"


def publish() -> None:
    """Publish the test tree as the first release."""
    publishing.publish_tree(TREE, message="For the tests", base_id=None, by=None, now=lambda: LONG_AGO)


def forget() -> None:
    """Drop what the process keeps of released content: the next test has another database at the same address."""
    queries.forget()
