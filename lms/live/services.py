"""Writes about classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.foundation.database import db
from lms.foundation.errors import DomainError
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
    SeatStatus,
    Teaching,
)
from lms.live.rules import lowest_free_place, settled


class NotBookable(DomainError):
    """The class takes no bookings now."""

    code = "not-bookable"


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
    if offering.status is not OfferingStatus.DRAFT:
        raise NotBookable("Only a draft can be opened for booking.")
    offering.status = OfferingStatus.OPEN


def book(offering_id: int, *, person_id: int, enrollment_id: int, now: datetime) -> Seat:
    """Give a person the lowest free place of a class, or return the seat they have.

    Raises NotBookable when the class is not open or is over, ClassFull when every place is taken.
    """
    offering = db.session.scalars(select(Offering).where(Offering.id == offering_id).with_for_update()).one()
    if standing := queries.own_live_seat(person_id, offering_id):
        return standing
    if offering.status is not OfferingStatus.OPEN or offering.ends_at <= now:
        raise NotBookable("This class takes no bookings any more.", remedy=Message("Choose another class."))
    taken = [seat.place for seat in queries.seats_of(offering_id) if seat.place is not None]
    place = lowest_free_place(taken, offering.capacity)
    if place is None:
        raise ClassFull(
            "The last seat of this class is taken.",
            kept=Message("You have not been booked, and nothing else has changed."),
            remedy=Message("Choose another class."),
        )
    seat = Seat(
        offering_id=offering_id,
        person_id=person_id,
        enrollment_id=enrollment_id,
        status=SeatStatus.CONFIRMED,
        place=place,
        capacity=offering.capacity,
        booked_at=now,
    )
    db.session.add(seat)
    db.session.flush()
    return seat


def mark(seat: Seat, session: LiveSession, mark: Mark, *, note: str, by: int, now: datetime) -> AttendanceMark:
    """Note what was seen of one person in one session, and settle the seat from all its marks."""
    line = AttendanceMark(
        seat_id=seat.id, live_session_id=session.id, mark=mark, note=note, marked_at=now, marked_by=by
    )
    db.session.add(line)
    db.session.flush()
    sessions = [one.id for one in queries.sessions_of([seat.offering_id])[seat.offering_id]]
    seat.settle(settled(queries.newest_marks([seat.id])[seat.id], sessions))
    return line
