"""The record of what was done: sealed by the worker, and its newest digest mailed once a day."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms import worker
from lms.accounts import services as accounts
from lms.accounts.models import Role
from lms.foundation import audit, audit_sealing
from lms.foundation.audit import AuditSeal
from lms.foundation.database import db
from lms.foundation.outbox import OutboxRow
from lms.interop import mail
from lms.interop.mail import Letter
from lms.notices.models import Notice
from lms.usecases import sealing
from tests.support.cast import Cast
from tests.support.moments import DAY, HOUR, LONG_AGO, NOON
from tests.support.racing import at_once

EVENING = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
LATE = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)  # still the 23rd in New York, where the test campus judges its days
PAST_MIDNIGHT = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


def something_happens(at: datetime = LONG_AGO) -> None:
    audit.record("submit", "attempt", 1, actor_id=None, at=at)
    db.session.commit()


def test_the_digest_of_the_day_is_mailed_to_the_administrator_once(cast: Cast) -> None:
    something_happens()

    done = [sealing.keep_record(NOON), sealing.keep_record(NOON), sealing.keep_record(NOON + HOUR)]

    assert done == [2, 0, 0]
    notice = db.session.scalars(select(Notice)).one()
    assert notice.person_id == cast.administrator.person_id
    assert db.session.scalars(select(AuditSeal.digest)).one() in str(notice.message)
    assert db.session.scalars(select(OutboxRow.key)).all() == [f"mail:{notice.key}"]


def test_a_day_is_one_of_the_federation(cast: Cast) -> None:
    something_happens()

    mailed = [sealing.keep_record(at) for at in (EVENING, LATE, PAST_MIDNIGHT)]

    assert mailed == [2, 0, 1]


def test_the_day_after_is_told_the_newer_digest(cast: Cast) -> None:
    something_happens()
    sealing.keep_record(NOON)
    something_happens(NOON)

    sealing.keep_record(NOON + DAY)

    digests = db.session.scalars(select(AuditSeal.digest).order_by(AuditSeal.number)).all()
    messages = db.session.scalars(select(Notice.message).order_by(Notice.id)).all()
    assert [message["values"]["digest"] for message in messages] == digests


def test_every_administrator_is_told_and_nobody_else(cast: Cast) -> None:
    something_happens()
    accounts.grant_role(cast.staff.person_id, Role.ADMINISTRATOR, by=None, now=LONG_AGO)
    gone = accounts.grant_role(cast.author.person_id, Role.ADMINISTRATOR, by=None, now=LONG_AGO)
    gone.withdrawn_at = NOON
    db.session.commit()

    sealing.keep_record(NOON)

    told = set(db.session.scalars(select(Notice.person_id)))
    assert told == {cast.staff.person_id, cast.administrator.person_id}


def test_nothing_is_mailed_before_there_is_a_seal(cast: Cast) -> None:
    assert sealing.keep_record(NOON) == 0


def test_many_workers_at_midnight_mail_once(app: Flask, cast: Cast) -> None:
    something_happens()

    done = at_once(app, 4, lambda _hand: sealing.keep_record(NOON))

    assert sum(done) == 2
    assert db.session.scalar(select(func.count(Notice.id))) == 1


def test_the_loop_seals_and_mails(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    something_happens()
    stop, letters = threading.Event(), []

    def deliver(letter: Letter, _mail_url: str) -> None:
        letters.append(letter)
        stop.set()

    monkeypatch.setattr(mail, "deliver", deliver)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.01)
    loop = threading.Thread(target=worker.run_forever, args=(app, stop), daemon=True)

    loop.start()
    loop.join(timeout=30)

    head = audit_sealing.head()
    assert head is not None
    assert not loop.is_alive()
    assert [letter.to_address for letter in letters] == [cast.administrator.email]
    assert head.digest in letters[0].text
    assert head.digest not in letters[0].subject
