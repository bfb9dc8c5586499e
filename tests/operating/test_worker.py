"""The worker: letters at least once, everything else in the transaction that marks it done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from lms import worker
from lms.accounts.models import MailToken
from lms.assessment.models import Attempt, AttemptStatus, Score
from lms.credentials.models import Certificate, Rendering
from lms.foundation import outbox, unit_of_work
from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.foundation.outbox import OutboxRow
from lms.foundation.settings import Settings
from lms.interop import mail
from lms.interop.mail import Letter, PermanentFailure, TemporaryFailure
from lms.notices import letters
from lms.notices import services as notices
from lms.pathway.models import StandingRow
from lms.usecases import advancing, registering, submitting
from tests.support import sittings
from tests.support.cast import Cast
from tests.support.moments import DAY, HOUR, MINUTE, NOON

MESSAGE = Message("Your seat is confirmed.")


class PostOffice:
    """Takes letters, or fails as told; notes whether a transaction was open while it was asked."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.failure: BaseException | None = None
        self.when_asked: Callable[[], None] = lambda: None
        self.asked_inside_a_transaction = False

    def deliver(self, letter: Letter, _mail_url: str) -> None:
        self.asked_inside_a_transaction |= db.session().in_transaction()
        self.letters.append(letter)
        self.when_asked()
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def post_office(monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    office = PostOffice()
    monkeypatch.setattr(mail, "deliver", office.deliver)
    return office


def tell(cast: Cast, key: str = "seat:1") -> None:
    notices.tell(cast.learner.person_id, key, "seat", MESSAGE, path="/classes/x", now=NOON)
    db.session.commit()


def work(now: datetime = NOON) -> int:
    """One turn, as the loop takes it: whatever the test holds is committed before."""
    db.session.commit()
    return worker.run_once(now)


def row(key: str) -> OutboxRow:
    return db.session.scalars(select(OutboxRow).where(OutboxRow.key == key)).one()


def rows(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_letter_is_sent_once_and_outside_every_transaction(cast: Cast, post_office: PostOffice) -> None:
    tell(cast)

    done = [work(), work(NOON + DAY)]

    assert done == [1, 0]
    assert [letter.to_address for letter in post_office.letters] == [cast.learner.email]
    assert not post_office.asked_inside_a_transaction
    assert (row("mail:seat:1").delivered_at, row("mail:seat:1").payload) == (NOON, {})


def test_a_letter_reaches_the_folder_that_settings_name(cast: Cast, app: Flask) -> None:
    tell(cast)

    work()

    settings: Settings = app.extensions["lms_settings"]
    folder = Path(settings.mail_url.removeprefix("file:"))
    mail_id = letters.message_id_of("mail:seat:1", settings.base_url)
    assert "Your seat is confirmed." in (folder / f"{mail_id.strip('<>')}.eml").read_text()


def test_a_letter_that_was_not_taken_is_tried_again_under_the_same_id(cast: Cast, post_office: PostOffice) -> None:
    tell(cast)
    post_office.failure = TemporaryFailure("451 busy")
    work()
    post_office.failure = None

    too_early = work(NOON + MINUTE / 10)
    work(NOON + MINUTE)

    assert too_early == 0
    assert len(post_office.letters) == 2
    assert len({letter.message_id for letter in post_office.letters}) == 1
    assert (row("mail:seat:1").attempts, row("mail:seat:1").delivered_at) == (1, NOON + MINUTE)


def test_a_letter_that_nobody_will_ever_take_is_given_up(cast: Cast, post_office: PostOffice) -> None:
    tell(cast)
    post_office.failure = PermanentFailure("550 no such mailbox")

    done = [work(), work(NOON + DAY)]

    assert done == [1, 0]
    assert (row("mail:seat:1").gave_up_at, row("mail:seat:1").last_error) == (NOON, "550 no such mailbox")


def test_trying_ends_after_some_days(cast: Cast, post_office: PostOffice) -> None:
    tell(cast)
    post_office.failure = TemporaryFailure("451 busy")
    now = NOON

    while row("mail:seat:1").gave_up_at is None:
        work(now)
        now += 7 * HOUR

    assert len(post_office.letters) == worker.MOST_TRIES


def test_one_broken_job_does_not_hold_up_the_others(cast: Cast, post_office: PostOffice) -> None:
    outbox.put("mail", "mail:broken", {}, now=NOON)
    outbox.put("no such topic", "stray", {}, now=NOON)
    tell(cast)

    work()

    assert row("mail:seat:1").delivered_at == NOON
    assert row("mail:broken").delivered_at is None
    assert row("stray").attempts == 1


def test_what_a_worker_died_over_is_taken_up_when_its_lease_ends(cast: Cast, post_office: PostOffice) -> None:
    tell(cast)
    post_office.failure = SystemExit("killed")
    with pytest.raises(SystemExit):
        work()
    post_office.failure = None

    while_leased = work(NOON + MINUTE)
    afterwards = work(NOON + worker.LEASE)

    assert (while_leased, afterwards) == (0, 1)
    assert len({letter.message_id for letter in post_office.letters}) == 1


def test_a_request_for_a_new_password_is_answered_once(cast: Cast, post_office: PostOffice) -> None:
    registering.ask_for_reset(cast.learner.email, now=NOON)
    registering.ask_for_reset("nobody@example.org", now=NOON)

    work()

    assert rows(MailToken) == 1
    assert [letter.to_address for letter in post_office.letters] == [cast.learner.email]
    assert "/reset/" in post_office.letters[0].text


def test_a_changed_rule_moves_everyone_who_is_enrolled(cast: Cast) -> None:
    for member in (cast.learner, cast.stranger):
        sittings.enrol(member, "starter")
    db.session.execute(delete(StandingRow))
    outbox.put("advance_all", "advance_all:2", {}, now=NOON)

    work()

    assert set(db.session.scalars(select(StandingRow.person_id))) == {cast.learner.person_id, cast.stranger.person_id}
    assert row(f"advance_all:2:{cast.learner.person_id}").delivered_at == NOON


def test_who_comes_of_age_is_moved_on_that_day(cast: Cast) -> None:
    sittings.enrol(cast.learner, "starter")
    work()
    standing = db.session.scalars(select(StandingRow)).one()
    standing.next_change_at = NOON + DAY
    decided_at = standing.decided_at

    before = work(NOON)
    done = work(NOON + DAY)

    db.session.refresh(standing)
    assert (before, done) == (0, 1)
    assert standing.decided_at > decided_at
    assert standing.next_change_at is None


def test_one_person_whose_facts_are_broken_does_not_hold_up_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for member in (cast.learner, cast.stranger):
        sittings.enrol(member, "starter")
    for standing in db.session.scalars(select(StandingRow)):
        standing.next_change_at = NOON
    whole = advancing.advance

    def advance(person_id: int, *, now: datetime) -> advancing.Advanced:
        if person_id == cast.learner.person_id:
            raise LookupError("broken")
        return whole(person_id, now=now)

    monkeypatch.setattr(advancing, "advance", advance)

    work()

    waiting = select(StandingRow.person_id).where(StandingRow.next_change_at.is_not(None))
    assert list(db.session.scalars(waiting)) == [cast.learner.person_id]


def test_a_sitting_whose_time_is_over_is_submitted_once(cast: Cast) -> None:
    attempt = sittings.sit(cast, cast.learner)
    sittings.answer_all(attempt)
    work()

    in_time = work(NOON + 29 * MINUTE)
    work(NOON + HOUR)
    work(NOON + 2 * HOUR)

    db.session.refresh(attempt)
    assert in_time == 0
    assert attempt.status is AttemptStatus.RELEASED
    assert (rows(Score), rows(Certificate)) == (1, 1)


def test_one_broken_sitting_does_not_hold_up_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = sittings.sit(cast, cast.learner)
    sound = sittings.sit(cast, cast.stranger)
    whole = submitting.submit

    def submit(attempt: Attempt, **rest: object) -> submitting.Submitted:
        if attempt.id == broken.id:
            raise LookupError("broken")
        return whole(attempt, **rest)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(submitting, "submit", submit)

    work(NOON + HOUR)

    db.session.expire_all()
    assert (broken.is_open, sound.is_open) == (True, False)


def test_a_certificates_file_is_stored_once(cast: Cast) -> None:
    sittings.answer_all(sittings.sit(cast, cast.learner))
    work(NOON + HOUR)
    certificate_id = db.session.scalars(select(Certificate.id)).one()
    stored = db.session.scalars(select(Rendering)).one()
    outbox.put("rendering", "rendering:again", {"certificate_id": certificate_id}, now=NOON)

    work(NOON + HOUR)

    assert stored.document.startswith(b"%PDF")
    assert rows(Rendering) == 1


def test_an_idle_turn_takes_no_write_lock(app: Flask, cast: Cast, engine_kind: str) -> None:
    """Or it would stand in the way of whoever saves an answer, once a second."""
    if engine_kind != "sqlite":
        pytest.skip("PostgreSQL has no lock on the whole database")
    db.session.commit()
    with db.engine.connect() as other:  # begins in write mode: holds the lock
        other.exec_driver_sql("SELECT 1")

        done = worker.run_once(NOON)

    assert done == 0


def test_the_loop_ends_when_it_is_told_to(app: Flask, post_office: PostOffice, cast: Cast) -> None:
    tell(cast)
    stop = threading.Event()
    post_office.when_asked = stop.set
    loop = threading.Thread(target=worker.run_forever, args=(app, stop), daemon=True)

    loop.start()
    loop.join(timeout=30)

    assert not loop.is_alive()
    assert len(post_office.letters) == 1


def test_a_turn_that_fails_does_not_end_the_loop(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    turns: list[datetime] = []

    def run_once(now: datetime) -> int:
        turns.append(now)
        if len(turns) == 1:
            raise LookupError("broken")
        stop.set()
        return 0

    monkeypatch.setattr(worker, "run_once", run_once)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.01)

    worker.run_forever(app, stop)

    assert len(turns) == 2


def test_a_letter_that_was_sent_is_marked_however_busy_the_database_is(
    app: Flask, cast: Cast, post_office: PostOffice, engine_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would be sent again."""
    tell(cast)
    db.session.commit()
    monkeypatch.setattr(unit_of_work, "LOCK_PATIENCE_SECONDS", 0.02)
    other = db.engine.connect()
    waits: list[float] = []

    def take_lock() -> None:
        held = "SELECT 1" if engine_kind == "sqlite" else "SELECT 1 FROM outbox FOR UPDATE"
        other.exec_driver_sql(held)  # on SQLite it begins in write mode: holds the lock

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            other.rollback()

    post_office.when_asked = take_lock
    monkeypatch.setattr(worker, "pause_before_marking", wait)

    done = worker.run_once(NOON)

    other.close()
    assert done == 1
    assert len(waits) == 2
    assert len(post_office.letters) == 1
    assert db.session.scalars(select(OutboxRow.delivered_at)).all() == [NOON]
