"""A person's facts, brought together from every room that knows something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import select

from lms.accounts.models import ClaimStatus
from lms.accounts.queries import CLAIM_FACTS, ClaimFact, ids_of_people
from lms.assessment.queries.outcomes import RELEASED, OutcomeFact
from lms.catalog.models import Enrollment
from lms.catalog.queries import COMPLETED_PROGRAMS, CompletedFact
from lms.content import queries as content
from lms.credentials.queries import HELD, HeldFact
from lms.foundation.prepared import PreparedForMany, PreparedTogether
from lms.learning.queries import COMPLETED, LessonFact
from lms.live.queries import ATTENDED, BOOKED, BookedFact, attended_fact
from lms.pathway.models import Credit, Waiver
from lms.requirements import Fact, Facts, Program, modules_passed
from lms.requirements import Waiver as WaiverFact

WAIVERS = PreparedForMany(
    lambda person_ids: (
        select(Waiver.id, Waiver.person_id, Waiver.leaf_key, Waiver.until, Waiver.reason, Waiver.program_id)
        .where(Waiver.person_id.in_(person_ids), Waiver.withdrawn_at.is_(None))
        .order_by(Waiver.id)
    )
)
CREDITS = PreparedForMany(
    lambda enrollment_ids: (
        select(Credit.id, Credit.enrollment_id, Credit.stage_id, Credit.credited_at)
        .where(Credit.enrollment_id.in_(enrollment_ids))
        .order_by(Credit.id)
    )
)
OF_PEOPLE = PreparedTogether(CLAIM_FACTS, HELD, COMPLETED_PROGRAMS, WAIVERS)
OWN_WORK = PreparedTogether(COMPLETED, RELEASED, ATTENDED, BOOKED, CREDITS)

Rows = Sequence[tuple[Any, ...]]
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
    claims, certificates, programs, granted = OF_PEOPLE.rows(list(owners))
    for told_of, fact in _told_of(claims, certificates, programs):
        for person_id in owners[told_of]:
            facts[person_id].append(fact)
    for waiver_id, granted_to, *rest in granted:
        for person_id in owners[granted_to]:
            waivers[person_id].append(WaiverFact(f"waiver:{waiver_id}", *rest))
    return {person_id: Facts(tuple(facts[person_id]), tuple(waivers[person_id])) for person_id in ids}


def _told_of(claims: Rows, certificates: Rows, programs: Rows) -> Iterator[OwnFact]:
    """Claims, certificates and programs completed, each with the id under which it was recorded."""
    yield from ((one.person_id, _claimed(one)) for one in (ClaimFact(*row) for row in claims))
    yield from ((one.person_id, _certified(one)) for one in (HeldFact(*row) for row in certificates))
    yield from ((one.person_id, _completed(one)) for one in (CompletedFact(*row) for row in programs))


def _own_work(wanted: Sequence[tuple[int, Program]]) -> dict[int, list[Fact]]:
    """What was done within each enrollment, by its id: lessons, outcomes, classes, and credits."""
    ids = [enrollment_id for enrollment_id, _program in wanted]
    quizzes = {enrollment_id: _quizzes(program) for enrollment_id, program in wanted}
    found: dict[int, list[Fact]] = {enrollment_id: [] for enrollment_id in ids}
    lessons, outcomes, classes, seats, credits_given = OWN_WORK.rows(ids)
    for enrollment_id, fact in (
        *_lessons(lessons),
        *_outcomes(outcomes, quizzes),
        *_attended(classes),
        *_booked(seats),
        *_credits(credits_given),
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


# ---- what was done within enrollments: facts, each with its enrollment's id


def _lessons(rows: Rows) -> list[OwnFact]:
    return [
        (one.enrollment_id, Fact(f"lesson:{one.id}", "lesson", one.lesson_id, since=one.completed_at))
        for one in (LessonFact(*row) for row in rows)
    ]


def _outcomes(rows: Rows, quizzes: Mapping[int, frozenset[str]]) -> list[OwnFact]:
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
        for one in (OutcomeFact(*row) for row in rows)
        if one.passed
    ]


def _attended(rows: Rows) -> list[OwnFact]:
    return [
        (one.enrollment_id, Fact(f"seat:{one.seat_id}", "attended", one.stage_id, since=one.since))
        for one in (attended_fact(*row) for row in rows)
    ]


def _booked(rows: Rows) -> list[OwnFact]:
    """Seats whose class has not been settled: the next step is to be there, not to book another."""
    return [
        (one.enrollment_id, Fact(f"booked:{one.seat_id}", "seat", one.stage_id, since=one.booked_at))
        for one in (BookedFact(*row) for row in rows)
    ]


def _credits(rows: Rows) -> list[OwnFact]:
    return [
        (enrollment_id, Fact(f"credit:{credit_id}", "credit", stage_id, since=credited_at))
        for credit_id, enrollment_id, stage_id, credited_at in rows
    ]
