"""What opens a stage, what completes it, and what credits it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache

from lms.requirements.combinators import AllOf, AnyOf, Unless
from lms.requirements.days import beginning
from lms.requirements.decisions import Decision
from lms.requirements.facts import Fact, Facts
from lms.requirements.leaves.accomplished import (
    AssignmentAccepted,
    Attended,
    CapstoneAccepted,
    Credited,
    ExamPassed,
    ModulePassed,
    PartnerCourseDone,
    TeachingObserved,
)
from lms.requirements.leaves.module_sets import ModuleSetPassed
from lms.requirements.programs import Part, Program, Stage, StageKind
from lms.requirements.same import Same
from lms.requirements.tree import Requirement
from lms.requirements.world import World

_NO_WORLD = World()
KEPT_STAGES = 512


def completion_of(program: Program) -> Requirement:
    """What completes the program: every stage. Of a program without stages: nothing can."""
    return AllOf(tuple(completes(stage) for stage in program.stages)) if program.stages else AnyOf()


def completes(stage: Stage) -> Requirement:
    """What completes a stage: what it is made of, unless it is credited or waived."""
    return _completes(Same(stage))


@lru_cache(maxsize=KEPT_STAGES)
def _completes(of: Same[Stage]) -> Requirement:
    stage = of.one
    excuse: Requirement = Credited(stage.id)
    if stage.waived_if is not None:
        excuse = AnyOf((excuse, stage.waived_if))
    return Unless(excuse, _OWN_WORK[stage.kind](stage))


def opens(program: Program, stage: Stage) -> Requirement:
    """What opens a stage: what it says itself, else that every stage before it is complete."""
    if stage.opens is not None:
        return stage.opens
    before = program.stages[: program.stages.index(stage)]
    return AllOf(tuple(completes(earlier) for earlier in before))


def credits_due(
    program: Program, facts: Facts, at: datetime, world: World = _NO_WORLD
) -> tuple[tuple[str, Decision], ...]:
    """The stages to credit now, each with the decision to record: its `credit` is met and it has none yet."""
    world.refuse_wrong_zone(at)
    asked = [(stage, stage.credit) for stage in program.stages if stage.credit and not facts.of("credit", stage.id)]
    decided = [(stage.id, rule.decide(facts, at, world)) for stage, rule in asked]
    return tuple((stage_id, decision) for stage_id, decision in decided if decision.met)


def modules_passed(parts: Iterable[Part], facts: Facts, at: datetime) -> tuple[Fact, ...]:
    """A `module` fact for every part whose lessons are all done and whose quiz is at the mark, since the last of them.

    Parts that have their fact already are left out.
    """
    fresh = [part for part in parts if not facts.of("module", part.id)]
    grounds = [(part, _ground_of(part, facts, at)) for part in fresh]
    return tuple(_module_fact(part, ground, at) for part, ground in grounds if ground is not None)


def _ground_of(part: Part, facts: Facts, at: datetime) -> tuple[Fact, ...] | None:
    asked = [("lesson", lesson) for lesson in part.lessons] + ([("quiz", part.quiz)] if part.quiz else [])
    found = [facts.holding(kind, subject, at) for kind, subject in asked]
    ground = tuple(fact for fact in found if fact is not None)
    return ground if asked and len(ground) == len(asked) else None


def _module_fact(part: Part, ground: tuple[Fact, ...], at: datetime) -> Fact:
    known = [fact.since for fact in ground if fact.since is not None]
    since = max(known, key=lambda moment: beginning(moment, at.tzinfo), default=None)
    return Fact(f"module:{part.id}", "module", part.id, since=since, source="derived")


def _modules_of(stage: Stage) -> Requirement:
    parts = tuple(ModulePassed(part.id) for part in stage.parts)
    return AllOf(parts) if parts else ModuleSetPassed(stage.ref)


_OWN_WORK: dict[StageKind, Callable[[Stage], Requirement]] = {
    "module_set": _modules_of,
    "class": lambda stage: Attended(stage.id),
    "exam": lambda stage: ExamPassed(stage.ref),
    "assignment": lambda stage: AssignmentAccepted(stage.id),
    "capstone": lambda stage: CapstoneAccepted(stage.id),
    "observed_teaching": lambda stage: TeachingObserved(stage.id),
    "partner_course": lambda stage: PartnerCourseDone(stage.ref),
}
