"""One unit of work: what a transaction may do, and when it begins.

A GET reads and may not commit. Any other request reads until its view begins, and opens
the write transaction with the first statement of that: on SQLite `BEGIN IMMEDIATE`, since upgrading a read
later fails at once when someone else wrote; on PostgreSQL plain row locks, taken
in the order person → enrollment → offering or exam → order.

Slow work (hashing, parsing, rendering) reads in `reading()`, leaves it, works,
and only then lets `writing()` begin, which must check again what it relies on.

What only reads needs no session: it looks through a connection of its own, which a session
that is asked for later joins, so that a page sees one state of the database.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, scoped_session

from lms.foundation.errors import Busy, Conflict, ReadOnlyRequest

LOCK_PATIENCE_SECONDS = 1.5
BUSY_TIMEOUT_MS = 50  # for all but the write lock; short, since several writers starve under SQLite's own polling
FIRST_PAUSE_SECONDS = 0.0006  # most hold the lock for about a millisecond
LONGEST_PAUSE_SECONDS = 0.01


class Mode(Enum):
    READ = "read"
    WRITE = "write"


_mode: ContextVar[Mode] = ContextVar("transaction_mode", default=Mode.WRITE)
_looking: ContextVar[_Looking | None] = ContextVar("connection_that_reads", default=None)
_KEPT = "kept_until_the_transaction_ends"


@dataclass(frozen=True)
class _Looking:
    """A connection that only reads, and what is remembered while it does."""

    connection: Connection
    kept: dict[Hashable, Any] = field(default_factory=dict)


def mode() -> Mode:
    return _mode.get()


@contextmanager
def reading(session: scoped_session[Any]) -> Iterator[None]:
    """A transaction that only looks. It is closed at the end, so that slow work holds nothing."""
    with _phase(session, Mode.READ):
        yield


@contextmanager
def writing(session: scoped_session[Any]) -> Iterator[None]:
    """A transaction that writes from its first statement. Who opens it commits it; otherwise it is undone."""
    with _phase(session, Mode.WRITE):
        yield


@contextmanager
def _phase(session: scoped_session[Any], wanted: Mode) -> Iterator[None]:
    session.rollback()
    token = _mode.set(wanted)
    try:
        yield
    finally:
        session.rollback()
        _mode.reset(token)


def enter(wanted: Mode) -> None:
    """Set the mode of a request, or of the part of it that begins; the web layer calls `leave` when it is over."""
    stop_looking()
    _mode.set(wanted)


def leave() -> None:
    stop_looking()
    _mode.set(Mode.WRITE)


def looking() -> Connection | None:
    """The connection through which this request reads, once it has begun to."""
    looking = _looking.get()
    return None if looking is None else looking.connection


def look(engine: Engine) -> Connection:
    """Begin to read. Whoever ends the unit of work closes it."""
    connection = engine.connect()
    connection.begin()
    _looking.set(_Looking(connection))
    return connection


def stop_looking() -> None:
    looking = _looking.get()
    if looking is not None:
        _looking.set(None)
        looking.connection.close()


def kept(session: scoped_session[Any]) -> dict[Hashable, Any]:
    """What is remembered of this transaction until it ends, or until a part of it is undone."""
    looking = _looking.get()
    remembered: dict[Hashable, Any] = looking.kept if looking else session().info.setdefault(_KEPT, {})
    return remembered


def forget(session: Session) -> None:
    """Nothing that was remembered need be so any more."""
    session.info.pop(_KEPT, None)


def begin_sqlite(connection: Connection) -> None:
    """Begin as the mode says, and wait for the write lock fairly: short tries with random pauses."""
    if mode() is Mode.READ:
        _driver(connection).execute("BEGIN")
        return
    patience_ends = time.monotonic() + LOCK_PATIENCE_SECONDS
    longest = FIRST_PAUSE_SECONDS
    while not _took_write_lock(connection):
        if time.monotonic() > patience_ends:
            raise Busy
        time.sleep(random.uniform(longest / 4, longest))  # noqa: S311  # jitter, not a secret
        longest = min(2 * longest, LONGEST_PAUSE_SECONDS)


def let_others_write() -> None:
    """Between two transactions of one request: wait so long that everybody who waits for the write lock has tried.

    SQLite keeps no queue; who takes the lock again at once would take it before those who pause.
    """
    time.sleep(LONGEST_PAUSE_SECONDS)


def _took_write_lock(connection: Connection) -> bool:
    """One try. SQLite's own waiting, which begins with a whole millisecond, is put off meanwhile."""
    driver = _driver(connection)
    driver.execute("PRAGMA busy_timeout=0")
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as cause:
        error = OperationalError("BEGIN IMMEDIATE", None, cause, hide_parameters=True)
        if is_busy(error):
            return False
        raise error from cause
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    return True


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.driver_connection
    return driver  # type: ignore[no-any-return]  # asked of SQLite's engine alone


def is_busy(error: OperationalError) -> bool:
    """Whether the database said "not now" rather than "no"."""
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        return cause.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_BUSY_SNAPSHOT}
    return getattr(cause, "sqlstate", None) in {"55P03", "40P01", "40001"}  # lock timeout, deadlock, serialization


def name_conflict(context: ExceptionContext) -> Conflict | None:
    """Give a broken "only once" its name, wherever it is raised; every other error stays what it is."""
    return Conflict() if _says_only_once(context.original_exception) else None


def _says_only_once(cause: BaseException) -> bool:
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorcode in {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
    return getattr(cause, "sqlstate", None) == "23505"


@event.listens_for(Session, "after_transaction_end")
def _forget_at_the_end(session: Session, transaction: SessionTransaction) -> None:
    """A savepoint that is only let go undoes nothing: what was locked or read within it stays so."""
    if transaction.parent is None:
        forget(session)


@event.listens_for(Session, "after_soft_rollback")
def _forget_what_is_undone(session: Session, _transaction: SessionTransaction) -> None:
    forget(session)


@event.listens_for(Session, "before_commit")
def _refuse_commit_while_reading(_session: Session) -> None:
    if mode() is Mode.READ:
        raise ReadOnlyRequest("A reading request may not commit.")


@event.listens_for(Session, "before_flush")
def _refuse_flush_while_reading(session: Session, _context: object, _instances: object) -> None:
    if mode() is Mode.READ and (session.new or session.dirty or session.deleted):
        raise ReadOnlyRequest("A reading request may not change a row.")


@event.listens_for(Session, "do_orm_execute")
def _refuse_statement_while_reading(state: ORMExecuteState) -> None:
    if mode() is Mode.READ and (state.is_insert or state.is_update or state.is_delete):
        raise ReadOnlyRequest("A reading request may not write.")
