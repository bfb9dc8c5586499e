"""Personas: a person's facts at given dates, and what must hold then. They are the policy's own test suite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lms.foundation.messages import Message, Value
from lms.foundation.problems import Problem
from lms.requirements.days import day_of, start_of
from lms.requirements.deciding import decide
from lms.requirements.decisions import Decision, Verdict
from lms.requirements.facts import Fact, Facts
from lms.requirements.packing import Packed
from lms.requirements.programs import Program
from lms.requirements.stage_rules import credits_due, modules_passed
from lms.requirements.standing import ProgramStanding, State, standing
from lms.requirements.world import World


@dataclass(frozen=True)
class Expectation(Packed):
    """What must hold for one program on one day; what is not named is not asked.

    `missing` are leaf keys, in any order and complete; `stages` maps stage id → state.
    """

    on: date
    program: str
    enrol: Verdict | None = None
    missing: tuple[str, ...] | None = None
    stages: dict[str, State] = field(default_factory=dict)
    next_action: str | None = None
    complete: bool | None = None
    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Persona(Packed):
    """One imagined person. `enrolled`: program id → the day of enrolment, from which credits are given."""

    id: str
    title: str
    facts: Facts
    enrolled: dict[str, date] = field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()
    path: str = ""


def run(persona: Persona, programs: Mapping[str, Program], world: World) -> tuple[Problem, ...]:
    """Every expectation that fails, where it is written. The world must name the issuer's zone."""
    return tuple(
        problem for expectation in persona.expectations for problem in _judge(persona, expectation, programs, world)
    )


def _judge(
    persona: Persona, expectation: Expectation, programs: Mapping[str, Program], world: World
) -> Iterable[Problem]:
    program = programs.get(expectation.program)
    if program is None:
        yield _failed(persona, expectation, "There is no program “{program}”.", {"program": expectation.program})
        return
    at = _moment(expectation.on, world)
    facts = _facts_on(persona, program, at, world)
    rule = program.requirements.rule_at(expectation.on)
    yield from _door_failures(persona, expectation, decide(rule, facts, at, world))
    yield from _standing_failures(persona, expectation, standing(program, facts, at, world))


def _door_failures(persona: Persona, expectation: Expectation, decision: Decision) -> Iterable[Problem]:
    missing = tuple(leaf.key for leaf in decision.missing())
    if expectation.enrol is not None and decision.verdict is not expectation.enrol:
        yield _differs(persona, expectation, "enrol", expectation.enrol.value, decision.verdict.value)
    if expectation.missing is not None and sorted(missing) != sorted(expectation.missing):
        yield _differs(persona, expectation, "missing", _listed(expectation.missing), _listed(missing))


def _standing_failures(persona: Persona, expectation: Expectation, found: ProgramStanding) -> Iterable[Problem]:
    for stage_id, state in expectation.stages.items():
        stage = found.stage(stage_id)
        if stage is None:
            yield _failed(persona, expectation, "There is no stage “{stage}”.", {"stage": stage_id})
        elif stage.state != state:
            yield _differs(persona, expectation, stage_id, state, stage.state)
    next_action = found.next_action.kind if found.next_action else "none"
    if expectation.next_action is not None and next_action != expectation.next_action:
        yield _differs(persona, expectation, "next_action", expectation.next_action, next_action)
    if expectation.complete is not None and found.complete is not expectation.complete:
        yield _differs(persona, expectation, "complete", _yes(expectation.complete), _yes(found.complete))


def _facts_on(persona: Persona, program: Program, at: datetime, world: World) -> Facts:
    """The persona's facts with what the house would have written by then: modules passed, stages credited."""
    facts = persona.facts.plus(*modules_passed(program.parts, persona.facts, at))
    enrolled_on = persona.enrolled.get(program.id)
    if enrolled_on is None:
        return facts
    issued = (day_of(fact.since, at.tzinfo) for fact in facts.of("certificate") if fact.since)
    for day in sorted({enrolled_on, *(day for day in issued if day > enrolled_on)}):
        if day <= at.date():
            due = credits_due(program, facts, _moment(day, world), world)
            facts = facts.plus(*(Fact(f"credit:{stage}", "credit", stage, since=day) for stage, _ in due))
    return facts


def _moment(day: date, world: World) -> datetime:
    """Noon of the day in the issuer's zone."""
    return start_of(day, ZoneInfo(world.zone or "UTC")) + timedelta(hours=12)


def _differs(persona: Persona, expectation: Expectation, what: str, expected: str, found: str) -> Problem:
    sentence = "{what} should be {expected} and is {found}."
    return _failed(persona, expectation, sentence, {"what": what, "expected": expected, "found": found})


def _failed(persona: Persona, expectation: Expectation, sentence: str, values: Mapping[str, Value]) -> Problem:
    message = Message(
        "{persona}, {program} on {day}: {failure}",
        {
            "persona": persona.id,
            "program": expectation.program,
            "day": expectation.on,
            "failure": Message(sentence, values),
        },
    )
    return Problem("persona-fails", message, persona.path, expectation.line, expectation.column)


def _listed(keys: tuple[str, ...]) -> str:
    return f"[{', '.join(sorted(keys))}]"


def _yes(value: bool) -> str:
    return "true" if value else "false"
