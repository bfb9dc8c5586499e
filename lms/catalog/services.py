"""Writes about enrolments."""

from __future__ import annotations

from datetime import datetime

from lms.catalog import queries
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.foundation.database import db
from lms.foundation.errors import Conflict, DomainError


class AlreadyEnrolled(DomainError):
    """The person has an active enrollment in this program."""

    code = "already-enrolled"


def create_enrollment(person_id: int, program_id: str, *, track: str, release_id: int, now: datetime) -> Enrollment:
    """Enrol a person, pinned to a release. Raises AlreadyEnrolled while another enrollment is active."""
    if queries.is_enrolled(person_id, program_id):
        raise _already_enrolled()
    enrollment = Enrollment(
        person_id=person_id,
        program_id=program_id,
        track=track,
        release_id=release_id,
        status=EnrollmentStatus.ACTIVE,
        enrolled_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(enrollment)
    except Conflict as conflict:
        raise _already_enrolled() from conflict
    return enrollment


def _already_enrolled() -> AlreadyEnrolled:
    return AlreadyEnrolled("You are enrolled in this program already.")
