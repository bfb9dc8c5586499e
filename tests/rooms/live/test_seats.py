"""Seats and their tables: what the database itself refuses, and what the services do."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms.foundation.database import db
from lms.foundation.errors import Conflict
from lms.live import queries, services
from lms.live.models import ClassFormat, ClassFull, Mark, Offering, OfferingStatus, Seat, SeatClosed, SeatStatus
from lms.live.queries import Place
from lms.live.services import NotBookable, NotYet
from tests.support.cast import Cast, Member
from tests.support.classes import COACH_CLASS, IN_A_MONTH, WORKSHOP_CLASS, announce, enrol, people
from tests.support.moments import DAY, HOUR, MINUTE, NOON


def book(offering: Offering, person_id: int) -> Seat:
    return services.book(offering.id, person_id=person_id, enrollment_id=enrol(person_id).id, now=NOON)


def book_member(offering: Offering, member: Member) -> Seat:
    return book(offering, member.person_id)


def sessions(offering: Offering) -> list[int]:
    return [session.number for session in queries.sessions_of([offering.id])[offering.id]]


# ---- booking


def test_places_are_given_from_the_first(app: Flask, cast: Cast) -> None:
    offering = announce()

    places = [book(offering, person_id).place for person_id in people(3)]

    assert places == [1, 2, 3]


def test_booking_twice_is_one_seat(app: Flask, cast: Cast) -> None:
    offering = announce()
    first = book_member(offering, cast.learner)

    again = services.book(offering.id, person_id=cast.learner.person_id, enrollment_id=first.enrollment_id, now=NOON)

    assert again is first


def test_a_full_class_says_so(app: Flask, cast: Cast) -> None:
    offering = announce(capacity=1)
    book_member(offering, cast.learner)

    with pytest.raises(ClassFull, match="last seat"):
        book_member(offering, cast.stranger)


def test_a_class_that_is_over_takes_no_bookings(app: Flask, cast: Cast) -> None:
    offering = announce(starts_at=NOON - 3 * DAY)

    with pytest.raises(NotBookable):
        book_member(offering, cast.learner)


def test_a_class_that_was_closed_meanwhile_takes_no_bookings(app: Flask, cast: Cast) -> None:
    offering = announce()
    # As another connection would have done it: the object this session holds still says "open".
    db.session.execute(
        update(Offering)
        .where(Offering.id == offering.id)
        .values(status=OfferingStatus.CLOSED)
        .execution_options(synchronize_session=False)
    )

    with pytest.raises(NotBookable):
        book_member(offering, cast.learner)


def test_the_table_refuses_the_same_place_twice(app: Flask, cast: Cast) -> None:
    offering = announce()
    seat = book_member(offering, cast.learner)

    with pytest.raises(Conflict):
        add_seat(offering, cast.stranger.person_id, place=seat.place)


def test_the_table_refuses_a_place_beyond_the_capacity(app: Flask, cast: Cast) -> None:
    offering = announce(capacity=2)

    with pytest.raises(IntegrityError):
        add_seat(offering, cast.stranger.person_id, place=3)


def test_the_table_refuses_a_live_seat_without_a_place(app: Flask, cast: Cast) -> None:
    offering = announce()

    with pytest.raises(IntegrityError):
        add_seat(offering, cast.stranger.person_id, place=None)


def test_the_table_refuses_two_live_seats_of_one_person(app: Flask, cast: Cast) -> None:
    offering = announce()
    seat = book_member(offering, cast.learner)

    with pytest.raises(Conflict):
        add_seat(offering, cast.learner.person_id, place=2, enrollment_id=seat.enrollment_id)


def test_a_place_taken_behind_our_back_reads_as_a_full_class(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering = announce(capacity=1)
    book_member(offering, cast.learner)
    monkeypatch.setattr(services, "lowest_free_place", lambda *_given: 1)

    with pytest.raises(ClassFull):
        book_member(offering, cast.stranger)

    assert queries.seats_taken([offering.id]) == {offering.id: 1}


def add_seat(offering: Offering, person_id: int, *, place: int | None, enrollment_id: int | None = None) -> None:
    db.session.add(
        Seat(
            offering_id=offering.id,
            person_id=person_id,
            enrollment_id=enrollment_id or enrol(person_id).id,
            status=SeatStatus.CONFIRMED,
            place=place,
            capacity=offering.capacity,
            booked_at=NOON,
        )
    )
    db.session.flush()


# ---- giving back


def test_a_seat_given_back_frees_its_place(app: Flask, cast: Cast) -> None:
    offering = announce(capacity=1)
    seat = book_member(offering, cast.learner)

    services.cancel(seat, offering, now=NOON)

    assert (seat.status, seat.place, seat.closed_at) == (SeatStatus.CANCELLED, None, NOON)
    assert book_member(offering, cast.stranger).place == 1


def test_a_seat_is_kept_once_the_class_has_begun(app: Flask, cast: Cast) -> None:
    offering = announce()
    seat = book_member(offering, cast.learner)

    with pytest.raises(SeatClosed, match="has begun"):
        services.cancel(seat, offering, now=offering.starts_at)

    assert seat.status is SeatStatus.CONFIRMED


# ---- marks


def test_the_newest_mark_of_a_session_counts(app: Flask, cast: Cast) -> None:
    offering = announce(cast.instructor, starts_at=NOON, sessions=1)
    seat = book_member(offering, cast.learner)
    [session] = queries.sessions_of([offering.id])[offering.id]

    for mark in (Mark.PRESENT, Mark.ABSENT):
        services.mark(seat, session, mark, note="", by=cast.instructor.person_id, now=NOON)

    assert queries.newest_marks([seat.id]) == {seat.id: {session.id: Mark.ABSENT}}
    assert seat.status is SeatStatus.ABSENT


def test_nobody_is_marked_long_before_a_session(app: Flask, cast: Cast) -> None:
    offering = announce(cast.instructor, starts_at=NOON)
    seat = book_member(offering, cast.learner)
    [first, _second] = queries.sessions_of([offering.id])[offering.id]

    with pytest.raises(NotYet):
        services.mark(seat, first, Mark.PRESENT, note="", by=cast.instructor.person_id, now=NOON - 3 * HOUR)


def test_a_seat_given_back_takes_no_mark(app: Flask, cast: Cast) -> None:
    offering = announce(cast.instructor, starts_at=NOON)
    seat = book_member(offering, cast.learner)
    services.cancel(seat, offering, now=NOON - HOUR)
    [first, _second] = queries.sessions_of([offering.id])[offering.id]

    with pytest.raises(SeatClosed):
        services.mark(seat, first, Mark.PRESENT, note="", by=cast.instructor.person_id, now=NOON)

    assert queries.newest_marks([seat.id]) == {seat.id: {}}


# ---- questions


def listed(**asked: object) -> list[str]:
    rows = queries.listed(NOON, **{"stage_ids": [WORKSHOP_CLASS, COACH_CLASS], **asked})  # type: ignore[arg-type]  # as asked
    return [row.offering.title for row in rows]


def test_classes_are_listed_soonest_first_with_those_of_own_programs_before_others(app: Flask, cast: Cast) -> None:
    announce(title="later", starts_at=IN_A_MONTH + DAY)
    announce(title="sooner")
    announce(title="mine", stage=COACH_CLASS, starts_at=IN_A_MONTH + 2 * DAY)

    assert listed() == ["sooner", "later", "mine"]
    assert listed(first=[COACH_CLASS]) == ["mine", "sooner", "later"]


def test_drafts_and_what_is_over_or_cancelled_are_not_listed(app: Flask, cast: Cast) -> None:
    announce(title="draft").status = OfferingStatus.DRAFT
    announce(title="cancelled").status = OfferingStatus.CANCELLED
    announce(title="over", starts_at=NOON - 5 * DAY)
    announce(title="running", starts_at=NOON - HOUR)
    announce(title="closed").status = OfferingStatus.CLOSED

    assert listed() == ["running", "closed"]


def test_a_page_begins_where_the_one_before_ended(app: Flask, cast: Cast) -> None:
    for number in range(7):  # two at the same moment, so that the token decides
        announce(stage=COACH_CLASS if number % 3 else WORKSHOP_CLASS, starts_at=IN_A_MONTH + (number // 2) * DAY)
    asked = partial(queries.listed, NOON, stage_ids=[WORKSHOP_CLASS, COACH_CLASS], first=[COACH_CLASS])
    everything = [row.offering.token for row in asked()]

    walked: list[str] = []
    after = None
    while page := asked(after=after, limit=2):
        walked += [row.offering.token for row in page]
        last = page[-1].offering
        after = Place(0 if last.stage_id == COACH_CLASS else 1, last.starts_at, last.token)

    assert walked == everything
    assert len(walked) == 7


def test_a_listed_class_knows_how_many_seats_are_left_and_whether_one_is_mine(app: Flask, cast: Cast) -> None:
    offering = announce(capacity=3)
    book_member(offering, cast.learner)
    given_back = book_member(offering, cast.stranger)
    services.cancel(given_back, offering, now=NOON)

    rows = [
        queries.listed(NOON, stage_ids=[WORKSHOP_CLASS], person_id=who.person_id)[0]
        for who in (cast.learner, cast.stranger)
    ]

    assert [(row.left, row.mine) for row in rows] == [(2, True), (2, False)]


def test_classes_are_counted_by_format(app: Flask, cast: Cast) -> None:
    announce()
    announce(format=ClassFormat.IN_PERSON, place="Eugene")
    announce(format=ClassFormat.IN_PERSON, place="Houston", stage=COACH_CLASS)

    counts = queries.counted_by_format(NOON, stage_ids=[WORKSHOP_CLASS])

    assert counts == {ClassFormat.ZOOM: 1, ClassFormat.IN_PERSON: 1}


def test_sessions_that_meet_at_the_same_time_clash(app: Flask, cast: Cast) -> None:
    mine = announce(title="mine")
    book_member(mine, cast.learner)
    touching = announce(starts_at=IN_A_MONTH + 2 * HOUR, sessions=1)
    between = announce(starts_at=IN_A_MONTH + 12 * HOUR, sessions=1)
    overlapping = announce(starts_at=IN_A_MONTH + DAY + HOUR, sessions=1)

    clashes = [queries.double_booked(cast.learner.person_id, one.id) for one in (mine, touching, between, overlapping)]

    assert clashes == [None, None, None, mine]


def test_a_seat_given_back_clashes_with_nothing(app: Flask, cast: Cast) -> None:
    mine, other = announce(), announce()
    services.cancel(book_member(mine, cast.learner), mine, now=NOON)

    assert queries.double_booked(cast.learner.person_id, other.id) is None


def test_a_class_is_taught_by_its_instructors_alone(app: Flask, cast: Cast) -> None:
    offering = announce(cast.instructor)

    assert queries.taught(cast.instructor.person_id, offering.token) is offering
    assert queries.taught(cast.staff.person_id, offering.token) is None
    assert list(queries.instructors_of(offering.id)) == [cast.instructor.name]


def test_past_classes_are_paged_newest_first(app: Flask, cast: Cast) -> None:
    past = [announce(cast.instructor, starts_at=NOON - number * 10 * DAY) for number in range(1, 4)]
    coming = announce(cast.instructor)
    me = cast.instructor.person_id

    first = queries.taught_by(me, ended_before=NOON, limit=2)
    rest = queries.taught_by(me, ended_before=NOON, before=(first[-1].starts_at, first[-1].token), limit=2)

    assert [*first, *rest] == past
    assert list(queries.taught_by(me, ended_since=NOON)) == [coming]


def test_the_roster_names_live_seats_by_place(app: Flask, cast: Cast) -> None:
    offering = announce()
    services.cancel(book_member(offering, cast.staff), offering, now=NOON - MINUTE)
    book_member(offering, cast.stranger)
    book_member(offering, cast.learner)

    assert [(line.seat.place, line.name) for line in queries.roster(offering.id)] == [
        (1, cast.stranger.name),
        (2, cast.learner.name),
    ]
