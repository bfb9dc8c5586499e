"""Where a person stands in a program: every stage and part, the next best action, the share done."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Literal, TypeAlias, cast

from lms.requirements.combinators import AllOf
from lms.requirements.decisions import Decision, Verdict
from lms.requirements.facts import Facts
from lms.requirements.packing import Packed
from lms.requirements.programs import Part, Program, Stage, StageKind
from lms.requirements.same import Same
from lms.requirements.stage_rules import completes, completion_of, opens
from lms.requirements.world import World

State = Literal["shut", "open", "in_progress", "complete", "ended"]
ActionKind = Literal[
    "lesson", "quiz", "book_class", "attend", "exam", "coursework", "partner", "certificate", "wait", "unavailable"
]

_NO_WORLD = World()
KEPT_NAMES = 64
_Known: TypeAlias = tuple[Facts, datetime, World]
_SHARE_STEP = Decimal("0.001")  # what the standing index keeps, so that both say the same


@dataclass(frozen=True)
class PartStanding(Packed):
    """One module: how many of its lessons are done, and whether its quiz is at the mark."""

    id: str
    title: str
    state: State
    lessons_done: int
    lessons_total: int
    quiz_passed: bool
    minutes: int
    minutes_done: int = 0


@dataclass(frozen=True)
class StageStanding(Packed):
    """One stage. `opens` says why it is shut or open, `completes` what it still takes.

    `credited_by` is the fact for which it need not be done. Minutes are of learning, not of the clock.
    """

    stage_id: str
    title: str
    kind: str
    state: State
    opens: Decision
    completes: Decision
    parts: tuple[PartStanding, ...] = ()
    minutes: int = 0
    minutes_done: int = 0
    credited_by: str | None = None
    available: bool = True

    @property
    def is_reachable(self) -> bool:
        return self.state in {"open", "in_progress"}


@dataclass(frozen=True)
class NextAction(Packed):
    """The one next step: what to do, with what (a lesson, quiz, exam, credential or stage), in which stage and part."""

    kind: ActionKind
    target: str
    stage_id: str = ""
    part_id: str = ""


@dataclass(frozen=True)
class ProgramStanding(Packed):
    """The one value that the learner's page, the dossier, the API and the mails draw.

    `share` runs from 0 to 1, weighted by minutes (a stage without minutes weighs one), and is 1
    only when everything is complete.
    """

    program_id: str
    stages: tuple[StageStanding, ...]
    minutes_done: int
    minutes_total: int
    share: Decimal
    next_action: NextAction | None
    complete: bool
    completion: Decision
    next_change_at: datetime | None = None

    def stage(self, stage_id: str) -> StageStanding | None:
        return next((stage for stage in self.stages if stage.stage_id == stage_id), None)


def standing(program: Program, facts: Facts, at: datetime, world: World = _NO_WORLD) -> ProgramStanding:
    """Where the person of these facts stands at `at` (aware, in the issuer's zone; else ValueError)."""
    world.refuse_wrong_zone(at)
    world = naming(program, world)
    completing = tuple(completes(stage).decide(facts, at, world) for stage in program.stages)
    opening = tuple(_opening(program, stage, completing, facts, at, world) for stage in program.stages)
    stages = tuple(
        _stage_standing(stage, opened, completed, facts, at)
        for stage, opened, completed in zip(program.stages, opening, completing, strict=True)
    )
    completion = _completion(program, completing, facts, at, world)
    decisions = [completion, *(decision for stage in stages for decision in (stage.opens, stage.completes))]
    return ProgramStanding(
        program_id=program.id,
        stages=stages,
        minutes_done=sum(stage.minutes_done for stage in stages),
        minutes_total=sum(stage.minutes for stage in stages),
        share=_share(stages),
        next_action=_next_action(program, stages, facts, at),
        complete=completion.met,
        completion=completion,
        next_change_at=min((d.next_change_at for d in decisions if d.next_change_at), default=None),
    )


def naming(program: Program, world: World) -> World:
    """The world that also knows what the program calls its own stages and modules."""
    return replace(world, names=_names(Same(program), Same(world.names)))


@lru_cache(maxsize=KEPT_NAMES)
def _names(of: Same[Program], known: Same[Mapping[str, str]]) -> Mapping[str, str]:
    program = of.one
    stages = {f"stage:{stage.id}": stage.title for stage in program.stages}
    modules = {f"module:{part.id}": part.title for part in program.parts}
    sets = {f"module_set:{stage.ref}": stage.title for stage in program.stages if stage.kind == "module_set"}
    exams = {f"exam:{stage.ref}": stage.title for stage in program.stages if stage.kind == "exam"}
    return ChainMap(stages, modules, cast("dict[str, str]", known.one), sets, exams)  # it is only read


def _opening(program: Program, stage: Stage, completing: tuple[Decision, ...], *known: *_Known) -> Decision:
    """Why the stage is open or shut; where that hangs on the stages before, from what was decided about them."""
    rule = opens(program, stage)
    if stage.opens is not None or not isinstance(rule, AllOf):
        return rule.decide(*known)
    return rule.joined(completing[: len(rule.parts)], *known)


def _completion(program: Program, completing: tuple[Decision, ...], *known: *_Known) -> Decision:
    rule = completion_of(program)
    return rule.joined(completing, *known) if isinstance(rule, AllOf) else rule.decide(*known)


def _stage_standing(stage: Stage, opening: Decision, completing: Decision, facts: Facts, at: datetime) -> StageStanding:
    excuse = completing.children[0]
    state = _state(stage, opening, completing, facts, at)
    parts = tuple(_part_standing(part, facts, at, stage_is_shut=state == "shut") for part in stage.parts)
    minutes = stage.length_minutes
    return StageStanding(
        stage_id=stage.id,
        title=stage.title,
        kind=stage.kind,
        state=state,
        opens=opening,
        completes=completing,
        parts=parts,
        minutes=minutes,
        minutes_done=minutes if state == "complete" else sum(part.minutes_done for part in parts),
        credited_by=next((leaf.cites[0] for leaf in excuse.leaves() if leaf.met and leaf.cites), None),
        available=stage.available,
    )


def _state(stage: Stage, opening: Decision, completing: Decision, facts: Facts, at: datetime) -> State:
    if completing.met:
        return "complete"
    if _has_ended(stage, facts, at):
        return "ended"
    if not opening.met:
        return "shut"
    return "in_progress" if _has_begun(stage, completing, facts, at) else "open"


def _has_ended(stage: Stage, facts: Facts, at: datetime) -> bool:
    """Whether it was said to be over (attempts used up, window past), or what completed it has run out."""
    if any(fact.holds(at) for fact in facts.of("ended", stage.id)):
        return True
    kind, subject = _completing_fact(stage)
    return bool(kind) and any(fact.established and fact.has_ended(at) for fact in facts.of(kind, subject))


def _completing_fact(stage: Stage) -> tuple[str, str]:
    if stage.kind == "module_set":
        return "", ""
    kinds = {"class": "attended", "exam": "exam_passed"}
    subject = stage.ref if stage.kind in {"exam", "partner_course"} else stage.id
    return kinds.get(stage.kind, stage.kind), subject


def _has_begun(stage: Stage, completing: Decision, facts: Facts, at: datetime) -> bool:
    if stage.parts:
        return any(_steps_done(part, facts, at) for part in stage.parts)
    has_seat = stage.kind == "class" and facts.holding("seat", stage.id, at) is not None
    return has_seat or completing.verdict is Verdict.UNKNOWN


def _part_standing(part: Part, facts: Facts, at: datetime, *, stage_is_shut: bool) -> PartStanding:
    passed = _is_passed(part, facts, at)
    steps, total = _steps_done(part, facts, at), _steps(part)
    lessons = sum(_is_done("lesson", lesson, facts, at) for lesson in part.lessons)
    untouched: State = "in_progress" if steps else "open"
    return PartStanding(
        id=part.id,
        title=part.title,
        state="complete" if passed else "shut" if stage_is_shut else untouched,
        lessons_done=lessons,
        lessons_total=len(part.lessons),
        quiz_passed=_quiz_is_passed(part, facts, at),
        minutes=part.minutes,
        minutes_done=part.minutes if passed else part.minutes * min(steps, total - 1) // total if total else 0,
    )


def _steps(part: Part) -> int:
    return len(part.lessons) + (1 if part.quiz else 0)


def _steps_done(part: Part, facts: Facts, at: datetime) -> int:
    if _is_passed(part, facts, at):
        return max(1, _steps(part))
    lessons = sum(_is_done("lesson", lesson, facts, at) for lesson in part.lessons)
    return lessons + (1 if part.quiz and _is_done("quiz", part.quiz, facts, at) else 0)


def _is_passed(part: Part, facts: Facts, at: datetime) -> bool:
    return _is_done("module", part.id, facts, at)


def _quiz_is_passed(part: Part, facts: Facts, at: datetime) -> bool:
    return part.quiz is None or _is_passed(part, facts, at) or _is_done("quiz", part.quiz, facts, at)


def _is_done(kind: str, subject: str, facts: Facts, at: datetime) -> bool:
    return facts.holding(kind, subject, at) is not None


def _share(stages: Iterable[StageStanding]) -> Decimal:
    weights = [(max(1, stage.minutes), stage) for stage in stages]
    total = sum(weight for weight, _ in weights)
    if not total:
        return Decimal(0)
    done = sum(weight if stage.state == "complete" else stage.minutes_done for weight, stage in weights)
    return (Decimal(done) / total).quantize(_SHARE_STEP, ROUND_DOWN)


def _next_action(program: Program, stages: tuple[StageStanding, ...], facts: Facts, at: datetime) -> NextAction | None:
    left = [(stage, found) for stage, found in zip(program.stages, stages, strict=True) if found.state != "complete"]
    if not left:
        return NextAction("certificate", program.award.credential) if program.award and stages else None
    reachable = [(stage, found) for stage, found in left if found.is_reachable]
    steps = [_step_in(stage, found, facts, at) for stage, found in reachable]
    doable = [step for step in steps if step.kind not in {"wait", "unavailable"}]
    first_left = left[0][0].id
    return next(iter(doable + steps), NextAction("wait", first_left, first_left))


def _step_in(stage: Stage, found: StageStanding, facts: Facts, at: datetime) -> NextAction:
    if stage.available and stage.parts:
        return _step_in_modules(stage, found, facts, at)
    kind = _step_kind(stage, found, facts, at)
    return NextAction(kind, stage.ref if kind in {"exam", "partner"} else stage.id, stage.id)


def _step_kind(stage: Stage, found: StageStanding, facts: Facts, at: datetime) -> ActionKind:
    if not stage.available:
        return "unavailable"
    if stage.kind == "class" and facts.holding("seat", stage.id, at):
        return "attend"
    if found.completes.verdict is Verdict.UNKNOWN:
        return "wait"
    return _STEPS[stage.kind]


_STEPS: dict[StageKind, ActionKind] = {
    "module_set": "unavailable",
    "class": "book_class",
    "exam": "exam",
    "assignment": "coursework",
    "capstone": "coursework",
    "observed_teaching": "coursework",
    "partner_course": "partner",
}


def _step_in_modules(stage: Stage, found: StageStanding, facts: Facts, at: datetime) -> NextAction:
    """The first lesson not done of the first module begun, else of the first not passed; then its quiz."""
    unpassed = [part for part, its in zip(stage.parts, found.parts, strict=True) if its.state != "complete"]
    part = next((part for part in unpassed if _steps_done(part, facts, at)), unpassed[0])
    for lesson in part.lessons:
        if not _is_done("lesson", lesson, facts, at):
            return NextAction("lesson", lesson, stage.id, part.id)
    if part.quiz and not _quiz_is_passed(part, facts, at):
        return NextAction("quiz", part.quiz, stage.id, part.id)
    return NextAction("wait", part.id, stage.id, part.id)
