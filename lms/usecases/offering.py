"""Classes: drafted by staff, changed, opened for booking and closed, called off."""

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
from lms.live.rules import missing_to_open
from lms.live.services import Meeting
from lms.notices import services as notices
from lms.usecases import advancing

MOST_MEETINGS = 8
ENDED = frozenset({OfferingStatus.HELD, OfferingStatus.CANCELLED})


class NotComplete(DomainError):
    """A class lacks what people who book it must be able to count on."""

    code = "class-not-complete"


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


@dataclass(frozen=True)
class Changes:
    """What a class becomes. `anew` describes its days, format and zone too, while nobody has a seat; None leaves them."""

    title: str
    capacity: int
    minimum: int
    place: str
    join_link: str
    instructor_ids: Sequence[int]
    anew: NewClass | None = None


def change(viewer: Viewer, offering: Offering, to: Changes, *, now: datetime) -> int:
    """Change a class, and tell who has a seat where its way in or its place is another. Returns how many were told.

    Raises Forbidden, ClassOver once it is over or cancelled, NotComplete where it is open and would lack what
    it needs, Invalid for what can't be.
    """
    _refuse_others(viewer)
    _lock_holders(offering)
    db.session.refresh(offering, with_for_update=True)
    if offering.status in ENDED or offering.ends_at <= now:
        raise ClassOver("This class is over, or was cancelled.")
    _check_room(offering, to)
    was = _described(offering)
    moved = to.anew is not None and _describe_anew(offering, to.anew, now)
    offering.title, offering.place, offering.join_link = to.title, to.place, to.join_link
    offering.capacity, offering.minimum = to.capacity, to.minimum
    others_teach = services.name_teachers(offering, to.instructor_ids)
    db.session.flush()
    if offering.status is not OfferingStatus.DRAFT:
        _refuse_incomplete(offering)
    changed = [name for name, value in _described(offering).items() if was[name] != value]
    changed += [name for name, is_so in (("sessions", moved), ("instructors", others_teach)) if is_so]
    if not changed:
        return 0
    offering.sequence += 1
    audit.record("class_changed", "offering", offering.id, actor_id=viewer.person_id, at=now, what=", ".join(changed))
    return _tell_of_change(offering, changed, now=now)


def open_booking(viewer: Viewer, offering: Offering, *, now: datetime) -> None:
    """Let people book a draft, or a class whose booking was closed.

    Raises Forbidden, ClassOver once it has begun, NotComplete with what is missing, NotBookable for any other class.
    """
    _refuse_others(viewer)
    db.session.refresh(offering, with_for_update=True)
    if offering.starts_at <= now:
        raise ClassOver(
            "This class would have begun already.", remedy=Message("Cancel it, and make one for another day.")
        )
    _refuse_incomplete(offering)
    services.open_offering(offering)
    audit.record("class_opened", "offering", offering.id, actor_id=viewer.person_id, at=now)


def close_booking(viewer: Viewer, offering: Offering, *, now: datetime) -> None:
    """Let nobody else book; who has a seat keeps it. Raises Forbidden, NotBookable for a class that is not open."""
    _refuse_others(viewer)
    db.session.refresh(offering, with_for_update=True)
    services.close_offering(offering)
    audit.record("class_closed", "offering", offering.id, actor_id=viewer.person_id, at=now)


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


def _check_room(offering: Offering, to: Changes) -> None:
    if not 0 <= to.minimum <= to.capacity or to.capacity < 1:
        raise Invalid("A class has at least one place, and its minimum is not more than its places.")
    highest = max(live.places_taken(offering.id), default=0)
    if to.capacity < highest:
        raise Invalid(Message("Place {n} is taken, so the class has at least {n} places.", {"n": highest}))


def _describe_anew(offering: Offering, anew: NewClass, now: datetime) -> bool:
    """Stage, format, zone and days. Returns whether the days are others. Raises Invalid once somebody has a seat."""
    if live.has_begun_to_fill(offering.id):
        raise Invalid("Somebody has booked meanwhile: the days stay as they are. Cancel the class to change them.")
    _check(anew, now)
    offering.stage_id, offering.format, offering.zone = anew.stage_id, anew.format, anew.zone
    return services.meet(offering, anew.meetings)


def _described(offering: Offering) -> dict[str, object]:
    names = ("title", "stage_id", "format", "zone", "place", "join_link", "capacity", "minimum")
    return {name: getattr(offering, name) for name in names}


def _refuse_incomplete(offering: Offering) -> None:
    missing = missing_to_open(offering, teachers=len(live.teacher_ids(offering.id)))
    if missing:
        raise NotComplete(Message("Still missing: {missing}.", {"missing": tuple(missing)}))


def _tell_of_change(offering: Offering, changed: Sequence[str], *, now: datetime) -> int:
    """Once for each change; the new link itself is only ever on the page, for who has a seat."""
    said = []
    values: dict[str, str | datetime] = {
        "title": offering.title,
        "starts_at": offering.starts_at,
        "place": offering.place,
    }
    if "place" in changed and offering.format is ClassFormat.IN_PERSON:
        said.append(("place", Message("“{title}” of {starts_at} meets at another place: {place}", values)))
    if "join_link" in changed and offering.format is ClassFormat.ZOOM:
        words = "“{title}” of {starts_at} has a new link to join. It is on the page of the class, as the old one was."
        said.append(("link", Message(words, values)))
    holders = [seat.person_id for seat in live.seats_of(offering.id)] if said else []
    for what, message in said:
        for person_id in holders:
            key = f"class-changed:{offering.id}:{offering.sequence}:{what}:{person_id}"
            notices.tell(person_id, key, "class_changed", message, path=f"/classes/{offering.token}", now=now)
    return len(holders)


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
