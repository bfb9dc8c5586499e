"""Questions that join an enrollment with its standing and what it is pinned to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select

from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.catalog.queries import ACTIVE_FIRST
from lms.content.models import DocumentKind, LineHead, ReleaseDocument
from lms.foundation.database import db
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


def lesson_door(person_id: int, program_id: str, module_id: str, lesson_id: str | None) -> LessonDoor | None:
    """One statement; None for who is not enrolled, or has left the program."""
    wanted = [(DocumentKind.PROGRAM, program_id), (DocumentKind.MODULE, module_id)]
    if lesson_id is not None:
        wanted.append((DocumentKind.LESSON, lesson_id))
    rows = db.session.execute(
        select(
            Enrollment.id,
            Enrollment.release_id,
            Enrollment.status,
            StandingRow.reachable,
            LineHead.kind,
            LineHead.revision_id,
        )
        .join(StandingRow, StandingRow.enrollment_id == Enrollment.id)
        .outerjoin(
            ReleaseDocument,
            and_(
                ReleaseDocument.release_id == Enrollment.release_id,
                or_(
                    *(
                        and_(ReleaseDocument.kind == kind, ReleaseDocument.document_id == document_id)
                        for kind, document_id in wanted
                    )
                ),
            ),
        )
        .outerjoin(
            LineHead,
            and_(
                LineHead.kind == ReleaseDocument.kind,
                LineHead.document_id == ReleaseDocument.document_id,
                LineHead.line == ReleaseDocument.line,
            ),
        )
        .where(
            Enrollment.person_id == person_id,
            Enrollment.program_id == program_id,
            Enrollment.status != EnrollmentStatus.WITHDRAWN,
        )
        .order_by(ACTIVE_FIRST, Enrollment.id.desc())
    ).all()
    if not rows:
        return None
    chosen = rows[0]
    revisions = {row.kind: row.revision_id for row in rows if row.id == chosen.id}
    return LessonDoor(
        chosen.id,
        chosen.release_id,
        chosen.status is EnrollmentStatus.ACTIVE,
        module_id in chosen.reachable,
        revisions.get(DocumentKind.LESSON),
        revisions.get(DocumentKind.MODULE),
        revisions.get(DocumentKind.PROGRAM),
    )


def enrollment_rows(person_ids: Sequence[int]) -> list[EnrollmentRow]:
    """A person's enrolments with their standing, active ones first, newest first. One statement."""
    rows = db.session.execute(
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
    return [EnrollmentRow(*row) for row in rows]
