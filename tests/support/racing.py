"""Races: many hands do the same thing at the same moment, each in a thread, an app context and a connection of its own."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from lms.foundation.database import db
from lms.foundation.errors import Busy, DomainError
from lms.foundation.unit_of_work import is_busy
from tests.support.amounts import WHOLE

Answer = TypeVar("Answer")
HANDS = 50
FEW = 50 if WHOLE else 12  # of a race that is not about how many there are
CROWD = 100 if WHOLE else 24
MOST = max(HANDS, CROWD)  # of any race: so many connections are kept
TRIES = 40
PATIENCE_SECONDS = 120.0  # for hands that wait for each other to be ready; nothing here asserts how long
ROW_LOCK = re.compile(r"\sFOR (NO KEY )?UPDATE( OF \w+)?( SKIP LOCKED)?")


@dataclass
class Race(Generic[Answer]):
    """How a race ended, in the order of the finish: what hands were answered, and what others were refused with."""

    answers: list[Answer] = field(default_factory=list)
    refusals: list[DomainError] = field(default_factory=list)

    @property
    def refused_with(self) -> set[type[DomainError]]:
        return {type(refusal) for refusal in self.refusals}


def race(app: Flask, work: Callable[[int], Answer], *, hands: int = HANDS) -> Race[Answer]:
    """Let hands numbered from 0 do `work` at once; each commits what it did, and tries again when told to wait.

    Answers must be plain values. A refusal with a name ends a hand and is kept; any other
    failure is raised here: a learner would have been shown a page that says so.
    """
    db.session.commit()
    _connect(hands)
    barrier = threading.Barrier(hands)
    ended: Race[Answer] = Race()
    failures: list[BaseException] = []

    def hand(index: int) -> None:
        try:
            barrier.wait(timeout=PATIENCE_SECONDS)
            ended.answers.append(_insisting(app, index, work))
        except Busy as failure:
            failures.append(failure)
        except DomainError as refusal:
            ended.refusals.append(refusal)
        except BaseException as failure:  # a thread would swallow it
            failures.append(failure)

    threads = [threading.Thread(target=hand, args=(index,)) for index in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return ended


def at_once(app: Flask, hands: int, work: Callable[[int], Answer]) -> list[Answer]:
    """A race in which nobody may be refused: the answers alone."""
    ended = race(app, work, hands=hands)
    if ended.refusals:
        raise ended.refusals[0]
    return ended.answers


def _connect(hands: int) -> None:
    """Open every hand's connection before the start, where the pool has room for all: opening one takes its time."""
    pool = db.engine.pool
    if isinstance(pool, QueuePool) and pool.size() >= hands:
        connections = [db.engine.connect() for _hand in range(hands)]
        for connection in connections:
            connection.close()


def _insisting(app: Flask, index: int, work: Callable[[int], Answer]) -> Answer:
    for _try in range(TRIES):
        with app.app_context():
            try:
                answered = work(index)
                db.session.commit()
            except (Busy, OperationalError) as error:
                db.session.rollback()
                if isinstance(error, OperationalError) and not is_busy(error):
                    raise
            else:
                return answered
            finally:
                db.session.remove()
    raise Busy


@contextmanager
def without_row_locks() -> Iterator[None]:
    """PostgreSQL as if the product asked it for no lock at all: people, sittings, classes and claims are read by all at once.

    SQLite, which has one writer at a time, is left as it is: there a test makes the product blind instead.
    """

    def unlocked(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> tuple[str, Any]:
        return ROW_LOCK.sub("", statement), parameters

    engine = db.engine
    event.listen(engine, "before_cursor_execute", unlocked, retval=True)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", unlocked)
