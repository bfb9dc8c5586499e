"""Whether this process can serve: the database answers, its schema is the code's, content is published."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms.content import queries as content
from lms.foundation.database import db


@dataclass(frozen=True)
class Readiness:
    """Each of what serving needs."""

    database: bool
    migrations: bool
    content: bool

    @property
    def ready(self) -> bool:
        return self.database and self.migrations and self.content

    def to_json(self) -> dict[str, bool]:
        return {"ready": self.ready, **asdict(self)}


def readiness() -> Readiness:
    """Never raises: a database that does not answer is an answer."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return Readiness(database=False, migrations=False, content=False)
    if not schema_is_current():
        return Readiness(database=True, migrations=False, content=False)
    return Readiness(database=True, migrations=True, content=content.head_release_id() is not None)


def schema_is_current() -> bool:
    context = MigrationContext.configure(db.session.connection())
    return set(context.get_current_heads()) == newest_migrations()


def newest_migrations() -> set[str]:
    return _heads_in(str(current_app.extensions["migrate"].directory))


@cache
def _heads_in(folder: str) -> set[str]:
    return set(ScriptDirectory(folder).get_heads())
