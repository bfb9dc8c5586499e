"""Questions about enrolments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, select

from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.foundation.database import db
from lms.foundation.prepared import PreparedForMany

ACTIVE_FIRST = case((Enrollment.status == EnrollmentStatus.ACTIVE, 0), else_=1)


def enrollment_of(person_id: int, program_id: str) -> Enrollment | None:
    """A person's enrollment in a program: the active one, else the newest."""
    return db.session.scalar(
        select(Enrollment)
        .where(Enrollment.person_id == person_id, Enrollment.program_id == program_id)
        .order_by(ACTIVE_FIRST, Enrollment.id.desc())
        .limit(1)
    )


def is_enrolled(person_id: int, program_id: str) -> bool:
    """Whether a person has an active enrollment in a program."""
    active = select(Enrollment.id).where(
        Enrollment.person_id == person_id,
        Enrollment.program_id == program_id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    return db.session.scalar(active) is not None


ACTIVE = (
    select(Enrollment)
    .where(
        Enrollment.person_id.in_(bindparam("person_ids", expanding=True)), Enrollment.status == EnrollmentStatus.ACTIVE
    )
    .order_by(Enrollment.id)
)


def active_enrollments(person_ids: Sequence[int]) -> Sequence[Enrollment]:
    """In id order, which is the order in which advancing locks them."""
    return db.session.scalars(ACTIVE, {"person_ids": list(person_ids)}).all()


def enrollments_of(person_ids: Sequence[int]) -> Sequence[Enrollment]:
    """All of a person's enrolments: active ones first, newest first."""
    return db.session.scalars(
        select(Enrollment).where(Enrollment.person_id.in_(person_ids)).order_by(ACTIVE_FIRST, Enrollment.id.desc())
    ).all()


def enrollments_with(enrollment_ids: Collection[int]) -> Sequence[Enrollment]:
    """Enrollments by their ids, in the order of these."""
    return db.session.scalars(select(Enrollment).where(Enrollment.id.in_(enrollment_ids)).order_by(Enrollment.id)).all()


@dataclass(frozen=True)
class CompletedFact:
    """A program that somebody went through to its end."""

    id: int
    person_id: int
    program_id: str
    track: str
    closed_at: datetime | None


COMPLETED_PROGRAMS = PreparedForMany(
    lambda person_ids: (
        select(Enrollment.id, Enrollment.person_id, Enrollment.program_id, Enrollment.track, Enrollment.closed_at)
        .where(Enrollment.person_id.in_(person_ids), Enrollment.status == EnrollmentStatus.COMPLETED)
        .order_by(Enrollment.id)
    )
)


def people_enrolled() -> Sequence[int]:
    """Everyone with an active enrollment, each once."""
    return db.session.scalars(
        select(Enrollment.person_id).where(Enrollment.status == EnrollmentStatus.ACTIVE).distinct()
    ).all()
