"""Seats in classes: booked, refused with everything that is missing, and given back."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from lms.content import queries as content
from lms.foundation import outbox
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import NotFound
from lms.live import queries
from lms.live.models import ClassFormat, ClassFull, OfferingStatus, SeatClosed, SeatStatus
from lms.live.services import NotBookable
from lms.notices.letters import Sender, letter_of
from lms.pathway.deciding import NotReady
from lms.pathway.models import StandingRow
from lms.usecases import booking, publishing
from lms.usecases.booking import DoubleBooked, NotEnrolled
from lms.web.live.showing import class_page
from tests.support.cast import Cast
from tests.support.classes import (
    COACH_CLASS,
    IN_A_MONTH,
    announce,
    end_membership,
    enrol,
    make_ready,
    told,
)
from tests.support.moments import DAY, HOUR, LONG_AGO, NOON
from tests.support.trees import campus_tree


def book(cast: Cast, token: str) -> SeatStatus:
    return booking.book(cast.learner.person_id, token, now=NOON).status


def actions(seat_id: int) -> list[str]:
    entries = select(AuditEntry.action).where(AuditEntry.object_kind == "seat", AuditEntry.object_id == str(seat_id))
    return list(db.session.scalars(entries.order_by(AuditEntry.id)))


# ---- booking


SECOND_WAY = b"""id: second-way
title: Second Way
family: continuing
delivery: blended
hours: 3
order: 9
summary: The same class, asking for no modules before it.
audience: Whoever knows the basics.
stages:
  - {id: coach-class, title: Live class, class: {formats: [zoom, in_person], attendance: all_sessions}, hours: 3}
award: {credential: workshop}
"""


def test_a_class_of_two_programs_is_booked_for_the_one_that_is_ready(app: Flask, cast: Cast) -> None:
    tree = campus_tree().with_file("programs/second-way.yaml", SECOND_WAY)
    publishing.publish(
        tree, message="A second way", base_id=content.current_release_id(), by=None, now=lambda: LONG_AGO
    )
    enrol(cast.learner.person_id, "coach")
    ready = enrol(cast.learner.person_id, "second-way")
    offering = announce(stage=COACH_CLASS)
    page = class_page(offering, cast.learner.viewer(), NOON)

    seat = booking.book(cast.learner.person_id, offering.token, now=NOON)

    assert page.may_book
    assert seat.enrollment_id == ready.id


def test_who_is_ready_gets_a_seat_and_is_told_once(app: Flask, cast: Cast) -> None:
    enrollment = make_ready(cast.learner)
    offering = announce(stage=COACH_CLASS)

    seat = booking.book(cast.learner.person_id, offering.token, now=NOON)

    assert (seat.status, seat.place, seat.enrollment_id) == (SeatStatus.CONFIRMED, 1, enrollment.id)
    assert told(cast.learner.person_id) == ["seat_confirmed"]
    assert actions(seat.id) == ["book"]
    assert db.session.get(StandingRow, enrollment.id) is not None


def letter_about(cast: Cast) -> str:
    [row] = [row for row in outbox.due(NOON) if row.key.endswith(":confirmed")]
    sender = Sender("Campus <campus@example.org>", "https://campus.example.org")
    letter = letter_of(row.payload, key=row.key, written_at=NOON, sender=sender)
    assert letter is not None
    return letter.text


def test_the_letter_of_a_class_online_says_every_session_on_the_readers_clocks(app: Flask, cast: Cast) -> None:
    make_ready(cast.learner)
    offering = announce(cast.instructor, stage=COACH_CLASS, sessions=2)

    book(cast, offering.token)

    text = letter_about(cast)
    assert "Wednesday 23 December 2026, 07:00–09:00 (Eastern Time)" in text
    assert "Thursday 24 December 2026, 07:00–09:00 (Eastern Time)" in text
    assert "The link to join is on the page of the class from 30 minutes before each session." in text
    assert offering.join_link not in text


def test_the_letter_of_a_class_in_person_says_its_own_clocks_and_its_place(app: Flask, cast: Cast) -> None:
    make_ready(cast.learner)
    offering = announce(
        cast.instructor, stage=COACH_CLASS, sessions=1, format=ClassFormat.IN_PERSON, place="Track 1, Chicago"
    )

    book(cast, offering.token)

    text = letter_about(cast)
    assert "Wednesday 23 December 2026, 06:00–08:00 (Central Time)" in text
    assert "You meet here: Track 1, Chicago." in text


def test_booking_twice_gives_the_same_seat_and_one_notice(app: Flask, cast: Cast) -> None:
    enrol(cast.learner.person_id)
    offering = announce()

    seats = {booking.book(cast.learner.person_id, offering.token, now=NOON).id for _time in range(2)}

    assert len(seats) == 1
    assert told(cast.learner.person_id) == ["seat_confirmed"]


def test_who_is_not_ready_is_told_everything_that_is_missing(app: Flask, cast: Cast) -> None:
    enrol(cast.learner.person_id, "coach")
    offering = announce(stage=COACH_CLASS)

    with pytest.raises(NotReady) as refused:
        book(cast, offering.token)

    missing = refused.value.decision.missing()
    assert len(missing) >= 2  # the modules and the membership
    assert all(leaf.remedy for leaf in missing)
    assert queries.own_seat(cast.learner.person_id, offering.id) is None


def test_a_membership_must_last_until_the_day_of_the_class(app: Flask, cast: Cast) -> None:
    make_ready(cast.learner)
    end_membership(cast.learner, (IN_A_MONTH - DAY).date())
    soon, later = announce(stage=COACH_CLASS, starts_at=NOON + 5 * DAY), announce(stage=COACH_CLASS)

    with pytest.raises(NotReady) as refused:
        book(cast, later.token)

    assert [leaf.key.partition(":")[0] for leaf in refused.value.decision.missing()] == ["membership"]
    assert book(cast, soon.token) is SeatStatus.CONFIRMED


def test_who_is_not_enrolled_is_told_so(app: Flask, cast: Cast) -> None:
    offering = announce()

    with pytest.raises(NotEnrolled):
        book(cast, offering.token)


def test_two_classes_at_the_same_time_are_refused_in_words(app: Flask, cast: Cast) -> None:
    enrol(cast.learner.person_id)
    first, second = announce(title="The first"), announce(starts_at=IN_A_MONTH + HOUR)
    book(cast, first.token)

    with pytest.raises(DoubleBooked, match="“The first”"):
        book(cast, second.token)


def test_a_full_class_is_refused_and_nobody_is_told(app: Flask, cast: Cast) -> None:
    for person_id in (cast.learner.person_id, cast.stranger.person_id):
        enrol(person_id)
    offering = announce(capacity=1)
    booking.book(cast.stranger.person_id, offering.token, now=NOON)

    with pytest.raises(ClassFull):
        book(cast, offering.token)

    assert told(cast.learner.person_id) == []


@pytest.mark.parametrize("status", [OfferingStatus.CLOSED, OfferingStatus.CANCELLED, OfferingStatus.HELD])
def test_only_an_open_class_takes_bookings(app: Flask, cast: Cast, status: OfferingStatus) -> None:
    enrol(cast.learner.person_id)
    offering = announce()
    offering.status = status

    with pytest.raises(NotBookable):
        book(cast, offering.token)


def test_a_draft_does_not_exist_yet(app: Flask, cast: Cast) -> None:
    enrol(cast.learner.person_id)
    offering = announce()
    offering.status = OfferingStatus.DRAFT

    for token in (offering.token, "unknown"):
        with pytest.raises(NotFound):
            book(cast, token)


# ---- giving back


def test_a_seat_given_back_is_free_for_others_and_can_be_booked_again(app: Flask, cast: Cast) -> None:
    for person_id in (cast.learner.person_id, cast.stranger.person_id):
        enrol(person_id)
    offering = announce(capacity=1)
    book(cast, offering.token)

    given = booking.cancel(cast.learner.person_id, offering.token, now=NOON + HOUR)
    undone = booking.book(cast.learner.person_id, offering.token, now=NOON + 2 * HOUR)

    assert (given.status, undone.status, undone.place) == (SeatStatus.CANCELLED, SeatStatus.CONFIRMED, 1)
    assert actions(given.id) == ["book", "cancel"]
    assert told(cast.learner.person_id) == ["seat_confirmed", "seat_cancelled", "seat_confirmed"]


def test_giving_back_twice_is_once(app: Flask, cast: Cast) -> None:
    enrol(cast.learner.person_id)
    offering = announce()
    book(cast, offering.token)

    seats = {booking.cancel(cast.learner.person_id, offering.token, now=NOON).id for _time in range(2)}

    assert len(seats) == 1
    assert told(cast.learner.person_id) == ["seat_confirmed", "seat_cancelled"]


def test_nothing_is_given_back_once_the_class_has_begun(app: Flask, cast: Cast) -> None:
    enrol(cast.learner.person_id)
    offering = announce()
    book(cast, offering.token)

    with pytest.raises(SeatClosed):
        booking.cancel(cast.learner.person_id, offering.token, now=offering.starts_at)


def test_who_has_no_seat_can_give_none_back(app: Flask, cast: Cast) -> None:
    offering = announce()

    with pytest.raises(NotFound):
        booking.cancel(cast.stranger.person_id, offering.token, now=NOON)
