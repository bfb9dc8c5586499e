"""The end of a sitting, told straight down: close, score, release where the exam says so, move the person on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lms.accounts import services as accounts
from lms.accounts.rules import Capability, Viewer
from lms.assessment import queries as assessment
from lms.assessment import services
from lms.assessment.models import Attempt, AttemptClosed, AttemptStatus, ClosedBy, Score
from lms.assessment.rules.timing import is_past
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.foundation import audit
from lms.foundation.errors import Forbidden, NotFound
from lms.foundation.messages import Message
from lms.notices import services as notices
from lms.usecases import advancing
from lms.usecases.advancing import Advanced

UNFINISHED = frozenset({AttemptStatus.SUBMITTED, AttemptStatus.GRADED})


@dataclass(frozen=True)
class Submitted:
    """An attempt that takes no answers any more, its score, and what followed for the person."""

    attempt: Attempt
    score: Score | None
    advanced: Advanced


def submit(attempt: Attempt, *, now: datetime, by: ClosedBy = ClosedBy.LEARNER) -> Submitted:
    """Close an attempt, score it, release its outcome where that is due at once, and move the person on.

    Idempotent: whoever comes later finds what stands. After the deadline it counts as submitted by expiry.
    """
    _lock(attempt.person_id)
    held = assessment.locked_attempt(attempt.id)
    exam = content.exam_of_revision(held.exam_revision_id)
    if held.is_open:
        _close(held, exam, by=by, now=now)
    if held.status not in UNFINISHED:
        return Submitted(held, assessment.score_of(held.id), Advanced())
    score = services.score(held, at=now)
    if exam.release != "at_once":
        return Submitted(held, score, Advanced())
    _release(held, exam, by=None, now=now)
    return Submitted(held, score, advancing.advance(held.person_id, now=now))


def release(attempt: Attempt, viewer: Viewer, *, now: datetime) -> Submitted:
    """Let a learner know a graded outcome, and move them on; once.

    Raises NotFound for who may not see results, Forbidden for one's own, AttemptClosed before it is graded.
    """
    if not viewer.can(Capability.SEE_RESULTS):
        raise NotFound
    if viewer.person_id == attempt.person_id:
        raise Forbidden("Your own result is released by somebody else.")
    _lock(attempt.person_id)
    held = assessment.locked_attempt(attempt.id)
    score = assessment.score_of(held.id)
    if held.status is AttemptStatus.RELEASED:
        return Submitted(held, score, Advanced())
    if held.status is not AttemptStatus.GRADED:
        raise AttemptClosed("Only a graded attempt can be released.")
    _release(held, content.exam_of_revision(held.exam_revision_id), by=viewer.person_id, now=now)
    return Submitted(held, score, advancing.advance(held.person_id, now=now))


def close_overdue(now: datetime, limit: int = 20) -> int:
    """Submit what is saved of sittings whose time is over, the longest overdue first. Returns how many there were.

    One transaction for all of them, so a batch stays small; people are locked in id order.
    """
    overdue = assessment.attempts_to_close(now, limit)
    for attempt in sorted(overdue, key=lambda one: one.person_id):
        submit(attempt, by=ClosedBy.EXPIRY, now=now)
    return len(overdue)


def _close(held: Attempt, exam: ExamDocument, *, by: ClosedBy, now: datetime) -> None:
    at = assessment.clock_of(held, now)
    ended_by = ClosedBy.EXPIRY if is_past(held.deadline_at, at) else by
    services.close(held, at=at, by=ended_by)
    actor_id = held.person_id if ended_by is ClosedBy.LEARNER else None
    audit.record("submit", "attempt", held.id, actor_id=actor_id, at=at, by=ended_by.value, exam=exam.id)


def _release(held: Attempt, exam: ExamDocument, *, by: int | None, now: datetime) -> None:
    services.release(held, at=now, by=by)
    audit.record("release", "attempt", held.id, actor_id=by, at=now, exam=exam.id)
    if exam.kind == "exam":  # a quiz tells its result on the page; a letter for each would only be noise
        notices.tell(
            held.person_id,
            f"result:{held.id}",
            "result_released",
            Message("Your result of “{exam}” is there.", {"exam": exam.title}),
            path=f"/exams/attempts/{held.token}/result",
            now=now,
        )


def _lock(person_id: int) -> None:
    """The person first and the attempt after, as everywhere: otherwise two could wait for each other for ever."""
    accounts.lock_person(person_id)
