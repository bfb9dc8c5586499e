"""Questions about classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from lms.foundation.database import db
from lms.live.models import (
    AttendanceMark,
    ClassFormat,
    LiveSession,
    Mark,
    Offering,
    OfferingStatus,
    Seat,
    SeatStatus,
    Teaching,
)

LIVE_STATUSES = (
    SeatStatus.HELD,
    SeatStatus.CONFIRMED,
    SeatStatus.ATTENDED,
    SeatStatus.PARTLY,
    SeatStatus.ABSENT,
)


@dataclass(frozen=True)
class AttendedFact:
    """A class attended in full within an enrollment; it ended at `ended_at`."""

    seat_id: int
    enrollment_id: int
    stage_id: str
    ended_at: datetime


@dataclass(frozen=True)
class BookedSeat:
    """A seat with its class."""

    seat: Seat
    offering: Offering


def upcoming(
    now: datetime,
    *,
    stage_ids: Sequence[str] | None = None,
    format: ClassFormat | None = None,  # noqa: A002  # the field's word
    after: tuple[datetime, int] | None = None,
    limit: int = 20,
) -> Sequence[Offering]:
    """Classes that are announced and not over, soonest first; `after` is the (starts_at, id) of the last one shown."""
    offerings = select(Offering).where(
        Offering.status.in_((OfferingStatus.OPEN, OfferingStatus.CLOSED)), Offering.ends_at > now
    )
    if stage_ids is not None:
        offerings = offerings.where(Offering.stage_id.in_(stage_ids))
    if format is not None:
        offerings = offerings.where(Offering.format == format)
    if after is not None:
        starts_at, last_id = after
        offerings = offerings.where(
            or_(Offering.starts_at > starts_at, and_(Offering.starts_at == starts_at, Offering.id > last_id))
        )
    return db.session.scalars(offerings.order_by(Offering.starts_at, Offering.id).limit(limit)).all()


def announced(token: str) -> Offering | None:
    """A class as anyone may see it: not a draft."""
    return db.session.scalar(select(Offering).where(Offering.token == token, Offering.status != OfferingStatus.DRAFT))


def sessions_of(offering_ids: Sequence[int]) -> dict[int, list[LiveSession]]:
    """The sessions of each class, in order."""
    found: dict[int, list[LiveSession]] = {offering_id: [] for offering_id in offering_ids}
    rows = db.session.scalars(
        select(LiveSession).where(LiveSession.offering_id.in_(offering_ids)).order_by(LiveSession.number)
    )
    for session in rows:
        found[session.offering_id].append(session)
    return found


def seats_taken(offering_ids: Sequence[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(Seat.offering_id, func.count())
        .where(Seat.offering_id.in_(offering_ids), Seat.status.in_(LIVE_STATUSES))
        .group_by(Seat.offering_id)
    )
    counted = dict.fromkeys(offering_ids, 0)
    counted.update((offering_id, count) for offering_id, count in rows)
    return counted


def own_live_seat(person_id: int, offering_id: int) -> Seat | None:
    return db.session.scalar(
        select(Seat).where(Seat.person_id == person_id, Seat.offering_id == offering_id, Seat.status.in_(LIVE_STATUSES))
    )


def own_seats(person_id: int, *, since: datetime | None = None) -> list[BookedSeat]:
    """A person's live seats, soonest first; with `since`, only of classes that end later."""
    seats = (
        select(Seat, Offering)
        .join(Offering, Offering.id == Seat.offering_id)
        .where(Seat.person_id == person_id, Seat.status.in_(LIVE_STATUSES))
        .order_by(Offering.starts_at)
    )
    if since is not None:
        seats = seats.where(Offering.ends_at > since)
    return [BookedSeat(*row) for row in db.session.execute(seats)]


def attended(enrollment_ids: Sequence[int]) -> list[AttendedFact]:
    rows = db.session.execute(
        select(Seat.id, Seat.enrollment_id, Offering.stage_id, Offering.ends_at)
        .join(Offering, Offering.id == Seat.offering_id)
        .where(Seat.enrollment_id.in_(enrollment_ids), Seat.status == SeatStatus.ATTENDED)
        .order_by(Seat.id)
    )
    return [AttendedFact(*row) for row in rows]


def taught_by(person_id: int) -> Sequence[Offering]:
    """The classes a person teaches, newest first."""
    return db.session.scalars(
        select(Offering)
        .join(Teaching, Teaching.offering_id == Offering.id)
        .where(Teaching.person_id == person_id)
        .order_by(Offering.starts_at.desc(), Offering.id.desc())
    ).all()


def taught(person_id: int, token: str) -> Offering | None:
    """One class, for who teaches it; another's looks as if it did not exist."""
    return db.session.scalar(
        select(Offering)
        .join(Teaching, Teaching.offering_id == Offering.id)
        .where(Teaching.person_id == person_id, Offering.token == token)
    )


def offering_by_token(token: str) -> Offering | None:
    """Any class, draft or not, for staff."""
    return db.session.scalar(select(Offering).where(Offering.token == token))


def seats_of(offering_id: int) -> Sequence[Seat]:
    """The live seats of a class, by place."""
    return db.session.scalars(
        select(Seat).where(Seat.offering_id == offering_id, Seat.status.in_(LIVE_STATUSES)).order_by(Seat.place)
    ).all()


def seat_in(offering_id: int, token: str) -> Seat | None:
    return db.session.scalar(
        select(Seat).where(Seat.offering_id == offering_id, Seat.token == token, Seat.status.in_(LIVE_STATUSES))
    )


def newest_marks(seat_ids: Sequence[int]) -> dict[int, dict[int, Mark]]:
    """For each seat, the newest mark of each session by its id."""
    newest = (
        select(func.max(AttendanceMark.id))
        .where(AttendanceMark.seat_id.in_(seat_ids))
        .group_by(AttendanceMark.seat_id, AttendanceMark.live_session_id)
    )
    rows = db.session.execute(
        select(AttendanceMark.seat_id, AttendanceMark.live_session_id, AttendanceMark.mark).where(
            AttendanceMark.id.in_(newest)
        )
    )
    found: dict[int, dict[int, Mark]] = {seat_id: {} for seat_id in seat_ids}
    for seat_id, session_id, mark in rows:
        found[seat_id][session_id] = mark
    return found


def double_booked(person_id: int, starts_at: datetime, ends_at: datetime, *, but: int) -> Offering | None:
    """Another class of this person that meets at the same time, if there is one."""
    mine = (
        select(LiveSession.offering_id)
        .join(Seat, Seat.offering_id == LiveSession.offering_id)
        .where(
            Seat.person_id == person_id,
            Seat.status == SeatStatus.CONFIRMED,
            Seat.offering_id != but,
            LiveSession.starts_at < ends_at,
            LiveSession.ends_at > starts_at,
        )
    )
    return db.session.scalar(select(Offering).where(Offering.id.in_(mine)).limit(1))
