"""Questions about attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from lms.assessment.models import OPEN, Attempt, AttemptStatus, Score
from lms.assessment.rules.starting import PastAttempt, SatElsewhere
from lms.assessment.rules.timing import WIRE_GRACE, effective_end
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.foundation.database import db

PENDING = frozenset({AttemptStatus.SUBMITTED, AttemptStatus.GRADED})


@dataclass(frozen=True)
class TakenAttempt:
    """An attempt with the score that counts, if it has one."""

    attempt: Attempt
    score: Score | None

    @property
    def released(self) -> bool:
        return self.attempt.status is AttemptStatus.RELEASED

    @property
    def passed(self) -> bool | None:
        """Whether it was passed, as far as the learner may know: None before the outcome is released."""
        return self.score.passed if self.released and self.score is not None else None

    @property
    def ended_at(self) -> datetime:
        return effective_end(self.attempt.started_at, self.attempt.closed_at, self.attempt.deadline_at)


def own_attempt(person_id: int, token: str) -> Attempt | None:
    """A person's attempt; another's looks as if it did not exist."""
    return db.session.scalar(select(Attempt).where(Attempt.token == token, Attempt.person_id == person_id))


def locked_attempt(attempt_id: int) -> Attempt:
    """The attempt as it is now, held until the transaction ends."""
    held = select(Attempt).where(Attempt.id == attempt_id).with_for_update()
    return db.session.scalars(held.execution_options(populate_existing=True)).one()


def open_attempt(person_id: int, exam_id: str) -> Attempt | None:
    return db.session.scalar(select(Attempt).where(Attempt.person_id == person_id, Attempt.exam_id == exam_id, OPEN))


def open_attempts_within(enrollment_id: int) -> list[Attempt]:
    return list(db.session.scalars(select(Attempt).where(Attempt.enrollment_id == enrollment_id, OPEN)))


def attempts_of(enrollment_id: int, exam_id: str) -> list[TakenAttempt]:
    """The attempts at an exam within an enrollment, newest first, each with its newest score."""
    rows = db.session.execute(
        select(Attempt, Score)
        .outerjoin(Score, Score.id == newest_score_id())
        .where(Attempt.enrollment_id == enrollment_id, Attempt.exam_id == exam_id)
        .order_by(Attempt.number.desc())
    )
    return [TakenAttempt(attempt, score) for attempt, score in rows]


def past_attempts(taken: Sequence[TakenAttempt]) -> list[PastAttempt]:
    """What the rules count of them: an open one is not past, and a voided one never was."""
    return [
        PastAttempt(one.ended_at, one.passed, pending=one.attempt.status in PENDING)
        for one in taken
        if not one.attempt.is_open and one.attempt.status is not AttemptStatus.VOIDED
    ]


def sat_elsewhere(person_id: int, exam_id: str, *, but: int) -> SatElsewhere:
    """This person's sittings of the exam that ended outside the enrollment `but`."""
    rows = db.session.execute(
        select(Attempt.started_at, Attempt.closed_at, Attempt.deadline_at, Enrollment.status)
        .join(Enrollment, Enrollment.id == Attempt.enrollment_id)
        .where(
            Attempt.person_id == person_id,
            Attempt.exam_id == exam_id,
            Attempt.enrollment_id != but,
            Attempt.closed_at.is_not(None),
            Attempt.status != AttemptStatus.VOIDED,
        )
    ).all()
    ends = [effective_end(started, closed, deadline) for started, closed, deadline, _status in rows]
    return SatElsewhere(
        last_end=max(ends, default=None),
        used=sum(status is EnrollmentStatus.WITHDRAWN for *_times, status in rows),
    )


def attempts_to_close(now: datetime, limit: int) -> list[Attempt]:
    """Open attempts whose time is over, the longest overdue first."""
    over = select(Attempt).where(OPEN, Attempt.deadline_at < now - WIRE_GRACE)
    return list(db.session.scalars(over.order_by(Attempt.deadline_at, Attempt.id).limit(limit)))


def newest_score_id() -> ColumnElement[int]:
    """The id of the score that counts for the attempt of the surrounding statement."""
    return select(func.max(Score.id)).where(Score.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
