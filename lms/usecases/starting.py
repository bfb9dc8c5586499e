"""Starting a sitting: what stands in the way is said beforehand, by the same judgement that start makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lms.accounts import services as accounts
from lms.assessment import queries as assessment
from lms.assessment import services
from lms.assessment.models import Attempt
from lms.assessment.queries import TakenAttempt
from lms.assessment.rules.starting import AttemptRules, StartDecision, may_start
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.catalog.queries import active_enrollments
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.foundation import audit
from lms.foundation.database import db
from lms.foundation.errors import DomainError, NotFound
from lms.foundation.messages import Message
from lms.pathway import deciding
from lms.pathway.deciding import NotReady
from lms.requirements import Decision, Program


class StartRefused(DomainError):
    """The attempts are used up, the wait is not over, the window is past, or the program is finished."""

    code = "start-refused"


@dataclass(frozen=True)
class Prospect:
    """Everything that an exam's page says of one learner: what is open, what is missing, what was before.

    `open_attempt` is the sitting under way, which may belong to another enrollment of the same person.
    """

    enrollment: Enrollment
    program: Program
    exam: ExamDocument
    door: Decision
    attempts: StartDecision
    taken: tuple[TakenAttempt, ...]
    open_attempt: Attempt | None
    form_open: bool

    @property
    def active(self) -> bool:
        return self.enrollment.status is EnrollmentStatus.ACTIVE

    @property
    def may_start(self) -> bool:
        return self.active and self.door.met and self.attempts.allowed and self.form_open

    @property
    def passed(self) -> bool:
        return any(one.passed for one in self.taken)


def prospect(person_id: int, program_id: str, exam_id: str, *, now: datetime) -> Prospect:
    """Where a person stands before an exam or quiz. Raises NotFound where they have no such exam."""
    enrollment = deciding.exam_enrollment(person_id, program_id, exam_id)
    if enrollment is None:
        raise NotFound
    return _prospect(enrollment, exam_id, now=now)


def prospect_after(attempt: Attempt, *, now: datetime) -> Prospect:
    """What the rules allow next, after an attempt, within its enrollment."""
    return _prospect(db.session.get_one(Enrollment, attempt.enrollment_id), attempt.exam_id, now=now)


def _prospect(enrollment: Enrollment, exam_id: str, *, now: datetime) -> Prospect:
    exam = content.exam(enrollment.release_id, exam_id)
    if exam is None:
        raise NotFound
    door = deciding.exam_decision(enrollment, exam, now=now)
    taken = assessment.attempts_of(enrollment.id, exam_id)
    return Prospect(
        enrollment,
        deciding.pinned_program(enrollment),
        exam,
        door.decision,
        may_start(
            AttemptRules(exam.attempts_included, exam.cooldown_hours, exam.window_days),
            assessment.past_attempts(taken),
            window_from=door.window_from,
            at=now,
            elsewhere=assessment.sat_elsewhere(enrollment.person_id, exam_id, but=enrollment.id),
        ),
        tuple(taken),
        assessment.open_attempt(enrollment.person_id, exam_id),
        exam.kind == "quiz" or bool(assessment.open_forms(exam, enrollment.release_id)),
    )


def start(person_id: int, program_id: str, exam_id: str, *, now: datetime) -> Attempt:
    """Begin a sitting, or return the one under way: two windows, two devices, one attempt.

    Raises NotFound, NotReady with what is missing, StartRefused, or NoFormOpen.
    """
    accounts.lock_person(person_id)
    before = prospect(person_id, program_id, exam_id, now=now)
    if before.open_attempt is not None:
        return before.open_attempt
    _refuse(before)
    attempt = services.start(
        enrollment_id=before.enrollment.id,
        person_id=person_id,
        release_id=before.enrollment.release_id,
        exam=before.exam,
        now=now,
        window_ends_at=before.attempts.closes_at,
    )
    audit.record(
        "start",
        "attempt",
        attempt.id,
        actor_id=person_id,
        at=now,
        exam=exam_id,
        form=attempt.form,
        number=attempt.number,
    )
    return attempt


def program_with(person_id: int, exam_id: str) -> str | None:
    """The program through which a person has this exam or quiz now; None if they have it nowhere."""
    programs = (enrollment.program_id for enrollment in active_enrollments([person_id]))
    return next((one for one in programs if deciding.exam_enrollment(person_id, one, exam_id)), None)


def _refuse(before: Prospect) -> None:
    if not before.active:
        raise StartRefused(
            Message("You are not active in the {program} any more.", {"program": before.program.title}),
            kept=Message("Your results stay where they are."),
        )
    if not before.door.met:
        raise NotReady(Message("You can't start “{exam}” yet.", {"exam": before.exam.title}), before.door)
    if not before.attempts.allowed:
        raise StartRefused(before.attempts.reasons[0], kept=Message("No attempt was used."))
    if not before.form_open:
        raise services.NoFormOpen
