"""Tables of live classes. In the interface an offering is called a class."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base
from lms.foundation.errors import DomainError
from lms.foundation.tokens import new_token


class ClassFormat(StrEnum):
    ZOOM = "zoom"
    IN_PERSON = "in_person"


class OfferingStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    HELD = "held"
    CANCELLED = "cancelled"


class SeatStatus(StrEnum):
    HELD = "held"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    LAPSED = "lapsed"
    ATTENDED = "attended"
    PARTLY = "partly"
    ABSENT = "absent"
    CANCELLED = "cancelled"
    TRANSFERRED = "transferred"


class Mark(StrEnum):
    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    ABSENT = "absent"
    CLEARED = "cleared"  # takes the one before it back: as if this session had no mark yet


class ClassFull(DomainError):
    """Every place of the class is taken."""

    code = "class-full"


class SeatClosed(DomainError):
    """The seat was given up, or the class is over."""

    code = "seat-closed"


LIVE = text("status IN ('held', 'confirmed', 'attended', 'partly', 'absent')")


class Offering(Base):
    """One class people can book: a Zoom series or an in-person school, for one stage of a program.

    `zone` is the zone it was announced in; `capacity` counts places, at least 1.
    """

    __tablename__ = "offering"
    __table_args__ = (
        CheckConstraint("capacity >= 1", name="capacity_positive"),
        Index("offering_of_stage", "stage_id", "status", "starts_at"),
        Index("offering_by_start", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    stage_id: Mapped[str]
    title: Mapped[str]
    format: Mapped[ClassFormat]
    zone: Mapped[str]
    place: Mapped[str]
    join_link: Mapped[str]
    capacity: Mapped[int]
    minimum: Mapped[int]
    status: Mapped[OfferingStatus]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=0)

    def takes_bookings(self, at: datetime) -> bool:
        """Whether a place can be asked for, if one is free."""
        return self.status is OfferingStatus.OPEN and self.ends_at > at


class LiveSession(Base):
    """One meeting of a class, numbered from 1."""

    __tablename__ = "live_session"
    __table_args__ = (UniqueConstraint("offering_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"))
    number: Mapped[int]
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Teaching(Base):
    """Who teaches a class: what an instructor may open on `/teach`."""

    __tablename__ = "teaching"

    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class Seat(Base):
    """One person's place in one class. A live seat has a place number, unique in its class, at most its capacity."""

    __tablename__ = "seat"
    __table_args__ = (
        Index("one_live_seat_a_place", "offering_id", "place", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index(
            "one_live_seat_a_person", "offering_id", "person_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE
        ),
        CheckConstraint("place IS NULL OR (place >= 1 AND place <= capacity)", name="place_within_capacity"),
        CheckConstraint(
            "status NOT IN ('held', 'confirmed', 'attended', 'partly', 'absent') OR place IS NOT NULL",
            name="live_has_place",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"), index=True)
    status: Mapped[SeatStatus]
    place: Mapped[int | None]
    capacity: Mapped[int]  # the class's, copied at booking so that the database itself can refuse a place beyond it
    booked_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    @property
    def is_live(self) -> bool:
        return self.status in {
            SeatStatus.HELD,
            SeatStatus.CONFIRMED,
            SeatStatus.ATTENDED,
            SeatStatus.PARTLY,
            SeatStatus.ABSENT,
        }

    def cancel(self, *, at: datetime) -> None:
        if self.status not in {SeatStatus.HELD, SeatStatus.CONFIRMED, SeatStatus.WAITLISTED, SeatStatus.OFFERED}:
            raise SeatClosed("This seat can't be given up any more.")
        self._close(at)

    def call_off(self, *, at: datetime) -> None:
        """The class itself will not take place, so that what was marked before it began says nothing."""
        if not self.is_live:
            raise SeatClosed("This seat was given up before.")
        self._close(at)

    def _close(self, at: datetime) -> None:
        self.status = SeatStatus.CANCELLED
        self.place = None
        self.closed_at = at

    def settle(self, status: SeatStatus) -> None:
        """Say how the class went for this person, from its attendance marks."""
        if not self.is_live:
            raise SeatClosed("This seat was given up before.")
        self.status = status


class AttendanceMark(Base):
    """What an instructor saw: one line per person, session and change of mind; the newest counts."""

    __tablename__ = "attendance_mark"
    __table_args__ = (Index("attendance_of_seat", "seat_id", "live_session_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    live_session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id"))
    mark: Mapped[Mark]
    note: Mapped[str] = mapped_column(default="")
    marked_at: Mapped[datetime]
    marked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
