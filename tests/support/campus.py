"""The campus that tests meet: a small tree of content beside this file, published into the template."""

from __future__ import annotations

from pathlib import Path

TREE = Path(__file__).parent / "tree"


def publish() -> None:
    """Publish the test tree as release 1 and commit."""
