"""What a web process loads before the first request: all that learners need, and nothing that few processes ever do."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from lms.foundation.settings import ROOT

# Each takes long to load or much memory, and is loaded where it is first used.
SELDOM_USED = frozenset(
    "alembic flask_migrate mako markdown pymdownx bleach nh3 latex2mathml typst segno icalendar email_validator"
    " lms.content.compiling lms.content.markdown rich pygments pytest hypothesis playwright pypdf".split()
)
STATE = """
import gc, json, sys, threading
import wsgi
from lms.foundation.database import db
with wsgi.app.app_context():
    connections = db.engine.pool.checkedin() + db.engine.pool.checkedout()
said = {
    "modules": list(sys.modules),
    "threads": threading.active_count(),
    "connections": connections,
    "collecting": gc.isenabled(),
    "passed_over": gc.get_freeze_count() > len(gc.get_objects()),
}
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def started() -> dict[str, object]:
    """The state of a process of its own that has loaded what a web worker is forked from."""
    given = os.environ | {"LMS_ENV": "test", "LMS_SECRET_KEY": "a secret that only tests know, long enough"}
    command = [sys.executable, "-c", STATE]
    done = subprocess.run(command, cwd=ROOT, env=given, check=True, capture_output=True, text=True)  # noqa: S603  # ourselves
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_what_few_processes_use_is_not_loaded_at_start(started: dict[str, object]) -> None:
    loaded = started["modules"]

    assert isinstance(loaded, list)
    assert SELDOM_USED.isdisjoint(loaded)
    assert {"lms.web.learning.views", "lms.web.assessment.views", "sqlalchemy"} <= set(loaded)


def test_nothing_is_open_that_would_not_outlive_a_fork(started: dict[str, object]) -> None:
    assert (started["threads"], started["connections"]) == (1, 0)


def test_garbage_is_collected_but_not_looked_for_among_what_was_loaded(started: dict[str, object]) -> None:
    assert (started["collecting"], started["passed_over"]) == (True, True)
