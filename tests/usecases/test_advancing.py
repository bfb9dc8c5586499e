"""What follows from new facts: certificates, credits, the index, notices. Each once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from lms.accounts.models import Person
from lms.catalog.models import EnrollmentStatus
from lms.credentials.models import Certificate
from lms.foundation.database import db
from lms.foundation.outbox import OutboxRow
from lms.live.models import Mark
from lms.pathway import index
from lms.pathway.deciding import standing_of
from lms.pathway.models import Credit, StandingRow
from lms.usecases import advancing, attending, booking, starting, submitting
from tests.support import classes
from tests.support.cast import Cast
from tests.support.classes import COACH_CLASS, IN_A_MONTH, announce, end_membership, make_ready, seat_of, told
from tests.support.moments import DAY, HOUR, MINUTE, NOON
from tests.support.racing import at_once
from tests.support.sittings import answer_all, open_forms
from tests.support.studying import (
    FIRST_MODULE,
    be_member_of_age,
    enrolled,
    pass_modules,
    pass_quiz,
    read,
    tell,
)


def certificates() -> list[Certificate]:
    return list(db.session.scalars(select(Certificate).order_by(Certificate.id)))


def test_passing_the_last_module_issues_the_certificate_at_once(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)

    pass_modules(enrollment)

    [certificate] = certificates()
    assert (certificate.credential_id, certificate.holder_name) == ("starter", cast.learner.name)
    assert enrollment.status is EnrollmentStatus.COMPLETED
    assert told(cast.learner.person_id)[-1] == "certificate"
    assert db.session.get_one(StandingRow, enrollment.id).complete


def test_lessons_alone_issue_nothing(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)

    read(enrollment, "warm-up-order", "warm-up-time", "clear-sector")

    assert certificates() == []
    assert db.session.get_one(StandingRow, enrollment.id).summary["next"]["kind"] == "quiz"


def test_a_quiz_below_the_mark_passes_no_module(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)
    read(enrollment, "warm-up-order", "warm-up-time")

    pass_quiz(enrollment, FIRST_MODULE, right=0)

    assert db.session.get_one(StandingRow, enrollment.id).summary["track"][0]["parts_done"] == 0


def test_the_index_keeps_the_share_to_the_digit(app: Flask, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    enrollment = enrolled(cast.learner, "coach")
    read(enrollment, "warm-up-order", "warm-up-time")
    advancing.advance(cast.learner.person_id, now=NOON)
    db.session.commit()
    db.session.expire_all()

    kept = db.session.get_one(StandingRow, enrollment.id).share

    assert 0 < kept < 1
    assert kept == standing_of(enrollment, now=NOON).share


def test_advancing_again_changes_nothing(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)
    pass_modules(enrollment)
    before = told(cast.learner.person_id)

    again = advancing.advance(cast.learner.person_id, now=NOON + DAY)

    assert again == advancing.Advanced()
    assert len(certificates()) == 1
    assert told(cast.learner.person_id) == before


def test_many_advances_at_once_issue_one_certificate(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)
    read(enrollment, "warm-up-order", "warm-up-time", "clear-sector")
    pass_quiz(enrollment, FIRST_MODULE)
    person_id = cast.learner.person_id
    pass_quiz(enrollment, "throwing-safely")

    at_once(app, 6, lambda _hand: len(advancing.advance(person_id, now=NOON).certificates))

    assert len(certificates()) == 1


def test_while_somebody_is_moved_on_rows_may_refer_to_them(app: Flask, cast: Cast) -> None:
    """What PostgreSQL asks of a row that is referred to is a key share: an answer that is saved meanwhile takes one."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer, and no locks of rows.")
    advancing.advance(cast.learner.person_id, now=NOON)

    with db.engine.connect() as elsewhere:
        shared = elsewhere.execute(
            select(Person.id)
            .where(Person.id == cast.learner.person_id)
            .with_for_update(read=True, key_share=True, nowait=True)
        ).all()
        held = select(Person.id).where(Person.id == cast.learner.person_id).with_for_update(key_share=True, nowait=True)
        with pytest.raises(OperationalError):
            elsewhere.execute(held)

    assert len(shared) == 1


def test_a_certificate_credits_the_stage_that_teaches_the_same(app: Flask, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    coach = enrolled(cast.learner, "coach")
    assert db.session.scalars(select(Credit)).all() == []

    pass_modules(enrolled(cast.learner))

    [credit] = db.session.scalars(select(Credit)).all()
    row = db.session.get_one(StandingRow, coach.id)
    assert (credit.enrollment_id, credit.stage_id) == (coach.id, "coach-basics")
    assert row.summary["next"]["kind"] == "book_class"
    assert "credited" in told(cast.learner.person_id)


def test_a_whole_blended_program_ends_in_its_certificate(app: Flask, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    coach = enrolled(cast.learner, "coach")
    pass_modules(coach)
    offering = announce(cast.instructor, stage=COACH_CLASS, sessions=1)
    open_forms(cast, "coach-exam")
    booking.book(cast.learner.person_id, offering.token, now=NOON)
    assert next_of(coach.id) == "attend"

    seat = seat_of(cast.learner, offering)
    attending.mark(cast.instructor.viewer(), offering.token, seat.token, 1, Mark.PRESENT, "", now=IN_A_MONTH)
    db.session.commit()
    assert next_of(coach.id) == "exam"

    sit_coach_exam(cast)

    [certificate] = certificates()
    assert certificate.credential_id == "coach"
    assert certificate.expires_on == date(2028, 12, 31)
    assert coach.status is EnrollmentStatus.COMPLETED
    topics = set(db.session.scalars(select(OutboxRow.topic)))
    assert "rendering" in topics


def test_a_membership_that_begins_later_brings_the_certificate_on_its_day(app: Flask, cast: Cast) -> None:
    """All is done on a day without membership: nothing but time stands in the way, so time must be watched."""
    later = IN_A_MONTH + 2 * DAY
    coach = make_ready(cast.learner)
    offering = announce(cast.instructor, stage=COACH_CLASS, sessions=1)
    open_forms(cast, "coach-exam")
    seat = booking.book(cast.learner.person_id, offering.token, now=NOON)
    attending.mark(cast.instructor.viewer(), offering.token, seat.token, 1, Mark.PRESENT, "", now=IN_A_MONTH)
    attempt = starting.start(cast.learner.person_id, "coach", "coach-exam", now=later)
    end_membership(cast.learner, (later - DAY).date())
    answer_all(attempt, now=later)
    submitting.submit(attempt, now=later)
    assert certificates() == []

    tell(cast.learner, "membership", "4418", since=(later + 5 * DAY).date())
    advancing.advance(cast.learner.person_id, now=later)
    opens_at = db.session.get_one(StandingRow, coach.id).next_change_at
    assert opens_at is not None
    assert index.due(opens_at) == [cast.learner.person_id]
    advancing.advance(cast.learner.person_id, now=opens_at)

    assert [one.credential_id for one in certificates()] == ["coach"]


def test_the_index_agrees_with_the_rules_whatever_was_done(app: Flask, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    enrollment = enrolled(cast.learner, "coach", now=NOON)
    read(enrollment, "warm-up-time", now=NOON)

    assert list(index.verify(NOON)) == []

    row = db.session.get_one(StandingRow, enrollment.id)
    row.reachable = []
    db.session.flush()
    assert list(index.verify(NOON)) == [(enrollment.id, "reachable")]
    assert index.rebuild(NOON) == 1
    assert list(index.verify(NOON)) == []


def next_of(enrollment_id: int) -> str:
    row = db.session.get_one(StandingRow, enrollment_id, populate_existing=True)
    return str(row.summary["next"]["kind"])


def sit_coach_exam(cast: Cast) -> None:
    later = IN_A_MONTH + 2 * DAY
    attempt = starting.start(cast.learner.person_id, "coach", "coach-exam", now=later)
    db.session.commit()
    answer_all(attempt, now=later)
    submitting.submit(attempt, now=later)
    db.session.commit()


@pytest.mark.parametrize("behind", [MINUTE, 2 * HOUR])
def test_who_advances_with_a_clock_behind_what_was_decided_overwrites_nothing(
    app: Flask, cast: Cast, behind: timedelta
) -> None:
    """A worker's turn that takes long still has the moment of its beginning; and a machine's clock may be set back."""
    enrollment = classes.enrol(cast.learner.person_id)
    offering = announce(cast.instructor)
    booking.book(cast.learner.person_id, offering.token, now=NOON)

    advancing.advance(cast.learner.person_id, now=NOON - behind)

    assert list(index.verify(NOON)) == []
    assert db.session.get_one(StandingRow, enrollment.id).decided_at == NOON


def test_a_clock_that_was_wrong_by_days_is_not_believed_for_ever(app: Flask, cast: Cast) -> None:
    enrollment = classes.enrol(cast.learner.person_id)
    advancing.advance(cast.learner.person_id, now=NOON + 30 * DAY)

    advancing.advance(cast.learner.person_id, now=NOON)

    assert db.session.get_one(StandingRow, enrollment.id).decided_at == NOON
