"""A person's facts, brought together from every room that knows something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select

from lms.accounts.models import ClaimStatus
from lms.accounts.queries import ClaimFact, claim_facts, ids_of_people
from lms.assessment.queries import released_outcomes
from lms.catalog.models import Enrollment
from lms.catalog.queries import CompletedFact, completed_programs
from lms.content import queries as content
from lms.credentials.queries import HeldFact, held
from lms.foundation.prepared import PreparedForMany
from lms.learning.queries import completed_lessons
from lms.live.queries import attended, booked
from lms.pathway.models import Credit, Waiver
from lms.requirements import Fact, Facts, Program, modules_passed
from lms.requirements import Waiver as WaiverFact

WAIVERS = PreparedForMany(
    lambda person_ids: (
        select(Waiver.person_id, Waiver.id, Waiver.leaf_key, Waiver.until, Waiver.reason, Waiver.program_id)
        .where(Waiver.person_id.in_(person_ids), Waiver.withdrawn_at.is_(None))
        .order_by(Waiver.id)
    )
)
CREDITS = PreparedForMany(
    lambda enrollment_ids: (
        select(Credit.enrollment_id, Credit.id, Credit.stage_id, Credit.credited_at)
        .where(Credit.enrollment_id.in_(enrollment_ids))
        .order_by(Credit.id)
    )
)

OwnFact = tuple[int, Fact]  # with the id of the person or of the enrollment it belongs to


def gather(person_id: int, enrollment: Enrollment | None, *, now: datetime) -> Facts:
    """Everything a decision about this person may look at.

    Without an enrollment: what any door may ask (claims, certificates, programs completed), with the
    waivers of all programs. With one: its program's waivers, and what was done within it, since
    attempts and completions belong to an enrollment and reach another only as a credit.
    """
    if enrollment is None:
        return _of_people([person_id])[person_id]
    return gather_many([(person_id, enrollment)], now=now)[enrollment.id]


def gather_many(wanted: Sequence[tuple[int, Enrollment]], *, now: datetime) -> dict[int, Facts]:
    """The same for many enrollments, each with its person, by the enrollment's id.

    As many statements as for one, but for the programs that the enrollments are pinned to.
    """
    of_people = _of_people([person_id for person_id, _enrollment in wanted])
    programs = {one.id: content.program_pinned(one.release_id, one.program_id) for _person_id, one in wanted}
    own_work = _own_work([(one.id, program) for _person_id, one in wanted if (program := programs[one.id])])
    found = {}
    for person_id, enrollment in wanted:
        facts, program = of_people[person_id].within(enrollment.program_id), programs[enrollment.id]
        if program is not None:
            facts = facts.plus(*own_work[enrollment.id])
            facts = facts.plus(*modules_passed(program.parts, facts, content.at_issuer(now)))
        found[enrollment.id] = facts
    return found


def _of_people(person_ids: Sequence[int]) -> dict[int, Facts]:
    """What any door may ask of these people, under whichever id it was recorded."""
    ids = ids_of_people(person_ids)
    owners: dict[int, list[int]] = {}
    for person_id, owned in ids.items():
        for one in owned:
            owners.setdefault(one, []).append(person_id)
    facts: dict[int, list[Fact]] = {person_id: [] for person_id in ids}
    waivers: dict[int, list[WaiverFact]] = {person_id: [] for person_id in ids}
    for told_of, fact in _told_of(list(owners)):
        for person_id in owners[told_of]:
            facts[person_id].append(fact)
    for granted_to, waiver in _waivers(list(owners)):
        for person_id in owners[granted_to]:
            waivers[person_id].append(waiver)
    return {person_id: Facts(tuple(facts[person_id]), tuple(waivers[person_id])) for person_id in ids}


def _told_of(person_ids: Sequence[int]) -> Iterator[OwnFact]:
    """Claims, certificates and programs completed, each with the id under which it was recorded."""
    yield from ((one.person_id, _claimed(one)) for one in claim_facts(person_ids))
    yield from ((one.person_id, _certified(one)) for one in held(person_ids))
    yield from ((one.person_id, _completed(one)) for one in completed_programs(person_ids))


def _own_work(wanted: Sequence[tuple[int, Program]]) -> dict[int, list[Fact]]:
    """What was done within each enrollment, by its id: lessons, outcomes, classes, and credits."""
    ids = [enrollment_id for enrollment_id, _program in wanted]
    quizzes = {enrollment_id: _quizzes(program) for enrollment_id, program in wanted}
    found: dict[int, list[Fact]] = {enrollment_id: [] for enrollment_id in ids}
    for enrollment_id, fact in (
        *_lessons(ids),
        *_outcomes(ids, quizzes),
        *_attended(ids),
        *_booked(ids),
        *_credits(ids),
    ):
        found[enrollment_id].append(fact)
    return found


def _quizzes(program: Program) -> frozenset[str]:
    return frozenset(part.quiz for part in program.parts if part.quiz)


def _claimed(claim: ClaimFact) -> Fact:
    return Fact(
        id=f"claim:{claim.id}",
        kind=claim.kind,
        subject=claim.subject,
        value=_value_of(claim),
        since=claim.valid_from,
        until=claim.valid_until,
        state=STATES[claim.status],
        source=str(claim.source),
        recorded_at=claim.recorded_at,
    )


STATES: dict[ClaimStatus, Literal["established", "pending", "asked"]] = {
    ClaimStatus.APPROVED: "established",
    ClaimStatus.SUBMITTED: "pending",
    ClaimStatus.NEEDS_MORE: "asked",
}


def _value_of(claim: ClaimFact) -> str | int | date:
    """What the leaf of this kind reads: a day, a number of years, or words."""
    try:
        return date.fromisoformat(claim.value)
    except ValueError:
        return int(claim.value) if claim.kind == "experience" and claim.value.isdecimal() else claim.value


def _certified(one: HeldFact) -> Fact:
    return Fact(f"certificate:{one.id}", "certificate", one.credential_id, one.subject, one.issued_on, one.expires_on)


def _completed(one: CompletedFact) -> Fact:
    return Fact(f"enrollment:{one.id}", "program", one.program_id, one.track, one.closed_at)


def _waivers(person_ids: Sequence[int]) -> list[tuple[int, WaiverFact]]:
    """Each with whose it is."""
    return [
        (granted_to, WaiverFact(f"waiver:{waiver_id}", leaf_key, until, reason, program_id))
        for granted_to, waiver_id, leaf_key, until, reason, program_id in WAIVERS.rows(person_ids)
    ]


# ---- what was done within enrollments: facts, each with its enrollment's id


def _lessons(enrollment_ids: Sequence[int]) -> list[OwnFact]:
    return [
        (one.enrollment_id, Fact(f"lesson:{one.id}", "lesson", one.lesson_id, since=one.completed_at))
        for one in completed_lessons(enrollment_ids)
    ]


def _outcomes(enrollment_ids: Sequence[int], quizzes: Mapping[int, frozenset[str]]) -> list[OwnFact]:
    """What was passed and released. A quiz is an exam; its fact is called a quiz because modules ask for it."""
    return [
        (
            one.enrollment_id,
            Fact(
                f"attempt:{one.attempt_id}",
                "quiz" if one.exam_id in quizzes[one.enrollment_id] else "exam_passed",
                one.exam_id,
                since=one.released_at,
            ),
        )
        for one in released_outcomes(enrollment_ids)
        if one.passed
    ]


def _attended(enrollment_ids: Sequence[int]) -> list[OwnFact]:
    return [
        (one.enrollment_id, Fact(f"seat:{one.seat_id}", "attended", one.stage_id, since=one.since))
        for one in attended(enrollment_ids)
    ]


def _booked(enrollment_ids: Sequence[int]) -> list[OwnFact]:
    """Seats whose class has not been settled: the next step is to be there, not to book another."""
    return [
        (one.enrollment_id, Fact(f"booked:{one.seat_id}", "seat", one.stage_id, since=one.booked_at))
        for one in booked(enrollment_ids)
    ]


def _credits(enrollment_ids: Sequence[int]) -> list[OwnFact]:
    return [
        (enrollment_id, Fact(f"credit:{credit_id}", "credit", stage_id, since=credited_at))
        for enrollment_id, credit_id, stage_id, credited_at in CREDITS.rows(enrollment_ids)
    ]
