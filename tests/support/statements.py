"""Counting the work of a page by its statements, since nothing timed is asserted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine.cursor import CursorFetchStrategy

from lms.foundation.database import db

NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL that the app sends meanwhile, in order, without what only opens and closes transactions."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(NOT_COUNTED):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def rows_fetched() -> Iterator[list[int]]:
    """How many rows each reading brought from the database meanwhile."""
    counts: list[int] = []

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def fetch(self: Any, *rest: Any) -> Any:
            found = original(self, *rest)
            counts.append(len(found) if isinstance(found, list) else int(found is not None))
            return found

        return fetch

    originals = {name: getattr(CursorFetchStrategy, name) for name in ("fetchone", "fetchmany", "fetchall")}
    for name, original in originals.items():
        setattr(CursorFetchStrategy, name, counted(original))
    try:
        yield counts
    finally:
        for name, original in originals.items():
            setattr(CursorFetchStrategy, name, original)
