"""The loop that does what requests leave behind: letters, due advances, overdue attempts, stored certificates,
and the seals of the audit trail.

Everything it does is written down before as an outbox row or follows from rows and the
clock, so it may be ended at any moment and run twice: letters are sent at least once
under one Message-ID, and everything else happens in the transaction that marks it done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy.exc import OperationalError

from lms.accounts import services as accounts
from lms.assessment import queries as assessment
from lms.assessment import services as marking
from lms.assessment.models import Attempt, ClosedBy
from lms.catalog.queries import people_enrolled
from lms.credentials import services as credentials
from lms.credentials.models import Certificate
from lms.credentials.rendering import RENDERER, TEMPLATE
from lms.foundation import clock, outbox, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Busy
from lms.foundation.logs import get_logger
from lms.foundation.outbox import OutboxRow
from lms.foundation.settings import Settings
from lms.interop import mail
from lms.notices import letters
from lms.pathway import index
from lms.usecases import advancing, registering, rendering, sealing, submitting

BATCH = 10
MOST_JOBS_A_TURN = 200  # then clock-driven work gets its turn
LEASE = timedelta(minutes=5)  # longer than a batch of letters can take, each with its timeouts
MOST_TRIES = 20
MOST_TRIES_TO_MARK = 20  # some 50 s: well within the lease
POLL_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0

log = get_logger()


@dataclass(frozen=True)
class Job:
    """What an outbox row asked for, as values that outlive its transaction."""

    row_id: int
    topic: str
    key: str
    payload: Mapping[str, Any]
    created_at: datetime


def run_forever(app: Flask, stop: threading.Event) -> None:
    """Work until told to stop: each second while there is something to do, every five when idle."""
    pause = POLL_SECONDS
    pruned_on = None
    log.info("worker_started")
    while not stop.is_set():
        done = _turn(app, run_once)
        _turn(app, sealing.keep_record)
        if pruned_on != (today := clock.now().date()):
            pruned_on = today
            prune(app)
        pause = POLL_SECONDS if done else min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        stop.wait(pause)
    log.info("worker_stopped")


def _turn(app: Flask, work: Callable[[datetime], int]) -> int:
    with app.app_context():
        try:
            return work(clock.now())
        except (Busy, OperationalError) as error:
            log.warning("worker_waits", reason=type(error).__name__)
        except Exception:  # the next turn may find things mended; ending here would stop all mail
            log.exception("worker_turn_failed")
        return 0


def prune(app: Flask) -> None:
    """Once a day, and at every start: forget network addresses whose time is over."""
    with app.app_context(), unit_of_work.writing(db.session):
        try:
            gone = accounts.prune_traces(clock.now())
            db.session.commit()
            log.info("traces_pruned", rows=gone)
        except (Busy, OperationalError) as error:
            log.warning("worker_waits", reason=type(error).__name__)


def run_once(now: datetime) -> int:
    """Do what is due at `now`, in an application's context. Returns how many things were done."""
    return _close_overdue(now) + _advance_due(now) + _run_jobs(now) + _fold_tallies()


# ---- outbox rows


def _run_jobs(now: datetime) -> int:
    done = 0
    while done < MOST_JOBS_A_TURN and (jobs := _take_jobs(now)):
        for job in jobs:
            _run(job, now)
        done += len(jobs)
    return done


def _take_jobs(now: datetime) -> list[Job]:
    """Lease the oldest due rows, so that no other worker takes them while we are on the network."""
    with unit_of_work.reading(db.session):
        if not outbox.any_due(now):
            return []
    with unit_of_work.writing(db.session):
        rows = outbox.due(now, limit=BATCH)
        jobs = [Job(row.id, row.topic, row.key, row.payload, row.created_at) for row in rows]
        outbox.lease(rows, until=now + LEASE)
        db.session.commit()
    return jobs


def _run(job: Job, now: datetime) -> None:
    handler = HANDLERS.get(job.topic)
    try:
        if handler is None:
            raise LookupError(f"No handler for the topic {job.topic}.")
        handler(job, now)
    except mail.PermanentFailure as error:
        _give_up(job, error, now)
    except mail.TemporaryFailure as error:
        _retry_later(job, error, now)
    except Exception as error:  # one broken job must not hold up the others
        log.exception("job_failed", outbox_id=job.row_id, topic=job.topic)
        _retry_later(job, error, now)
    else:
        log.info("job_done", outbox_id=job.row_id, topic=job.topic)


def _give_up(job: Job, error: mail.PermanentFailure, now: datetime) -> None:
    _mark(job, lambda row: row.give_up(str(error), at=now))
    log.warning("job_given_up", outbox_id=job.row_id, topic=job.topic, reason=type(error).__name__)


def _retry_later(job: Job, error: Exception, now: datetime) -> None:
    """Wait, each time longer. The log is told the kind of error alone: a mail server's answer names people."""
    reason = str(error) if isinstance(error, mail.TemporaryFailure) else type(error).__name__

    def delay(row: OutboxRow) -> None:
        if row.attempts + 1 >= MOST_TRIES:
            row.give_up(reason, at=now)
        else:
            row.retry_later(reason, at=now)

    _mark(job, delay)
    log.warning("job_delayed", outbox_id=job.row_id, topic=job.topic, reason=type(error).__name__)


def _mark(job: Job, change: Callable[[OutboxRow], None]) -> None:
    """Note what became of a job, however busy the database is: a letter that was sent and not marked is sent again."""
    for _try in range(MOST_TRIES_TO_MARK - 1):
        try:
            return _mark_once(job, change)
        except (Busy, OperationalError) as error:
            if isinstance(error, OperationalError) and not unit_of_work.is_busy(error):
                raise
        pause_before_marking(POLL_SECONDS)
    return _mark_once(job, change)


def pause_before_marking(seconds: float) -> None:
    time.sleep(seconds)


def _mark_once(job: Job, change: Callable[[OutboxRow], None]) -> None:
    with unit_of_work.writing(db.session):
        change(db.session.get_one(OutboxRow, job.row_id))
        db.session.commit()


def _send_letter(job: Job, now: datetime) -> None:
    """Read, then send with no transaction open, then mark."""
    settings = _settings()
    sender = letters.Sender(settings.mail_from, settings.base_url)
    with unit_of_work.reading(db.session):
        letter = letters.letter_of(job.payload, key=job.key, written_at=job.created_at, sender=sender)
    if letter is not None:
        mail.deliver(letter, settings.mail_url)
    _mark(job, lambda row: row.deliver(at=now))


def _in_one_transaction(work: Callable[[Mapping[str, Any], datetime], object]) -> Callable[[Job, datetime], None]:
    """A handler whose effect and whose mark are committed together."""

    def handle(job: Job, now: datetime) -> None:
        with unit_of_work.writing(db.session):
            row = db.session.get_one(OutboxRow, job.row_id, with_for_update=True)
            if row.delivered_at is None:
                work(job.payload, now)
                row.deliver(at=now)
            db.session.commit()

    return handle


def _store_rendering(job: Job, now: datetime) -> None:
    """Make the file with no transaction open; a certificate never changes, so there is nothing to check again."""
    with unit_of_work.reading(db.session):
        certificate = db.session.get_one(Certificate, job.payload["certificate_id"])
        document = rendering.document_of(certificate, _settings())
    with unit_of_work.writing(db.session):
        credentials.store_rendering(
            job.payload["certificate_id"], document, template=TEMPLATE, renderer=RENDERER, now=now
        )
        db.session.get_one(OutboxRow, job.row_id).deliver(at=now)
        db.session.commit()


def _advance_everyone(job: Job, now: datetime) -> None:
    """A changed rule may move anyone: one row for each person with an open enrollment."""
    with unit_of_work.writing(db.session):
        row = db.session.get_one(OutboxRow, job.row_id, with_for_update=True)
        if row.delivered_at is None:
            wanted = {f"{job.key}:{person_id}": {"person_id": person_id} for person_id in people_enrolled()}
            outbox.put_all("advance", wanted, now=now)
            row.deliver(at=now)
        db.session.commit()


HANDLERS: dict[str, Callable[[Job, datetime], None]] = {
    "mail": _send_letter,
    "advance": _in_one_transaction(lambda payload, now: advancing.advance(payload["person_id"], now=now)),
    "advance_all": _advance_everyone,
    "rendering": _store_rendering,
    registering.SIGN_UP_TOPIC: _in_one_transaction(
        lambda payload, now: registering.answer_sign_up(payload["account_id"], is_new=payload["is_new"], now=now)
    ),
    registering.RESET_TOPIC: _in_one_transaction(
        lambda payload, now: registering.request_reset(payload["email"], now=now)
    ),
}


# ---- what follows from rows and the clock


def _advance_due(now: datetime) -> int:
    """Decide anew for people whose standing was to change by now: a birthday, an expiry, a window."""
    with unit_of_work.reading(db.session):
        due = list(index.due(now))
    return sum(_advance(person_id, now) for person_id in due)


def _advance(person_id: int, now: datetime) -> bool:
    try:
        with unit_of_work.writing(db.session):
            advancing.advance(person_id, now=now)
            db.session.commit()
    except Exception:  # one person's broken facts must not hold up the others
        log.exception("advance_failed", person_id=person_id)
        return False
    log.info("advanced", person_id=person_id)
    return True


def _close_overdue(now: datetime) -> int:
    """Submit what is saved of sittings whose time is over, each in a transaction of its own."""
    with unit_of_work.reading(db.session):
        over = [attempt.id for attempt in assessment.attempts_to_close(now, BATCH)]
    return sum(_close(attempt_id, now) for attempt_id in over)


def _close(attempt_id: int, now: datetime) -> bool:
    try:
        with unit_of_work.writing(db.session):
            submitting.submit(db.session.get_one(Attempt, attempt_id), by=ClosedBy.EXPIRY, now=now)
            db.session.commit()
    except Exception:  # one broken sitting must not hold up the others
        log.exception("close_failed", attempt_id=attempt_id)
        return False
    log.info("attempt_closed", attempt_id=attempt_id)
    return True


def _fold_tallies() -> int:
    """Put the numbers of sittings together, one exam at a time, where they lie in many rows."""
    with unit_of_work.reading(db.session):
        scattered = marking.rows_to_fold()
    for kind in scattered:
        with unit_of_work.writing(db.session):
            marking.fold(*kind)
            db.session.commit()
    return len(scattered)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["lms_settings"]
    return settings
