"""Which tables of a PostgreSQL this process has written to, so that only they are filled again for the next test."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Engine, event

from tests.support.stores import PostgresStore

READS = re.compile(r"\s*(SELECT|SHOW|SET|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|LOCK)\b", re.IGNORECASE)
WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE)\s+"?([a-z_0-9]+)"?\s', re.IGNORECASE)
MOST_RESTORED = 60  # rows that were deleted stay in the files until the database is made anew

_touched: dict[str, set[str]] = defaultdict(set)
_unknown: set[str] = set()


@event.listens_for(Engine, "engine_connect")
def listen(connection: Connection) -> None:
    """To every PostgreSQL. A SQLite is left alone: what nobody listens to takes the way that it takes in production."""
    if connection.dialect.name == "postgresql" and not event.contains(connection.engine, "before_cursor_execute", note):
        event.listen(connection.engine, "before_cursor_execute", note)


def note(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
    if READS.match(statement):
        return
    database = connection.engine.url.database
    written = WRITES.match(statement)
    if written:
        _touched[database].add(written[1])
    else:  # a DELETE may cascade, and of anything else nobody knows what it does
        _unknown.add(database)


class Restorer:
    """Brings a store of PostgreSQL back to its template, in the cheapest way that is sure."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._restored = MOST_RESTORED  # the first time it is made

    def restore(self) -> bool:
        """Fill again what was written to. False where the store must be made fresh, with nobody connected."""
        database = self._store.database
        tables, unknown = frozenset(_touched.pop(database, ())), database in _unknown
        if unknown or self._restored >= MOST_RESTORED or not self._store.refill(tables):
            return False
        self._restored += 1
        return True

    def made_fresh(self) -> None:
        _touched.pop(self._store.database, None)
        _unknown.discard(self._store.database)
        self._restored = 0
