"""Seats in classes: booked, and given back before the class begins."""

from __future__ import annotations

from datetime import datetime

from lms.accounts import services as accounts
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.foundation import audit
from lms.foundation.database import db
from lms.foundation.errors import DomainError, NotFound
from lms.foundation.messages import Message, Span
from lms.live import queries as live
from lms.live import services
from lms.live.models import ClassFormat, Offering, Seat
from lms.notices import services as notices
from lms.pathway.deciding import NotReady, seat_door
from lms.usecases import advancing


class NotEnrolled(DomainError):
    """The class belongs to programs in which the person is not enrolled."""

    code = "not-enrolled"


class DoubleBooked(DomainError):
    """The person has a seat in another class that meets at the same time."""

    code = "double-booked"


class SecondSeat(DomainError):
    """The person has a seat in another class for the same stage."""

    code = "second-seat"


def book(person_id: int, offering_token: str, *, now: datetime, may_be_second: bool = True) -> Seat:
    """Give a person a seat in a class, or return the one they have.

    Raises NotFound, NotBookable, NotEnrolled, NotReady with everything that is missing,
    DoubleBooked, ClassFull, or, unless it `may_be_second`, SecondSeat.
    """
    offering = _announced(offering_token)
    _lock(person_id)
    if standing := live.own_live_seat(person_id, offering.id):
        return standing
    services.refuse_unless_bookable(offering, now)
    enrollment = _ready_enrollment(person_id, offering, now)
    refuse_double_booking(person_id, offering)
    if not may_be_second:
        _refuse_second_seat(person_id, offering, now)
    seat = services.book(offering.id, person_id=person_id, enrollment_id=enrollment.id, now=now)
    audit.record("book", "seat", seat.id, actor_id=person_id, at=now, offering=offering.id)
    _tell(seat, offering, "confirmed", _booked(offering), now=now)
    advancing.advance(person_id, now=now)
    return seat


def cancel(person_id: int, offering_token: str, *, now: datetime) -> Seat:
    """Give a seat back, until the class begins; booking again undoes it. A seat given back before is returned as it is.

    Raises NotFound without a seat, SeatClosed once the class has begun.
    """
    offering = _announced(offering_token)
    _lock(person_id)
    seat = live.own_seat(person_id, offering.id)
    if seat is None:
        raise NotFound
    if not seat.is_live:
        return seat
    services.cancel(seat, offering, now=now)
    audit.record("cancel", "seat", seat.id, actor_id=person_id, at=now, offering=offering.id)
    said = Message("You gave back your seat in “{title}” on {starts_at}.", _of(offering))
    _tell(seat, offering, "cancelled", said, now=now)
    advancing.advance(person_id, now=now)
    return seat


def refuse_double_booking(person_id: int, offering: Offering) -> None:
    other = live.double_booked(person_id, offering.id)
    if other is not None:
        raise DoubleBooked(
            Message("You have a seat in “{title}” on {starts_at}, which meets at the same time.", _of(other)),
            remedy=Message("Give that seat back first, or choose another class."),
        )


def _refuse_second_seat(person_id: int, offering: Offering, now: datetime) -> None:
    other = live.other_seat_for_stage(person_id, offering, now)
    if other is not None:
        raise SecondSeat(
            Message("You have a seat in “{title}” on {starts_at}, which is for the same stage.", _of(other)),
            kept=Message("You have not been booked here."),
            remedy=Message("One is enough. Give that one back, or book this one beside it."),
        )


def _announced(token: str) -> Offering:
    offering = live.announced(token)
    if offering is None:
        raise NotFound
    return offering


def _lock(person_id: int) -> None:
    """A person's seats change one after the other: two bookings at once could both see a free weekend."""
    accounts.lock_person(person_id)


def _ready_enrollment(person_id: int, offering: Offering, now: datetime) -> Enrollment:
    """The enrollment that books, held until the transaction ends. Raises NotEnrolled or NotReady."""
    door = seat_door(person_id, offering.stage_id, meets_at=offering.starts_at, now=now)
    if door is not None:
        db.session.refresh(door[0], with_for_update=True)
    if door is None or door[0].status is not EnrollmentStatus.ACTIVE:
        raise NotEnrolled(
            "This class belongs to a program in which you are not enrolled.",
            remedy=Message("Enroll in a program that this class is a part of, then book."),
        )
    enrollment, decision = door
    if not decision.met:
        raise NotReady("You can't book this class yet.", decision)
    return enrollment


def _tell(seat: Seat, offering: Offering, what: str, message: Message, *, now: datetime) -> None:
    notices.tell(
        seat.person_id, f"seat:{seat.id}:{what}", f"seat_{what}", message, path=f"/classes/{offering.token}", now=now
    )


def _booked(offering: Offering) -> Message:
    """When and where: a class in person on the clocks of its place, one online on the reader's."""
    if offering.format is ClassFormat.IN_PERSON:
        zone, where = offering.zone, Message("You meet here: {place}.", {"place": offering.place})
    else:
        zone, where = "", Message("The link to join is on the page of the class from 30 minutes before each session.")
    sessions = live.sessions_of([offering.id])[offering.id]
    spans = tuple(Span(one.starts_at, one.ends_at, zone) for one in sessions)
    return Message(
        "You have a seat in “{title}”. It meets: {sessions}. {where} "
        "The page of the class has the dates for your calendar, and lets you give the seat back until the class begins.",
        {"title": offering.title, "sessions": spans, "where": where},
    )


def _of(offering: Offering) -> dict[str, str | datetime]:
    return {"title": offering.title, "starts_at": offering.starts_at}
