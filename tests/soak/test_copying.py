"""A copy is taken while people save, and put back elsewhere."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lms import worker
from lms.app import create_app
from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.settings import ROOT, Settings
from tests.soak.conftest import Arena
from tests.soak.history import History, Operation, Outcome
from tests.support import stores
from tests.support.postgres import programs
from tests.support.real_campus import let_go


def test_a_copy_is_taken_under_load_and_put_back(arena: Arena, run_folder: Path) -> None:
    """A copy is taken under load and put back elsewhere."""
    file = arena.folder / "copy"
    with arena.site().running() as site:
        with arena.under_load(site) as history:
            arena.go_on(history, 60)
            began = time.monotonic()
            lms(arena.url, run_folder, "db", "backup", str(file))
            ended = time.monotonic()
            arena.go_on(history)
        arena.settle()
    with another_store(arena) as url:
        begun = time.monotonic()
        lms(url, run_folder, "db", "restore", str(file))
        restored = time.monotonic() - begun
        arena.part.note(f"taken in {ended - began:.1f} s, {file.stat().st_size:,} bytes; put back in {restored:.1f} s")
        work_off(arena.settings(url))
        said = lms(url, run_folder, "db", "verify")
        arena.judge(as_the_copy_may_know(history, began, ended), url)
    assert "Everything that is stored agrees." in said


def lms(url: str, run_folder: Path, *words: str) -> str:
    """Run an operator's command. Raises with what it said where it failed."""
    from os import environ, pathsep

    given = {**environ, "LMS_DATABASE_URL": url, "PATH": f"{programs(run_folder)}{pathsep}{environ['PATH']}"}
    done = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-m", "lms", *words], cwd=ROOT, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def another_store(arena: Arena) -> Iterator[str]:
    """An empty database of the same engine."""
    if isinstance(arena.store, stores.PostgresStore):
        store: stores.Store = arena.store.beside("restored")
    else:
        store = stores.SqliteStore(arena.folder, "restored", "restored")
    store.make_empty()
    yield store.url
    store.remove()


def as_the_copy_may_know(history: History, began: float, ended: float) -> History:
    """What was confirmed before the copy began is in it; what ran meanwhile may be; what came later is not."""
    seen = History()
    for one in history.all():
        if one.invoked_at <= ended:
            outcome = one.outcome if one.ended_at < began or one.outcome is Outcome.FAIL else Outcome.UNKNOWN
            seen.invoke(
                Operation(
                    one.kind, one.person, one.subject, one.sent, one.position, one.sequence,
                    outcome=outcome, status=one.status, told=one.told,
                )
            )  # fmt: skip
    return seen


def work_off(settings: Settings) -> None:
    """Do what the copy holds of work to do; what was leased when it was taken is free again by then."""
    app = create_app(settings)
    with app.app_context():
        content.forget()
        while worker.run_once(clock.now() + worker.LEASE):
            pass
    let_go(app)
