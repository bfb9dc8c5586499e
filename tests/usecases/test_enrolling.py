"""Entering a program, and leaving it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts import queries as accounts
from lms.catalog.models import Enrollment, EnrollmentClosed, EnrollmentStatus
from lms.catalog.services import AlreadyEnrolled
from lms.content import queries as content
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import NotFound
from lms.live.models import SeatStatus
from lms.pathway.deciding import NotReady, enrol_decision
from lms.pathway.models import StandingRow, Waiver
from lms.requirements import Program
from lms.usecases import booking, enrolling
from lms.usecases.enrolling import AddressUnconfirmed, NotOffered, why_not_offered
from tests.support.cast import Cast
from tests.support.classes import announce, told
from tests.support.moments import DAY, LONG_AGO, NOON
from tests.support.studying import be_member_of_age, enrolled, tell


def actions(enrollment_id: int) -> list[str]:
    entries = select(AuditEntry.action).where(
        AuditEntry.object_kind == "enrollment", AuditEntry.object_id == str(enrollment_id)
    )
    return list(db.session.scalars(entries.order_by(AuditEntry.id)))


def test_an_enrollment_is_pinned_noted_told_and_indexed(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)

    assert enrollment.status is EnrollmentStatus.ACTIVE
    assert enrollment.release_id == content.current_release_id()
    assert actions(enrollment.id) == ["enrol"]
    assert told(cast.learner.person_id) == ["enrolled"]
    assert db.session.get_one(StandingRow, enrollment.id).reachable == ["warming-up", "throwing-safely"]


def test_a_refusal_names_everything_that_is_missing_and_changes_nothing(app: Flask, cast: Cast) -> None:
    with pytest.raises(NotReady) as refusal:
        enrolling.enrol(cast.learner.person_id, "coach", track="", now=NOON)

    assert [leaf.key for leaf in refusal.value.decision.missing()] == ["membership", "min_age:18"]
    assert db.session.scalars(select(Enrollment)).all() == []


def test_who_never_confirmed_their_address_is_not_enrolled(app: Flask, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    account = accounts.account_of(cast.learner.person_id)
    assert account is not None
    account.verified_at = None

    with pytest.raises(AddressUnconfirmed):
        enrolling.enrol(cast.learner.person_id, "coach", track="", now=NOON)

    assert db.session.scalars(select(Enrollment)).all() == []


def test_one_thing_told_leaves_the_other_missing(app: Flask, cast: Cast) -> None:
    tell(cast.learner, "birth_date", "1990-05-17")

    with pytest.raises(NotReady) as refusal:
        enrolling.enrol(cast.learner.person_id, "coach", track="", now=NOON)

    assert [leaf.key for leaf in refusal.value.decision.missing()] == ["membership"]


@pytest.mark.parametrize(
    ("program_id", "leaf_key", "still_missing"),
    [("coach", "min_age:18", []), ("starter", "min_age:18", ["min_age:18"]), ("coach", "min_age:16", ["min_age:18"])],
)
def test_a_waiver_counts_in_its_program_and_for_what_it_was_asked(
    app: Flask, cast: Cast, program_id: str, leaf_key: str, still_missing: list[str]
) -> None:
    tell(cast.learner, "membership", "current", until=NOON.date() + 90 * DAY)
    db.session.add(
        Waiver(
            person_id=cast.learner.person_id,
            program_id=program_id,
            leaf_key=leaf_key,
            reason="Ripe for it",
            granted_at=LONG_AGO,
            granted_by=cast.staff.person_id,
        )
    )
    db.session.commit()
    coach = content.program("coach")
    assert coach is not None

    decision = enrol_decision(cast.learner.person_id, coach, now=NOON)

    assert [leaf.key for leaf in decision.missing()] == still_missing


def test_who_has_everything_enters(app: Flask, cast: Cast) -> None:
    be_member_of_age(cast.learner)

    assert enrolled(cast.learner, "coach").program_id == "coach"


def test_nobody_enters_twice_at_a_time(app: Flask, cast: Cast) -> None:
    enrolled(cast.learner)

    with pytest.raises(AlreadyEnrolled):
        enrolling.enrol(cast.learner.person_id, "starter", track="", now=NOON)


def test_an_unknown_program_is_not_found(app: Flask, cast: Cast) -> None:
    with pytest.raises(NotFound):
        enrolling.enrol(cast.learner.person_id, "no-such", track="", now=NOON)


def test_a_track_that_the_program_does_not_have_is_refused(app: Flask, cast: Cast) -> None:
    with pytest.raises(NotOffered):
        enrolling.enrol(cast.learner.person_id, "starter", track="throws", now=NOON)


@pytest.mark.parametrize(
    ("family", "words"), [("partner", "taken with"), ("continuing", "not published")], ids=["partner", "unpublished"]
)
def test_what_can_not_be_entered_says_why(family: str, words: str) -> None:
    program = Program("one", "One", family, "online", provider="A partner")  # type: ignore[arg-type]  # two of the four words

    reason = why_not_offered(program)

    assert reason is not None
    assert words in reason.in_english()


def test_leaving_keeps_what_was_done_and_a_new_beginning_is_new(app: Flask, cast: Cast) -> None:
    first = enrolled(cast.learner, now=LONG_AGO)

    enrolling.withdraw(cast.learner.person_id, "starter", now=NOON)
    second = enrolled(cast.learner, now=NOON)

    assert (first.status, first.closed_at) == (EnrollmentStatus.WITHDRAWN, NOON)
    assert actions(first.id) == ["enrol", "withdraw"]
    assert second.id != first.id


def test_leaving_twice_is_refused(app: Flask, cast: Cast) -> None:
    enrolled(cast.learner)
    enrolling.withdraw(cast.learner.person_id, "starter", now=NOON)

    with pytest.raises(EnrollmentClosed):
        enrolling.withdraw(cast.learner.person_id, "starter", now=NOON)


def test_leaving_what_one_never_entered_is_not_found(app: Flask, cast: Cast) -> None:
    enrolled(cast.learner)

    with pytest.raises(NotFound):
        enrolling.withdraw(cast.stranger.person_id, "starter", now=NOON)


def test_who_leaves_gives_back_the_seats_of_that_enrollment_and_may_book_anew(app: Flask, cast: Cast) -> None:
    offering, over = announce(), announce(starts_at=NOON - 2 * DAY)
    first = enrolled(cast.learner, "workshop")
    gone = booking.book(cast.learner.person_id, over.token, now=NOON - 2 * DAY)
    seat = booking.book(cast.learner.person_id, offering.token, now=NOON)

    enrolling.withdraw(cast.learner.person_id, "workshop", now=NOON)
    second = enrolled(cast.learner, "workshop")
    again = booking.book(cast.learner.person_id, offering.token, now=NOON)

    assert (seat.status, seat.place, seat.enrollment_id) == (SeatStatus.CANCELLED, None, first.id)
    assert (again.status, again.enrollment_id) == (SeatStatus.CONFIRMED, second.id)
    assert gone.status is SeatStatus.CONFIRMED
    assert "seat_cancelled" in told(cast.learner.person_id)


def test_leaving_one_program_keeps_the_seats_of_another(app: Flask, cast: Cast) -> None:
    offering = announce()
    enrolled(cast.learner, "workshop")
    enrolled(cast.learner)
    seat = booking.book(cast.learner.person_id, offering.token, now=NOON)

    enrolling.withdraw(cast.learner.person_id, "starter", now=NOON)

    assert seat.status is SeatStatus.CONFIRMED
