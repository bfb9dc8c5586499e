"""Which migrations there are and which the database has had, read without Alembic: only commands need all of that."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from lms.foundation.settings import ROOT

MIGRATIONS = ROOT / "migrations"
_NAMED = re.compile(r"^(revision|down_revision) = \"(\w+)\"", re.MULTILINE)
_DONE = table("alembic_version", column("version_num"))


@cache
def newest_migrations(folder: Path = MIGRATIONS) -> frozenset[str]:
    """The revisions on which no other builds: one, unless somebody forgot to join two."""
    texts = [file.read_text(encoding="utf-8") for file in (folder / "versions").glob("*.py")]
    named = [found for text in texts for found in _NAMED.findall(text)]
    return frozenset(revision for name, revision in named if name == "revision") - {
        revision for name, revision in named if name == "down_revision"
    }


def migrations_done(connection: Connection) -> frozenset[str]:
    """The revisions that this database stands at; none where it has never been migrated."""
    if not inspect(connection).has_table(_DONE.name):
        return frozenset()
    return frozenset(connection.scalars(select(_DONE.c.version_num)))
