"""How long publishing takes: a thousand lessons and ten thousand questions, then the same files once more."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bench.course import write_course
from lms.app import create_app
from lms.cli import store
from lms.content import queries as content
from lms.content.models import Revision
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.settings import Environment, Settings
from lms.usecases import publishing


@dataclass(frozen=True)
class Publishing:
    """Seconds of the whole, of the processor, and for the unchanged files; rows that the second time wrote."""

    documents: int
    seconds: float
    cpu_seconds: float
    again_seconds: float
    again_rows: int


def measure_publishing(folder: Path, source: Path, *, modules: int) -> Publishing:
    """Publish a course of so many modules into an empty database of `folder`, twice."""
    write_course(folder / "course", source, modules=modules)
    settings = Settings(
        env=Environment.DEMO, database_url=f"sqlite:///{folder / 'course.sqlite3'}", content=folder / "course"
    )
    store.upgrade(settings)
    with create_app(settings).app_context():
        content.forget()
        cpu = time.process_time()
        seconds = _timed(lambda: _publish(settings.content, None))
        cpu = time.process_time() - cpu
        stored, head = _revisions(), content.head_release_id()
        db.session.rollback()
        again = _timed(lambda: _publish(settings.content, head))
        rows = _revisions() - stored
        db.session.remove()
        db.engine.dispose()
    return Publishing(stored, seconds, cpu, again, rows)


def _publish(root: Path, base_id: int | None) -> None:
    publishing.publish_tree(root, message="Measured", base_id=base_id, by=None, now=clock.now)


def _revisions() -> int:
    return int(db.session.scalar(select(func.count()).select_from(Revision)) or 0)


def _timed(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
