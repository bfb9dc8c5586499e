"""Questions that join an enrollment with its standing and what it is pinned to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.catalog.queries import ACTIVE_FIRST
from lms.content.models import DocumentKind, LineHead, ReleaseDocument
from lms.foundation.prepared import Prepared, PreparedForMany, prepared
from lms.pathway.models import StandingRow


@dataclass(frozen=True)
class LessonDoor:
    """What a lesson's page must know before it opens: whose enrollment, what it is pinned to, whether its stage is open."""

    enrollment_id: int
    release_id: int
    is_active: bool
    is_open: bool
    lesson_revision_id: int | None
    module_revision_id: int | None
    program_revision_id: int | None


@dataclass(frozen=True)
class EnrollmentRow:
    """An enrollment in a list, with what the standing index says of it."""

    enrollment_id: int
    program_id: str
    track: str
    status: EnrollmentStatus
    enrolled_at: datetime
    closed_at: datetime | None
    share: Decimal
    complete: bool
    summary: dict[str, Any]
    next_change_at: datetime | None


def _door(*kinds: DocumentKind) -> Prepared:
    """The enrollment with what it shows of one document of each of these kinds, named as its kind is."""
    named = [and_(ReleaseDocument.kind == kind, ReleaseDocument.document_id == bindparam(kind.value)) for kind in kinds]
    return prepared(
        select(Enrollment.id, Enrollment.release_id, Enrollment.status, StandingRow.reachable)
        .add_columns(LineHead.kind, LineHead.revision_id)
        .join(StandingRow, StandingRow.enrollment_id == Enrollment.id)
        .outerjoin(ReleaseDocument, and_(ReleaseDocument.release_id == Enrollment.release_id, or_(*named)))
        .outerjoin(
            LineHead,
            and_(
                LineHead.kind == ReleaseDocument.kind,
                LineHead.document_id == ReleaseDocument.document_id,
                LineHead.line == ReleaseDocument.line,
            ),
        )
        .where(
            Enrollment.person_id == bindparam("person_id"),
            Enrollment.program_id == bindparam("program"),
            Enrollment.status != EnrollmentStatus.WITHDRAWN,
        )
        .order_by(ACTIVE_FIRST, Enrollment.id.desc())
    )


MODULE_DOOR = _door(DocumentKind.PROGRAM, DocumentKind.MODULE)
LESSON_DOOR = _door(DocumentKind.PROGRAM, DocumentKind.MODULE, DocumentKind.LESSON)


def lesson_door(person_id: int, program_id: str, module_id: str, lesson_id: str | None) -> LessonDoor | None:
    """One statement; None for who is not enrolled, or has left the program."""
    asked = {"person_id": person_id, "program": program_id, "module": module_id}
    rows = MODULE_DOOR.rows(**asked) if lesson_id is None else LESSON_DOOR.rows(**asked, lesson=lesson_id)
    if not rows:
        return None
    enrollment_id, release_id, status, reachable, *_ = rows[0]
    revisions = {row[4]: row[5] for row in rows if row[0] == enrollment_id}
    return LessonDoor(
        enrollment_id,
        release_id,
        status is EnrollmentStatus.ACTIVE,
        module_id in reachable,
        revisions.get(DocumentKind.LESSON),
        revisions.get(DocumentKind.MODULE),
        revisions.get(DocumentKind.PROGRAM),
    )


ENROLLMENT_ROWS = PreparedForMany(
    lambda person_ids: (
        select(
            Enrollment.id,
            Enrollment.program_id,
            Enrollment.track,
            Enrollment.status,
            Enrollment.enrolled_at,
            Enrollment.closed_at,
            StandingRow.share,
            StandingRow.complete,
            StandingRow.summary,
            StandingRow.next_change_at,
        )
        .join(StandingRow, StandingRow.enrollment_id == Enrollment.id)
        .where(Enrollment.person_id.in_(person_ids))
        .order_by(ACTIVE_FIRST, Enrollment.id.desc())
    )
)


def enrollment_rows(person_ids: Sequence[int]) -> list[EnrollmentRow]:
    """A person's enrolments with their standing, active ones first, newest first. One statement."""
    return [EnrollmentRow(*row) for row in ENROLLMENT_ROWS.rows(person_ids)]
