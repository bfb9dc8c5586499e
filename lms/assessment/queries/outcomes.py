"""Questions about outcomes: those that count, and those staff look through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select

from lms.accounts.models import Person
from lms.accounts.rules import Capability, Viewer
from lms.assessment.models import Attempt, AttemptStatus, ClosedBy, OutcomeRelease, Score
from lms.assessment.queries.attempts import newest_score_id
from lms.foundation.database import db
from lms.foundation.prepared import PreparedForMany


@dataclass(frozen=True)
class OutcomeFact:
    """An outcome that was released; `scaled` is a share from 0 to 1."""

    attempt_id: int
    enrollment_id: int
    exam_id: str
    passed: bool
    scaled: Decimal
    released_at: datetime


@dataclass(frozen=True)
class ResultRow:
    """An attempt in a list for staff. The score stands there before its release, since staff release it."""

    attempt_id: int
    token: str
    person_id: int
    person_name: str
    enrollment_id: int
    exam_id: str
    number: int
    form: str
    status: AttemptStatus
    started_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None
    closed_by: ClosedBy | None
    raw: Decimal | None
    maximum: Decimal | None
    scaled: Decimal | None
    passed: bool | None
    profile: list[Any] | None
    released_at: datetime | None


RELEASED = PreparedForMany(
    lambda enrollment_ids: (
        select(
            Attempt.id,
            Attempt.enrollment_id,
            Attempt.exam_id,
            Score.passed,
            Score.scaled,
            OutcomeRelease.released_at,
        )
        .join(OutcomeRelease, OutcomeRelease.attempt_id == Attempt.id)
        .join(Score, Score.id == newest_score_id())
        .where(Attempt.enrollment_id.in_(enrollment_ids), Attempt.status == AttemptStatus.RELEASED)
        .order_by(Attempt.id)
    )
)


def released_outcomes(enrollment_ids: Sequence[int]) -> list[OutcomeFact]:
    """What rules may count: the newest score of each attempt whose outcome is released and was not voided."""
    return [OutcomeFact(*row) for row in RELEASED.rows(enrollment_ids)]


def results_page(
    viewer: Viewer,
    exam_id: str,
    *,
    before_id: int | None = None,
    limit: int = 50,
    status: AttemptStatus | None = None,
) -> list[ResultRow]:
    """The attempts at an exam, newest first, below `before_id`; none for who may not see results."""
    if not viewer.can(Capability.SEE_RESULTS):
        return []
    rows = _results().where(Attempt.exam_id == exam_id).order_by(Attempt.id.desc()).limit(limit)
    if before_id is not None:
        rows = rows.where(Attempt.id < before_id)
    if status is not None:
        rows = rows.where(Attempt.status == status)
    return [ResultRow(*row) for row in db.session.execute(rows)]


def result_of(viewer: Viewer, token: str) -> ResultRow | None:
    """One attempt for staff; nothing for who may not see results."""
    if not viewer.can(Capability.SEE_RESULTS):
        return None
    row = db.session.execute(_results().where(Attempt.token == token)).one_or_none()
    return ResultRow(*row) if row is not None else None


def _results() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Attempt.id,
            Attempt.token,
            Attempt.person_id,
            Person.name,
            Attempt.enrollment_id,
            Attempt.exam_id,
            Attempt.number,
            Attempt.form,
            Attempt.status,
            Attempt.started_at,
            Attempt.deadline_at,
            Attempt.closed_at,
            Attempt.closed_by,
            Score.raw,
            Score.maximum,
            Score.scaled,
            Score.passed,
            Score.profile,
            OutcomeRelease.released_at,
        )
        .join(Person, Person.id == Attempt.person_id)
        .outerjoin(Score, Score.id == newest_score_id())
        .outerjoin(OutcomeRelease, OutcomeRelease.attempt_id == Attempt.id)
    )
