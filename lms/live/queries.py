"""Questions about classes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from lms.accounts.models import Account, Person, ScopeKind
from lms.accounts.rules import Capability, Viewer
from lms.content import queries as content
from lms.foundation.database import db
from lms.foundation.prepared import PreparedForMany, prepared
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
from lms.live.rules import counts_from

LIVE_STATUSES = (
    SeatStatus.HELD,
    SeatStatus.CONFIRMED,
    SeatStatus.ATTENDED,
    SeatStatus.PARTLY,
    SeatStatus.ABSENT,
)


PROMISING = (SeatStatus.HELD, SeatStatus.CONFIRMED, SeatStatus.ATTENDED)


@dataclass(frozen=True)
class AttendedFact:
    """A class attended in full within an enrollment; it counts from `since`."""

    seat_id: int
    enrollment_id: int
    stage_id: str
    since: datetime


@dataclass(frozen=True)
class BookedFact:
    """A seat taken within an enrollment that nothing yet speaks against: to come, or attended and counted from its end."""

    seat_id: int
    enrollment_id: int
    stage_id: str
    booked_at: datetime


@dataclass(frozen=True)
class BookedSeat:
    """A seat with its class."""

    seat: Seat
    offering: Offering


@dataclass(frozen=True)
class ListedClass:
    """A class in the list: how many places are taken, and whether one of them is the reader's."""

    offering: Offering
    taken: int
    mine: bool

    @property
    def left(self) -> int:
        return max(self.offering.capacity - self.taken, 0)


@dataclass(frozen=True)
class Place:
    """Where a page of the list ended: 0 for classes of the reader's own programs and 1 for others, start, token."""

    rank: int
    starts_at: datetime
    token: str


@dataclass(frozen=True)
class RosterLine:
    """One live seat with its holder's name."""

    seat: Seat
    name: str


ANNOUNCED = (OfferingStatus.OPEN, OfferingStatus.CLOSED)


def listed(
    now: datetime,
    *,
    stage_ids: Collection[str],
    first: Collection[str] = (),
    format: ClassFormat | None = None,  # noqa: A002  # the field's word
    person_id: int | None = None,
    after: Place | None = None,
    limit: int = 20,
) -> list[ListedClass]:
    """Classes of these stages that are not over: those of stages in `first` first, then soonest. One statement."""
    rank = case((Offering.stage_id.in_(first), 0), else_=1)
    taken = select(func.count()).where(Seat.offering_id == Offering.id, Seat.status.in_(LIVE_STATUSES))
    mine = exists().where(Seat.offering_id == Offering.id, Seat.person_id == person_id, Seat.status.in_(LIVE_STATUSES))
    offerings = (
        select(Offering, taken.scalar_subquery(), mine)
        .where(*_not_over(now, stage_ids))
        .order_by(rank, Offering.starts_at, Offering.token)
        .limit(limit)
    )
    if format is not None:
        offerings = offerings.where(Offering.format == format)
    if after is not None:
        later = or_(
            Offering.starts_at > after.starts_at,
            and_(Offering.starts_at == after.starts_at, Offering.token > after.token),
        )
        offerings = offerings.where(or_(rank > after.rank, and_(rank == after.rank, later)))
    return [ListedClass(*row) for row in db.session.execute(offerings)]


def counted_by_format(now: datetime, *, stage_ids: Collection[str]) -> dict[ClassFormat, int]:
    """How many classes of these stages are not over, by format."""
    rows = db.session.execute(
        select(Offering.format, func.count()).where(*_not_over(now, stage_ids)).group_by(Offering.format)
    )
    return {format_: count for format_, count in rows}  # noqa: C416  # rows are not pairs to mypy


def _not_over(now: datetime, stage_ids: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return Offering.status.in_(ANNOUNCED), Offering.ends_at > now, Offering.stage_id.in_(stage_ids)


def upcoming(
    now: datetime,
    *,
    stage_ids: Sequence[str] | None = None,
    format: ClassFormat | None = None,  # noqa: A002  # the field's word
    after: tuple[datetime, int] | None = None,
    limit: int = 20,
) -> Sequence[Offering]:
    """Classes that are announced and not over, soonest first; `after` is the (starts_at, id) of the last one shown."""
    offerings = select(Offering).where(Offering.status.in_(ANNOUNCED), Offering.ends_at > now)
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


def places_taken(offering_id: int) -> Sequence[int]:
    """The numbers of the places that somebody holds."""
    return db.session.scalars(
        select(Seat.place).where(
            Seat.offering_id == offering_id, Seat.status.in_(LIVE_STATUSES), Seat.place.is_not(None)
        )
    ).all()  # type: ignore[return-value]  # None is left out by the statement


def has_begun_to_fill(offering_id: int) -> bool:
    """Whether somebody has a seat in a class, or was marked in it before they gave it back."""
    marked = select(AttendanceMark.id).join(Seat, Seat.id == AttendanceMark.seat_id)
    held = select(Seat.id).where(Seat.offering_id == offering_id, Seat.status.in_(LIVE_STATUSES)).limit(1)
    return (
        db.session.scalar(held) is not None
        or db.session.scalar(marked.where(Seat.offering_id == offering_id).limit(1)) is not None
    )


def own_seat(person_id: int, offering_id: int) -> Seat | None:
    """A person's live seat in a class, else the newest they gave up."""
    live_first = case((Seat.status.in_(LIVE_STATUSES), 0), else_=1)
    return db.session.scalar(
        select(Seat)
        .where(Seat.person_id == person_id, Seat.offering_id == offering_id)
        .order_by(live_first, Seat.id.desc())
        .limit(1)
    )


def booked_by_token(seat_token: str) -> BookedSeat | None:
    """A seat, given up or not, for the calendar feed of its holder; none for somebody who is suspended."""
    row = db.session.execute(
        select(Seat, Offering)
        .join(Offering, Offering.id == Seat.offering_id)
        .outerjoin(Account, Account.person_id == Seat.person_id)
        .where(Seat.token == seat_token, Account.suspended_at.is_(None))
    ).one_or_none()
    return BookedSeat(*row) if row else None


OWN_SEATS = (
    select(Seat, Offering)
    .join(Offering, Offering.id == Seat.offering_id)
    .where(Seat.person_id == bindparam("person_id"), Seat.status.in_(LIVE_STATUSES))
    .order_by(Offering.starts_at)
)
OWN_SEATS_SINCE = OWN_SEATS.where(Offering.ends_at > bindparam("since"))


def own_seats(person_id: int, *, since: datetime | None = None) -> list[BookedSeat]:
    """A person's live seats, soonest first; with `since`, only of classes that end later."""
    asked = OWN_SEATS if since is None else OWN_SEATS_SINCE
    return [BookedSeat(*row) for row in db.session.execute(asked, {"person_id": person_id, "since": since})]


@dataclass(frozen=True)
class ComingClass:
    """A class in which somebody has a seat, as their list of dates needs it."""

    starts_at: datetime
    title: str
    token: str


COMING = prepared(
    select(Offering.starts_at, Offering.title, Offering.token)
    .join(Seat, Seat.offering_id == Offering.id)
    .where(
        Seat.person_id == bindparam("person_id"),
        Seat.status.in_([literal(status, Seat.status.type) for status in sorted(LIVE_STATUSES)]),
        Offering.ends_at > bindparam("since", type_=Offering.ends_at.type),
    )
    .order_by(Offering.starts_at, Offering.id)
)


def coming_classes(person_id: int, *, since: datetime) -> list[ComingClass]:
    """The classes that end later in which a person has a seat, soonest first."""
    return [ComingClass(*row) for row in COMING.rows(person_id=person_id, since=since)]


def _attended(enrollment_ids: list[BindParameter[int]]) -> Select[*tuple[Any, ...]]:
    last_session = select(func.max(LiveSession.starts_at)).where(LiveSession.offering_id == Seat.offering_id)
    last_mark = select(func.max(AttendanceMark.marked_at)).where(AttendanceMark.seat_id == Seat.id)
    return (
        select(
            Seat.id,
            Seat.enrollment_id,
            Offering.stage_id,
            Offering.ends_at,
            last_session.scalar_subquery(),
            last_mark.scalar_subquery(),
        )
        .join(Offering, Offering.id == Seat.offering_id)
        .where(Seat.enrollment_id.in_(enrollment_ids), Seat.status == SeatStatus.ATTENDED)
        .order_by(Seat.id)
    )


ATTENDED = PreparedForMany(_attended)
BOOKED = PreparedForMany(
    lambda enrollment_ids: (
        select(Seat.id, Seat.enrollment_id, Offering.stage_id, Seat.booked_at)
        .join(Offering, Offering.id == Seat.offering_id)
        .where(
            Seat.enrollment_id.in_(enrollment_ids),
            Seat.status.in_([literal(status, Seat.status.type) for status in PROMISING]),
        )
        .order_by(Seat.id)
    )
)


def attended(enrollment_ids: Sequence[int]) -> list[AttendedFact]:
    """Classes attended in full. One counts from its last session's mark, and from its end at the latest."""
    return [attended_fact(*row) for row in ATTENDED.rows(enrollment_ids)]


def attended_fact(
    seat_id: int,
    enrollment_id: int,
    stage_id: str,
    ends_at: datetime,
    began: datetime,
    marked: datetime,
) -> AttendedFact:
    """From a row of `ATTENDED`."""
    return AttendedFact(seat_id, enrollment_id, stage_id, counts_from(ends_at, last_session=began, last_mark=marked))


def taught_by(
    person_id: int,
    *,
    ended_before: datetime | None = None,
    ended_since: datetime | None = None,
    before: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> Sequence[Offering]:
    """The classes a person teaches, newest first; `before` is the (starts_at, token) of the last one shown."""
    offerings = (
        select(Offering)
        .join(Teaching, Teaching.offering_id == Offering.id)
        .where(Teaching.person_id == person_id)
        .order_by(Offering.starts_at.desc(), Offering.token.desc())
        .limit(limit)
    )
    if ended_before is not None:
        offerings = offerings.where(Offering.ends_at < ended_before)
    if ended_since is not None:
        offerings = offerings.where(Offering.ends_at >= ended_since)
    if before is not None:
        starts_at, token = before
        offerings = offerings.where(
            or_(Offering.starts_at < starts_at, and_(Offering.starts_at == starts_at, Offering.token < token))
        )
    return db.session.scalars(offerings).all()


def taught(person_id: int, token: str) -> Offering | None:
    """One class, for who teaches it; another's looks as if it did not exist."""
    return db.session.scalar(
        select(Offering)
        .join(Teaching, Teaching.offering_id == Offering.id)
        .where(Teaching.person_id == person_id, Offering.token == token)
    )


def run_by(viewer: Viewer) -> ColumnElement[bool]:
    """Which classes somebody runs: every one, those of a stage of their programs, and those named one by one."""
    if viewer.can_everywhere(Capability.RUN_CLASSES):
        return true()
    programs = viewer.scopes(Capability.RUN_CLASSES, ScopeKind.PROGRAM)
    stages = [stage.id for program in content.programs() if program.id in programs for stage in program.stages]
    tokens = viewer.scopes(Capability.RUN_CLASSES, ScopeKind.CLASS)
    named = [column.in_(ids) for column, ids in ((Offering.stage_id, stages), (Offering.token, tokens)) if ids]
    return or_(*named) if named else false()


def marked_by(viewer: Viewer, token: str) -> Offering | None:
    """One class, for who may mark attendance in it: its instructors, and who runs it once it is no draft any more."""
    own = taught(viewer.person_id, token) if viewer.can(Capability.TEACH) else None
    if own is not None or not viewer.can(Capability.RUN_CLASSES):
        return own
    return db.session.scalar(
        select(Offering).where(Offering.token == token, Offering.status != OfferingStatus.DRAFT, run_by(viewer))
    )


def teacher_ids(offering_id: int) -> Sequence[int]:
    """Who teaches a class, by id."""
    return db.session.scalars(
        select(Teaching.person_id).where(Teaching.offering_id == offering_id).order_by(Teaching.person_id)
    ).all()


def instructors_of(offering_id: int) -> Sequence[str]:
    """The names of those who teach a class."""
    return db.session.scalars(
        select(Person.name)
        .join(Teaching, Teaching.person_id == Person.id)
        .where(Teaching.offering_id == offering_id)
        .order_by(Person.name, Person.id)
    ).all()


def offering_by_token(token: str) -> Offering | None:
    """Any class, draft or not, for staff."""
    return db.session.scalar(select(Offering).where(Offering.token == token))


def seats_of(offering_id: int) -> Sequence[Seat]:
    """The live seats of a class, by place."""
    return db.session.scalars(
        select(Seat).where(Seat.offering_id == offering_id, Seat.status.in_(LIVE_STATUSES)).order_by(Seat.place)
    ).all()


def roster(offering_id: int) -> list[RosterLine]:
    """The live seats of a class with their holders' names, by place. One statement."""
    rows = db.session.execute(
        select(Seat, Person.name)
        .join(Person, Person.id == Seat.person_id)
        .where(Seat.offering_id == offering_id, Seat.status.in_(LIVE_STATUSES))
        .order_by(Seat.place)
    )
    return [RosterLine(*row) for row in rows]


def fresh_seats(offering_id: int, tokens: Collection[str]) -> Sequence[Seat]:
    """These seats of a class, by place, as the database has them now: for who has just locked their holders."""
    return db.session.scalars(
        select(Seat)
        .where(Seat.offering_id == offering_id, Seat.token.in_(tokens))
        .order_by(Seat.place)
        .execution_options(populate_existing=True)
    ).all()


def seat_in(offering_id: int, token: str) -> Seat | None:
    return db.session.scalar(
        select(Seat).where(Seat.offering_id == offering_id, Seat.token == token, Seat.status.in_(LIVE_STATUSES))
    )


def newest_marks(seat_ids: Sequence[int]) -> dict[int, dict[int, Mark]]:
    """For each seat, the newest mark of each session by its id; none where that was cleared."""
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
        if mark is not Mark.CLEARED:
            found[seat_id][session_id] = mark
    return found


def other_seat_for_stage(person_id: int, offering: Offering, now: datetime) -> Offering | None:
    """Another class for the same stage, not over, in which this person has a seat, if there is one."""
    return db.session.scalar(
        select(Offering)
        .join(Seat, Seat.offering_id == Offering.id)
        .where(
            Offering.stage_id == offering.stage_id,
            Offering.id != offering.id,
            Offering.status != OfferingStatus.CANCELLED,
            Offering.ends_at > now,
            Seat.person_id == person_id,
            Seat.status.in_(PROMISING),
        )
        .order_by(Offering.starts_at, Offering.id)
        .limit(1)
    )


def double_booked(person_id: int, offering_id: int) -> Offering | None:
    """Another class in which this person has a seat, of which a session meets during one of this class, if there is one."""
    asked, mine = aliased(LiveSession), aliased(LiveSession)
    return db.session.scalar(
        select(Offering)
        .join(Seat, Seat.offering_id == Offering.id)
        .join(mine, mine.offering_id == Offering.id)
        .join(asked, and_(asked.starts_at < mine.ends_at, asked.ends_at > mine.starts_at))
        .where(
            asked.offering_id == offering_id,
            Offering.id != offering_id,
            Offering.status != OfferingStatus.CANCELLED,
            Seat.person_id == person_id,
            Seat.status.in_(LIVE_STATUSES),
        )
        .order_by(Offering.starts_at)
        .limit(1)
    )
