"""Tables that the rules need beside the evidence: waivers, credits, and the standing index."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base


class Waiver(Base):
    """Somebody let one requirement go for one person: which leaf, why, until when."""

    __tablename__ = "waiver"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    program_id: Mapped[str]
    leaf_key: Mapped[str]
    reason: Mapped[str]
    until: Mapped[date | None]
    granted_at: Mapped[datetime]
    granted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]


class Credit(Base):
    """A stage counted as done because of something earned elsewhere. It stays when that ends."""

    __tablename__ = "credit"
    __table_args__ = (UniqueConstraint("enrollment_id", "stage_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"))
    stage_id: Mapped[str]
    evidence: Mapped[list[Any]]
    credited_at: Mapped[datetime]


class StandingRow(Base):
    """The standing index: what the rules said when they were last asked, for lists, counts and reminders.

    Never a door: doors decide afresh. `lms standing verify` compares it with the rules.
    """

    __tablename__ = "standing"
    __table_args__ = (Index("standing_due", "next_change_at"), Index("standing_of_person", "person_id"))

    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    program_id: Mapped[str]
    share: Mapped[Decimal]
    complete: Mapped[bool]
    reachable: Mapped[list[Any]]  # the modules whose stage is open or complete: what a lesson's page asks
    summary: Mapped[dict[str, Any]]
    standing: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]
    next_change_at: Mapped[datetime | None]
