"""Writes about enrolments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.foundation.database import db
from lms.foundation.errors import DomainError


class AlreadyEnrolled(DomainError):
    """The person has an active enrollment in this program."""

    code = "already-enrolled"


def create_enrollment(person_id: int, program_id: str, *, track: str, release_id: int, now: datetime) -> Enrollment:
    """Enrol a person, pinned to a release. Raises AlreadyEnrolled while another enrollment is active."""
    standing = select(Enrollment.id).where(
        Enrollment.person_id == person_id,
        Enrollment.program_id == program_id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    if db.session.scalar(standing) is not None:
        raise AlreadyEnrolled("You are enrolled in this program already.")
    enrollment = Enrollment(
        person_id=person_id,
        program_id=program_id,
        track=track,
        release_id=release_id,
        status=EnrollmentStatus.ACTIVE,
        enrolled_at=now,
    )
    db.session.add(enrollment)
    db.session.flush()
    return enrollment
