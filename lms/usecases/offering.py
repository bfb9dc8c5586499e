"""Classes: drafted by staff, opened for booking, called off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from lms.accounts import services as accounts
from lms.accounts.rules import Capability, Viewer
from lms.foundation import audit
from lms.foundation.database import db
from lms.foundation.errors import DomainError, Forbidden, Invalid
from lms.foundation.messages import Message
from lms.live import queries as live
from lms.live import services
from lms.live.models import ClassFormat, Offering, OfferingStatus, Seat
from lms.live.services import Meeting
from lms.notices import services as notices
from lms.usecases import advancing

MOST_MEETINGS = 8
ENDED = frozenset({OfferingStatus.HELD, OfferingStatus.CANCELLED})


class ClassOver(DomainError):
    """The class was cancelled or held before, or it has begun."""

    code = "class-over"


@dataclass(frozen=True)
class NewClass:
    """A class as staff describe it. `place` is where people meet, `join_link` the address of an online class."""

    stage_id: str
    title: str
    format: ClassFormat
    zone: str
    capacity: int
    minimum: int
    meetings: Sequence[Meeting]
    place: str = ""
    join_link: str = ""
    instructor_ids: Sequence[int] = field(default=())


def create(viewer: Viewer, new: NewClass, *, now: datetime) -> Offering:
    """Draft a class that nobody can book yet. Raises Forbidden, or Invalid for meetings that can't be."""
    _refuse_others(viewer)
    _check(new, now)
    offering = services.create_offering(
        new.stage_id,
        new.title,
        format=new.format,
        zone=new.zone,
        place=new.place,
        join_link=new.join_link,
        capacity=new.capacity,
        minimum=new.minimum,
        meetings=new.meetings,
        instructor_ids=new.instructor_ids,
        now=now,
    )
    audit.record("class_drafted", "offering", offering.id, actor_id=viewer.person_id, at=now, stage=new.stage_id)
    return offering


def open_booking(viewer: Viewer, offering: Offering, *, now: datetime) -> None:
    """Let people book a draft. Raises Forbidden, ClassOver once it has begun, NotBookable for any but a draft."""
    _refuse_others(viewer)
    db.session.refresh(offering, with_for_update=True)
    if offering.starts_at <= now:
        raise ClassOver(
            "This class would have begun already.", remedy=Message("Cancel it, and make one for another day.")
        )
    services.open_offering(offering)
    audit.record("class_opened", "offering", offering.id, actor_id=viewer.person_id, at=now)


def cancel(viewer: Viewer, offering: Offering, reason: str, *, now: datetime) -> int:
    """Call a class off, give every seat back and tell who held one. Returns how many that were.

    Raises Forbidden, Invalid without a reason, ClassOver once it has begun or was cancelled.
    """
    _refuse_others(viewer)
    if not reason.strip():
        raise Invalid("Say why, so that the people who booked know.")
    _lock_holders(offering)
    db.session.refresh(offering, with_for_update=True)
    if offering.status in ENDED:
        raise ClassOver("This class was held or cancelled before.")
    if offering.starts_at <= now:
        raise ClassOver(
            "This class has begun.", remedy=Message("Mark who was there; a session that did not happen gets no mark.")
        )
    offering.status = OfferingStatus.CANCELLED
    offering.sequence += 1
    seats = live.seats_of(offering.id)
    for seat in seats:
        _give_back(seat, offering, reason.strip(), now=now)
    db.session.flush()
    audit.record("class_cancelled", "offering", offering.id, actor_id=viewer.person_id, at=now, seats=len(seats))
    for person_id in sorted({seat.person_id for seat in seats}):
        advancing.advance(person_id, now=now)
    return len(seats)


def _refuse_others(viewer: Viewer) -> None:
    if not viewer.can(Capability.RUN_CLASSES):
        raise Forbidden("Classes are run by the staff.")


def _check(new: NewClass, now: datetime) -> None:
    meetings = sorted(new.meetings, key=lambda one: one.starts_at)
    if not 1 <= len(meetings) <= MOST_MEETINGS:
        raise Invalid(Message("A class has 1 to {n} sessions.", {"n": MOST_MEETINGS}))
    if any(meeting.ends_at <= meeting.starts_at for meeting in meetings):
        raise Invalid("A session ends after it begins.")
    if any(later.starts_at < earlier.ends_at for earlier, later in pairwise(meetings)):
        raise Invalid("Two sessions of a class can't meet at the same time.")
    if meetings[0].starts_at <= now:
        raise Invalid("A class begins in the future.")
    if not 0 <= new.minimum <= new.capacity or new.capacity < 1:
        raise Invalid("A class has at least one place, and its minimum is not more than its places.")


def _lock_holders(offering: Offering) -> None:
    """People before the class, as everywhere. Who books meanwhile is locked by advancing, after it."""
    holders = [seat.person_id for seat in live.seats_of(offering.id)]
    accounts.lock_people(holders)


def _give_back(seat: Seat, offering: Offering, reason: str, *, now: datetime) -> None:
    seat.call_off(at=now)
    audit.record("class_cancelled", "seat", seat.id, actor_id=None, at=now, offering=offering.id)
    notices.tell(
        seat.person_id,
        f"class-cancelled:{seat.id}",
        "class_cancelled",
        Message(
            "The class “{title}” of {starts_at} will not take place: {reason}",
            {"title": offering.title, "starts_at": offering.starts_at, "reason": reason},
        ),
        path="/classes",
        now=now,
    )
