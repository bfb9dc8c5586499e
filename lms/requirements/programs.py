"""A program as a value: who may enter, its stages and their parts, what it awards, how that is renewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from lms.requirements.combinators import AllOf
from lms.requirements.packing import Packed
from lms.requirements.reading import PackedRequirement, PackedRequirementOrNone
from lms.requirements.tree import Requirement

Family = Literal["pathway", "specialist", "continuing", "partner"]
Delivery = Literal["online", "blended", "in_person"]
Price = Literal["included", "free", "paid", "unclear"]
ClassFormat = Literal["zoom", "in_person"]
StageKind = Literal["module_set", "class", "exam", "assignment", "capstone", "observed_teaching", "partner_course"]

_NO_MINUTES: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class DoorRule(Packed):
    """A rule and the first day on which it is in force; None for always."""

    rule: PackedRequirement
    effective_from: date | None = None


@dataclass(frozen=True)
class Door(Packed):
    """What a door asks, as it changes with time; oldest rule first. Without rules it is open to everyone."""

    rules: tuple[DoorRule, ...] = ()

    def rule_at(self, day: date) -> Requirement:
        """The rule in force on the day; before the first one begins, the first."""
        begun = [entry for entry in self.rules if entry.effective_from is None or entry.effective_from <= day]
        chosen = begun[-1:] or self.rules[:1]
        return chosen[0].rule if chosen else AllOf()


@dataclass(frozen=True)
class Track(Packed):
    """An event group that a learner chooses."""

    id: str
    title: str


@dataclass(frozen=True)
class Part(Packed):
    """A module inside a stage. `minutes` is its whole length, its quiz included."""

    id: str
    title: str
    kind: Literal["module"] = "module"
    minutes: int = 0
    lessons: tuple[str, ...] = ()
    quiz: str | None = None


@dataclass(frozen=True)
class Stage(Packed):
    """One stretch of a program.

    `ref` is the module set, exam, rubric or partner course it is made of. `opens` None: open when
    every stage before is complete. `credit`: what credits it, judged at enrolment and when a
    certificate is issued. `waived_if`: who need not do it. Not `available`: cannot be taken yet.
    """

    id: str
    title: str
    kind: StageKind
    ref: str = ""
    opens: PackedRequirementOrNone = None
    credit: PackedRequirementOrNone = None
    waived_if: PackedRequirementOrNone = None
    formats: tuple[ClassFormat, ...] = ()
    attendance: Literal["all_sessions", "any_session"] = "all_sessions"
    hours: Decimal | None = None
    minutes: int | None = None
    available: bool = True
    note: str = ""
    milestones: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def length_minutes(self) -> int:
        """The sum of its parts where it has any, else what its definition says; 0 when nobody said."""
        if self.parts:
            return sum(part.minutes for part in self.parts)
        if self.minutes is not None:
            return self.minutes
        return int(self.hours * 60) if self.hours is not None else 0


@dataclass(frozen=True)
class Award(Packed):
    """The credential that completing gives. `subject` says what the certificate is about, besides the person."""

    credential: str
    subject: Literal["", "track", "program"] = ""
    requires: PackedRequirementOrNone = None


@dataclass(frozen=True)
class Renewal(Packed):
    """How the awarded credential is carried on: when, by whom, and who need not."""

    requires: Door
    opens_days_before: int
    on_time_days_after: int = 0
    late_days_after: int = 0
    exempt_if: PackedRequirementOrNone = None


@dataclass(frozen=True)
class Program(Packed):
    """One program of the federation or of a partner.

    `requirements` is judged when enrolling; `throughout` again at every later door (booking a seat,
    check-in, starting the exam, issuing). `selection`: what is published so far is a part of its hours.
    """

    id: str
    title: str
    family: Family
    delivery: Delivery
    summary: str = ""
    audience: str = ""
    hours: Decimal | None = None
    duration_days: int | None = None
    order: int = 0
    requirements: Door = Door()
    throughout: Door = Door()
    tracks: tuple[Track, ...] = ()
    stages: tuple[Stage, ...] = ()
    award: Award | None = None
    renewal: Renewal | None = None
    renewal_credit: tuple[str, ...] = ()
    provider: str = ""
    platform: str = ""
    provider_url: str = ""
    price: Price = "included"
    application: bool = False
    selection: bool = False
    topics: tuple[str, ...] = ()
    site: str = ""
    formerly: tuple[str, ...] = ()

    def stage(self, stage_id: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for stage in self.stages for part in stage.parts)

    @property
    def length_minutes(self) -> int:
        return sum(stage.length_minutes for stage in self.stages)

    @property
    def available(self) -> bool:
        """Whether any of it can be taken."""
        return any(stage.available for stage in self.stages)


def with_parts(
    program: Program, sets: Mapping[str, Sequence[Part]], exam_minutes: Mapping[str, int] = _NO_MINUTES
) -> Program:
    """The program with the modules of its sets filled in, and the length of its exams where they are known."""
    return replace(program, stages=tuple(_filled(stage, sets, exam_minutes) for stage in program.stages))


def _filled(stage: Stage, sets: Mapping[str, Sequence[Part]], exam_minutes: Mapping[str, int]) -> Stage:
    if stage.kind == "module_set":
        return replace(stage, parts=tuple(sets.get(stage.ref, ())))
    if stage.kind == "exam" and stage.minutes is None:
        return replace(stage, minutes=exam_minutes.get(stage.ref))
    return stage
