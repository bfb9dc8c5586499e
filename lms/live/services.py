"""Writes about classes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.foundation.database import db
from lms.foundation.errors import Conflict, DomainError
from lms.foundation.messages import Message
from lms.live import queries
from lms.live.models import (
    AttendanceMark,
    ClassFormat,
    ClassFull,
    LiveSession,
    Mark,
    Offering,
    OfferingStatus,
    Seat,
    SeatClosed,
    SeatStatus,
    Teaching,
)
from lms.live.rules import AttendanceRule, check_in_is_open, lowest_free_place, settled


class NotBookable(DomainError):
    """The class takes no bookings now."""

    code = "not-bookable"


class NotYet(DomainError):
    """A session is marked too early."""

    code = "not-yet"


@dataclass(frozen=True)
class Meeting:
    """One session to be: what it is about, and when (aware moments)."""

    title: str
    starts_at: datetime
    ends_at: datetime


def create_offering(
    stage_id: str,
    title: str,
    *,
    format: ClassFormat,  # noqa: A002  # the field's word
    zone: str,
    place: str,
    join_link: str,
    capacity: int,
    minimum: int,
    meetings: Sequence[Meeting],
    instructor_ids: Sequence[int],
    now: datetime,
) -> Offering:
    """Draft a class with its sessions and who teaches it. Raises ValueError without a session."""
    if not meetings:
        raise ValueError("A class needs at least one session.")
    offering = Offering(
        stage_id=stage_id,
        title=title,
        format=format,
        zone=zone,
        place=place,
        join_link=join_link,
        capacity=capacity,
        minimum=minimum,
        status=OfferingStatus.DRAFT,
        starts_at=min(meeting.starts_at for meeting in meetings),
        ends_at=max(meeting.ends_at for meeting in meetings),
        created_at=now,
    )
    db.session.add(offering)
    db.session.flush()
    for number, meeting in enumerate(sorted(meetings, key=lambda one: one.starts_at), start=1):
        db.session.add(
            LiveSession(
                offering_id=offering.id,
                number=number,
                title=meeting.title,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
            )
        )
    for person_id in instructor_ids:
        db.session.add(Teaching(offering_id=offering.id, person_id=person_id))
    db.session.flush()
    return offering


def open_offering(offering: Offering) -> None:
    """Raises NotBookable for any but a draft, or a class whose booking was closed."""
    if offering.status not in {OfferingStatus.DRAFT, OfferingStatus.CLOSED}:
        raise NotBookable("Only a draft, or a class whose booking is closed, can be opened for booking.")
    offering.status = OfferingStatus.OPEN


def close_offering(offering: Offering) -> None:
    """Seats stay; nobody takes another. Raises NotBookable for any class that is not open."""
    if offering.status is not OfferingStatus.OPEN:
        raise NotBookable("This class takes no bookings, so there is nothing to close.")
    offering.status = OfferingStatus.CLOSED


def name_teachers(offering: Offering, person_ids: Collection[int]) -> bool:
    """Have exactly these people teach a class. Returns whether anything changed."""
    held = {one.person_id: one for one in db.session.scalars(select(Teaching).filter_by(offering_id=offering.id))}
    for person_id in held.keys() - set(person_ids):
        db.session.delete(held[person_id])
    for person_id in set(person_ids) - held.keys():
        db.session.add(Teaching(offering_id=offering.id, person_id=person_id))
    return held.keys() != set(person_ids)


def meet(offering: Offering, meetings: Sequence[Meeting]) -> bool:
    """Have a class meet then, instead of when it did. Nobody may have a mark in it. Returns whether anything changed."""
    wanted = sorted(meetings, key=lambda one: one.starts_at)
    held = queries.sessions_of([offering.id])[offering.id]
    if [(one.title, one.starts_at, one.ends_at) for one in held] == [
        (one.title, one.starts_at, one.ends_at) for one in wanted
    ]:
        return False
    for gone in held[len(wanted) :]:
        db.session.delete(gone)
    for number, meeting in enumerate(wanted, start=1):
        session = held[number - 1] if number <= len(held) else LiveSession(offering_id=offering.id, number=number)
        session.title, session.starts_at, session.ends_at = meeting.title, meeting.starts_at, meeting.ends_at
        db.session.add(session)
    offering.starts_at = wanted[0].starts_at
    offering.ends_at = max(meeting.ends_at for meeting in wanted)
    return True


def book(offering_id: int, *, person_id: int, enrollment_id: int, now: datetime) -> Seat:
    """Give a person the lowest free place of a class, or return the seat they have.

    Raises NotBookable when the class is not open or is over, ClassFull when every place is taken.
    """
    offering = _locked(offering_id)
    if standing := queries.own_live_seat(person_id, offering_id):
        return standing
    refuse_unless_bookable(offering, now)
    place = lowest_free_place(queries.places_taken(offering_id), offering.capacity)
    if place is None:
        raise _full()
    seat = Seat(
        offering_id=offering_id,
        person_id=person_id,
        enrollment_id=enrollment_id,
        status=SeatStatus.CONFIRMED,
        place=place,
        capacity=offering.capacity,
        booked_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(seat)
    except Conflict as conflict:
        # The lock should have kept us apart; where it did not, the table itself tells us who was first.
        if standing := queries.own_live_seat(person_id, offering_id):
            return standing
        raise _full() from conflict
    return seat


def refuse_unless_bookable(offering: Offering, now: datetime) -> None:
    """Raises NotBookable when the class is not open or is over."""
    if not offering.takes_bookings(now):
        raise NotBookable("This class takes no bookings any more.", remedy=Message("Choose another class."))


def cancel(seat: Seat, offering: Offering, *, now: datetime) -> None:
    """Give a place back, before the class begins. Raises SeatClosed afterwards."""
    if now >= offering.starts_at:
        raise SeatClosed(
            "This class has begun, so the seat can't be given back any more.",
            remedy=Message("If you could not come, tell your instructor."),
        )
    seat.cancel(at=now)
    db.session.flush()


def mark(
    seat: Seat,
    session: LiveSession,
    mark: Mark,
    *,
    note: str,
    by: int,
    now: datetime,
    rule: AttendanceRule = AttendanceRule.ALL_SESSIONS,
) -> AttendanceMark:
    """Note what was seen of one person in one session, and settle the seat from all its marks.

    Raises NotYet before check-in opens, SeatClosed for a seat that was given up.
    """
    if not seat.is_live:
        raise SeatClosed("This seat was given back.")
    if not check_in_is_open(session.starts_at, at=now):
        raise NotYet(
            "This session can't be marked yet.", remedy=Message("Check-in opens two hours before the session begins.")
        )
    line = AttendanceMark(
        seat_id=seat.id, live_session_id=session.id, mark=mark, note=note, marked_at=now, marked_by=by
    )
    db.session.add(line)
    db.session.flush()
    sessions = [one.id for one in queries.sessions_of([seat.offering_id])[seat.offering_id]]
    seat.settle(settled(queries.newest_marks([seat.id])[seat.id], sessions, rule))
    return line


def _locked(offering_id: int) -> Offering:
    """The class as it is now: what the session held of it may be older than the lock."""
    wanted = select(Offering).where(Offering.id == offering_id).with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def _full() -> ClassFull:
    return ClassFull(
        "The last seat of this class is taken.",
        kept=Message("You have not been booked, and nothing else has changed."),
        remedy=Message("Choose another class."),
    )
