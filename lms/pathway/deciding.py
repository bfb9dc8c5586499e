"""The doors: each gathers a person's facts and asks the rules. The same functions serve page, API and commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lms.catalog.models import Enrollment
from lms.catalog.queries import active_enrollments, enrollment_of, enrollments_with
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.foundation.errors import DomainError, NotFound
from lms.foundation.messages import Message
from lms.live.models import Offering, Seat
from lms.pathway.gathering import gather, gather_many
from lms.requirements import (
    AllOf,
    Decision,
    Facts,
    Program,
    ProgramStanding,
    Requirement,
    Stage,
    completion_of,
    decide,
    naming,
    opens,
    standing,
    together,
)


class NotReady(DomainError):
    """A door is shut: `decision` says everything that is missing, each with its remedy."""

    status = 409
    code = "not-ready"

    def __init__(self, message: Message | str, decision: Decision) -> None:
        missing = tuple(leaf.asked for leaf in decision.missing())
        super().__init__(message, remedy=Message("Still missing: {missing}", {"missing": missing}))
        self.decision = decision


@dataclass(frozen=True)
class ExamDoor:
    """Whether an exam is open; its window is counted from `window_from`, None where that has not happened."""

    decision: Decision
    window_from: datetime | None
    stage_id: str


def enrol_decision(person_id: int, program: Program, *, now: datetime) -> Decision:
    """Whether a person may enrol in a program as it is offered now."""
    return enrol_decisions(person_id, [program], now=now)[program.id]


def enrol_decisions(person_id: int, programs: Iterable[Program], *, now: datetime) -> dict[str, Decision]:
    """The same for many programs, by id, from facts gathered once."""
    at, world = content.at_issuer(now), content.world(now)
    facts = gather(person_id, None, now=now)
    return {
        program.id: decide(program.requirements.rule_at(at.date()), facts.within(program.id), at, world)
        for program in programs
    }


def pinned_program(enrollment: Enrollment) -> Program:
    """The program an enrollment goes through. Raises NotFound if its release never had it."""
    program = content.program_pinned(enrollment.release_id, enrollment.program_id)
    if program is None:
        raise NotFound
    return program


def standing_of(enrollment: Enrollment, *, now: datetime, facts: Facts | None = None) -> ProgramStanding:
    """Where a person stands in an enrollment now."""
    known = gather(enrollment.person_id, enrollment, now=now) if facts is None else facts
    return standing(pinned_program(enrollment), known, content.at_issuer(now), content.world(now))


def seat_decision(enrollment: Enrollment, stage_id: str, *, meets_at: datetime, now: datetime) -> Decision:
    """Whether a seat may be booked, or its holder checked in, for a class that meets then.

    The study must be done now; what lasts (such as a membership) must hold on the day of the class.
    """
    return seat_decisions([enrollment], stage_id, meets_at=meets_at, now=now)[enrollment.id]


def seat_decisions(
    enrollments: Sequence[Enrollment], stage_id: str, *, meets_at: datetime, now: datetime
) -> dict[int, Decision]:
    """The same for many enrollments, by id, from facts gathered at once."""
    facts = gather_many([(one.person_id, one) for one in enrollments], now=now)
    return {one.id: _stage_door(one, stage_id, facts[one.id], at=meets_at, now=now) for one in enrollments}


def readiness(seats: Sequence[Seat], offering: Offering, *, meets_at: datetime, now: datetime) -> dict[int, Decision]:
    """Whether the holder of each seat, by its id, may be checked in to a session of this class that begins then."""
    enrollments = enrollments_with([seat.enrollment_id for seat in seats])
    decisions = seat_decisions(enrollments, offering.stage_id, meets_at=meets_at, now=now)
    return {seat.id: decisions[seat.enrollment_id] for seat in seats}


def exam_decision(enrollment: Enrollment, exam: ExamDocument, *, now: datetime) -> ExamDoor:
    """Whether a sitting of an exam or quiz may begin now, attempts and waiting apart."""
    program = pinned_program(enrollment)
    stage = _stage_of_exam(program, exam)
    facts = gather(enrollment.person_id, enrollment, now=now)
    rule = opens(program, stage) if exam.kind == "quiz" else _with_throughout(program, opens(program, stage), now)
    decision = decide(rule, facts, content.at_issuer(now), naming(program, content.world(now)))
    return ExamDoor(decision, _window_from(enrollment, exam, facts), stage.id)


def throughout_decision(enrollment: Enrollment, facts: Facts, *, now: datetime) -> Decision:
    """Whether what must last (such as a membership) holds now: asked at every class, at the exam and for the certificate."""
    program = pinned_program(enrollment)
    rule = (content.program(program.id) or program).throughout.rule_at(content.today(now))
    return decide(rule, facts, content.at_issuer(now), content.world(now))


def issue_decision(enrollment: Enrollment, facts: Facts, found: ProgramStanding, *, now: datetime) -> Decision:
    """Whether the program's award is due: all of it complete, and what must last still holding.

    `found` is the standing for the same facts and moment, which has judged the stages already.
    """
    program = pinned_program(enrollment)
    at, world = content.at_issuer(now), naming(program, content.world(now))
    earned = AllOf((completion_of(program),))
    done: tuple[Decision, ...] = (found.completion,)
    if program.award is not None and program.award.requires is not None:
        earned = AllOf((*earned.parts, program.award.requires))
        done = (*done, decide(program.award.requires, facts, at, world))
    lasts = _throughout(program, now)
    decided = (earned.joined(done, facts, at, world), decide(lasts, facts, at, world))
    return AllOf((earned, lasts)).joined(decided, facts, at, world)


def seat_door(
    person_id: int, stage_id: str, *, meets_at: datetime, now: datetime
) -> tuple[Enrollment, Decision] | None:
    """The active enrollment for which a person would book this class, and whether they may; None without one.

    Two programs may share a class: the first that is ready for it counts, else the first.
    """
    doors = (
        (enrollment, seat_decision(enrollment, stage_id, meets_at=meets_at, now=now))
        for enrollment in active_enrollments([person_id])
        if _has_class(enrollment, stage_id)
    )
    first = None
    for door in doors:
        if door[1].met:
            return door
        first = first or door
    return first


def _has_class(enrollment: Enrollment, stage_id: str) -> bool:
    stage = pinned_program(enrollment).stage(stage_id)
    return stage is not None and stage.kind == "class"


def exam_enrollment(person_id: int, program_id: str, exam_id: str) -> Enrollment | None:
    """The enrollment in this program that has the exam or quiz."""
    enrollment = enrollment_of(person_id, program_id)
    if enrollment is None:
        return None
    program = pinned_program(enrollment)
    quizzes = {part.quiz for part in program.parts}
    exams = {stage.ref for stage in program.stages if stage.kind == "exam"}
    return enrollment if exam_id in quizzes | exams else None


def _stage_door(enrollment: Enrollment, stage_id: str, facts: Facts, *, at: datetime, now: datetime) -> Decision:
    program = pinned_program(enrollment)
    stage = program.stage(stage_id)
    if stage is None:
        raise NotFound
    world = naming(program, content.world(now))
    studied = decide(opens(program, stage), facts, content.at_issuer(now), world)
    lasting = decide(_throughout(program, at), facts, content.at_issuer(at), world)
    return together((studied, lasting))


def _throughout(program: Program, at: datetime) -> Requirement:
    """What must last. Door policies are never pinned: they are those of the current release, in force on the day."""
    current = content.program(program.id) or program
    return current.throughout.rule_at(content.today(at))


def _with_throughout(program: Program, rule: Requirement, at: datetime) -> Requirement:
    return AllOf((rule, _throughout(program, at)))


def _stage_of_exam(program: Program, exam: ExamDocument) -> Stage:
    for stage in program.stages:
        if any(part.quiz == exam.id for part in stage.parts) or (stage.kind == "exam" and stage.ref == exam.id):
            return stage
    raise NotFound


def _window_from(enrollment: Enrollment, exam: ExamDocument, facts: Facts) -> datetime | None:
    if exam.window_from == "enrolled":
        return enrollment.enrolled_at
    if exam.window_from == "attended":
        ends = [fact.since for fact in facts.of("attended") if isinstance(fact.since, datetime)]
        return max(ends, default=None)
    return None
