"""Whether this process can serve: the database answers and takes writes, its schema is the code's, content is published."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from lms.content import queries as content
from lms.foundation import unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Busy
from lms.foundation.migrations import migrations_done, newest_migrations
from lms.foundation.refusals import refusal_of

TOUCHES_NOTHING = text("UPDATE outbox SET attempts = attempts WHERE id IS NULL")


@dataclass(frozen=True)
class Readiness:
    """Each of what serving needs."""

    database: bool
    writable: bool
    migrations: bool
    content: bool

    @property
    def ready(self) -> bool:
        return self.database and self.writable and self.migrations and self.content

    def to_json(self) -> dict[str, bool]:
        return {"ready": self.ready, **asdict(self)}


def readiness() -> Readiness:
    """Never raises: a database that does not answer is an answer."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return Readiness(database=False, writable=False, migrations=False, content=False)
    writable = takes_writes()
    if not schema_is_current():
        return Readiness(database=True, writable=writable, migrations=False, content=False)
    has_content = content.head_release_id() is not None
    return Readiness(database=True, writable=writable, migrations=True, content=has_content)


def takes_writes() -> bool:
    """Whether a row could be written now: a write is begun that touches none. Whoever must wait may write later."""
    try:
        with unit_of_work.writing(db.session):
            db.session.execute(TOUCHES_NOTHING)
    except Busy:
        return True
    except DBAPIError as error:
        return isinstance(refusal_of(error), Busy)
    return True


def schema_is_current() -> bool:
    return migrations_done(db.session.connection()) == newest_migrations()
