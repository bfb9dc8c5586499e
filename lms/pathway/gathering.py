"""A person's facts, brought together from every room that knows something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from lms.accounts.models import ClaimStatus
from lms.accounts.queries import ClaimFact, claim_facts, ids_of
from lms.assessment.queries import released_outcomes
from lms.catalog.models import Enrollment
from lms.catalog.queries import completed_programs
from lms.content import queries as content
from lms.credentials.queries import held
from lms.foundation.database import db
from lms.learning.queries import completed_lessons
from lms.live.queries import attended, booked
from lms.pathway.models import Credit, Waiver
from lms.requirements import Fact, Facts, Program, modules_passed
from lms.requirements import Waiver as WaiverFact


def gather(person_id: int, enrollment: Enrollment | None, *, now: datetime) -> Facts:
    """Everything a decision about this person may look at.

    Without an enrollment: what any door may ask (claims, certificates, programs completed), with the
    waivers of all programs. With one: its program's waivers, and what was done within it, since
    attempts and completions belong to an enrollment and reach another only as a credit.
    """
    person_ids = ids_of(person_id)
    facts = [_claimed(claim) for claim in claim_facts(person_ids)]
    facts += _certified(person_ids)
    facts += _completed(person_ids)
    gathered = Facts(tuple(facts), _waivers(person_ids))
    if enrollment is None:
        return gathered
    program = content.program_pinned(enrollment.release_id, enrollment.program_id)
    gathered = gathered.within(enrollment.program_id)
    return gathered if program is None else _with_own_work(gathered, enrollment, program, now)


def _with_own_work(gathered: Facts, enrollment: Enrollment, program: Program, now: datetime) -> Facts:
    quizzes = frozenset(part.quiz for part in program.parts if part.quiz)
    done = gathered.plus(
        *_lessons(enrollment.id),
        *_outcomes(enrollment.id, quizzes),
        *_attended(enrollment.id),
        *_booked(enrollment.id),
        *_credits(enrollment.id),
    )
    return done.plus(*modules_passed(program.parts, done, content.at_issuer(now)))


def _claimed(claim: ClaimFact) -> Fact:
    return Fact(
        id=f"claim:{claim.id}",
        kind=claim.kind,
        subject=claim.subject,
        value=_value_of(claim),
        since=claim.valid_from,
        until=claim.valid_until,
        state="established" if claim.status is ClaimStatus.APPROVED else "pending",
        source=str(claim.source),
        recorded_at=claim.recorded_at,
    )


def _value_of(claim: ClaimFact) -> str | int | date:
    """What the leaf of this kind reads: a day, a number of years, or words."""
    try:
        return date.fromisoformat(claim.value)
    except ValueError:
        return int(claim.value) if claim.kind == "experience" and claim.value.isdecimal() else claim.value


def _certified(person_ids: Sequence[int]) -> list[Fact]:
    return [
        Fact(f"certificate:{one.id}", "certificate", one.credential_id, one.subject, one.issued_on, one.expires_on)
        for one in held(person_ids)
    ]


def _completed(person_ids: Sequence[int]) -> list[Fact]:
    return [
        Fact(f"enrollment:{one.id}", "program", one.program_id, one.track, one.closed_at)
        for one in completed_programs(person_ids)
    ]


def _waivers(person_ids: Sequence[int]) -> tuple[WaiverFact, ...]:
    rows = db.session.scalars(select(Waiver).where(Waiver.person_id.in_(person_ids), Waiver.withdrawn_at.is_(None)))
    return tuple(WaiverFact(f"waiver:{row.id}", row.leaf_key, row.until, row.reason, row.program_id) for row in rows)


def _lessons(enrollment_id: int) -> list[Fact]:
    return [
        Fact(f"lesson:{one.id}", "lesson", one.lesson_id, since=one.completed_at)
        for one in completed_lessons([enrollment_id])
    ]


def _outcomes(enrollment_id: int, quizzes: frozenset[str]) -> list[Fact]:
    """What was passed and released. A quiz is an exam; its fact is called a quiz because modules ask for it."""
    return [
        Fact(
            f"attempt:{one.attempt_id}",
            "quiz" if one.exam_id in quizzes else "exam_passed",
            one.exam_id,
            since=one.released_at,
        )
        for one in released_outcomes([enrollment_id])
        if one.passed
    ]


def _attended(enrollment_id: int) -> list[Fact]:
    return [Fact(f"seat:{one.seat_id}", "attended", one.stage_id, since=one.since) for one in attended([enrollment_id])]


def _booked(enrollment_id: int) -> list[Fact]:
    """Seats whose class has not been settled: the next step is to be there, not to book another."""
    return [Fact(f"booked:{one.seat_id}", "seat", one.stage_id, since=one.booked_at) for one in booked([enrollment_id])]


def _credits(enrollment_id: int) -> list[Fact]:
    rows = db.session.scalars(select(Credit).where(Credit.enrollment_id == enrollment_id).order_by(Credit.id))
    return [Fact(f"credit:{row.id}", "credit", row.stage_id, since=row.credited_at) for row in rows]
