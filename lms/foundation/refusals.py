"""What the database says when it can't take a write or can't be reached, as a refusal that people can read."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

from lms.foundation.errors import Busy, DomainError
from lms.foundation.messages import Message
from lms.foundation.unit_of_work import is_busy

LONGEST_SQLITE_CODE = 0xFF  # beyond these bits SQLite tells variants of one error apart


class NoRoom(DomainError):
    """The disk is full; nothing was changed."""

    status = 507
    code = "no-room"
    retry_after_seconds = 60

    def __init__(self) -> None:
        super().__init__(
            "There is no room left on our side, so this is not saved.",
            kept=Message("What you typed is still on this page, and everything saved before stays saved."),
            remedy=Message("Leave this page open and send it again in a few minutes."),
        )


class ReadOnlyDatabase(DomainError):
    """The database lets itself be read alone; nothing was changed."""

    status = 503
    code = "read-only"
    retry_after_seconds = 60

    def __init__(self) -> None:
        super().__init__(
            "At this moment everything can be read, but not written.",
            kept=Message("What you typed is still on this page, and everything saved before stays saved."),
            remedy=Message("Leave this page open and send it again in a few minutes."),
        )


class DatabaseAway(DomainError):
    """The database went away or can't be reached. Whether the last step was committed is not known."""

    status = 503
    code = "database-away"
    retry_after_seconds = 5

    def __init__(self) -> None:
        super().__init__(
            "The database does not answer at this moment.",
            kept=Message("Everything that was confirmed stays saved."),
            remedy=Message("Wait a few seconds and send it again: nothing counts twice."),
        )


Refusal = Busy | NoRoom | ReadOnlyDatabase | DatabaseAway
REFUSALS = (Busy, NoRoom, ReadOnlyDatabase, DatabaseAway)
SQLITE: dict[int, type[NoRoom | ReadOnlyDatabase | DatabaseAway]] = {
    sqlite3.SQLITE_FULL: NoRoom,
    sqlite3.SQLITE_READONLY: ReadOnlyDatabase,
    sqlite3.SQLITE_IOERR: DatabaseAway,
    sqlite3.SQLITE_CANTOPEN: DatabaseAway,
}
POSTGRESQL: dict[str, type[NoRoom | ReadOnlyDatabase | DatabaseAway]] = {
    "53100": NoRoom,  # disk full
    "25006": ReadOnlyDatabase,
    "53300": DatabaseAway,  # too many connections
    "57P01": DatabaseAway,  # the administrator ended it
    "57P02": DatabaseAway,  # it crashed
    "57P03": DatabaseAway,  # it is starting
}


def refusal_of(error: DBAPIError) -> Refusal | None:
    """What to tell people of this error, or None where it is a mistake of ours."""
    if isinstance(error, OperationalError) and is_busy(error):
        return Busy()
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        kind = SQLITE.get(cause.sqlite_errorcode & LONGEST_SQLITE_CODE)
        return kind() if kind else None
    state = getattr(cause, "sqlstate", None)
    if error.connection_invalidated or (state is None and isinstance(error, OperationalError)):
        return DatabaseAway()
    kind = POSTGRESQL.get(state or "")
    return kind() if kind else None
