"""Personas as they are written: YAML → `Persona`, with the place of every problem."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lms.foundation.problems import Problem
from lms.foundation.yaml_source import position, read_model
from lms.requirements.decisions import Verdict
from lms.requirements.facts import Fact, Facts, Waiver
from lms.requirements.personas import Expectation, Persona
from lms.requirements.program_yaml import Written
from lms.requirements.standing import State
from lms.requirements.values import ContentId, Day, Text

FactKind = Literal[
    "membership", "birth_date", "certificate", "registry", "experience", "evidence", "lesson", "module", "quiz",
    "exam_passed", "attended", "assignment", "capstone", "observed_teaching", "program", "partner_course", "credits",
    "paid", "application", "credit", "seat", "ended",
]  # fmt: skip


def _moment(value: Any) -> date | datetime:
    """A day, or a moment with its offset: `2027-01-15T12:00-05:00`."""
    if isinstance(value, date):
        return value
    try:
        found = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError("a day such as 2027-01-15, or a moment with its offset") from None
    if isinstance(found, datetime) and found.tzinfo is None:
        raise ValueError("a moment needs its offset: 2027-01-15T12:00-05:00")
    return found


Moment = Annotated[date | datetime, BeforeValidator(_moment)]


def _value(value: Any) -> Any:
    """A number, or words, or the day that they spell."""
    if isinstance(value, float):
        return Decimal(str(value))
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value) if value.count("-") == 2 else value
    except ValueError:
        return value


class WrittenFact(Written):
    """One fact, or with `subjects` one for each of them."""

    kind: FactKind
    subject: str = ""
    subjects: list[ContentId] = Field(default_factory=list)
    value: Annotated[str | int | Decimal | date | None, BeforeValidator(_value)] = None
    since: Moment | None = None
    until: Day | None = None
    state: Literal["established", "pending"] = "established"


class WrittenWaiver(Written):
    leaf: Text
    until: Day | None = None
    reason: Text


class WrittenExpectation(Written):
    on: Day
    program: ContentId
    enrol: Literal["met", "unmet", "unknown"] | None = None
    missing: list[Text] | None = None
    stages: dict[ContentId, State] = Field(default_factory=dict)
    next_action: Text | None = None
    complete: bool | None = None


class WrittenPersona(Written):
    id: ContentId
    title: Text
    facts: list[WrittenFact] = Field(default_factory=list)
    waivers: list[WrittenWaiver] = Field(default_factory=list)
    enrolled: dict[ContentId, Day] = Field(default_factory=dict)
    expectations: Annotated[list[WrittenExpectation], Field(min_length=1)]


def parse_persona(node: Any, path: str) -> tuple[Persona | None, tuple[Problem, ...]]:
    """The persona that a loaded YAML mapping writes in the file `path`, and every problem with its place."""
    written, problems = read_model(WrittenPersona, node, path)
    if written is None:
        return None, problems
    facts = tuple(fact for index, entry in enumerate(written.facts) for fact in _facts(entry, index))
    waivers = tuple(
        Waiver(f"waiver:{index}", waiver.leaf, waiver.until, waiver.reason)
        for index, waiver in enumerate(written.waivers)
    )
    persona = Persona(
        id=written.id,
        title=written.title,
        facts=Facts(facts, waivers),
        enrolled=dict(written.enrolled),
        expectations=tuple(
            _expectation(entry, position(node, ("expectations", index)))
            for index, entry in enumerate(written.expectations)
        ),
        path=path,
    )
    return persona, ()


def _facts(entry: WrittenFact, index: int) -> list[Fact]:
    subjects = entry.subjects or [entry.subject]
    return [
        Fact(
            id=f"{entry.kind}:{index}:{subject}",
            kind=entry.kind,
            subject=subject,
            value=entry.value,
            since=entry.since,
            until=entry.until,
            state=entry.state,
            source="persona",
        )
        for subject in subjects
    ]


def _expectation(entry: WrittenExpectation, place: tuple[int, int]) -> Expectation:
    line, column = place
    return Expectation(
        on=entry.on,
        program=entry.program,
        enrol=Verdict(entry.enrol) if entry.enrol else None,
        missing=None if entry.missing is None else tuple(entry.missing),
        stages=dict(entry.stages),
        next_action=entry.next_action,
        complete=entry.complete,
        line=line,
        column=column,
    )
