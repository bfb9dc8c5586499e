"""Who the person is: member, of age, on the registry, with years of coaching."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from lms.foundation.messages import Message
from lms.requirements.days import anniversary, day_of, start_of, whole_years
from lms.requirements.decisions import Action, Remedy, Verdict
from lms.requirements.facts import Fact, Facts
from lms.requirements.tree import Answer, Leaf
from lms.requirements.values import Whole
from lms.requirements.world import World

_OLDEST_YEARS = 120
_LONGEST_CAREER_YEARS = 80


@dataclass(frozen=True)
class Membership(Leaf):
    """The federation's membership, valid on the day."""

    name: ClassVar[str] = "membership"
    shorthand: ClassVar[str] = "status"
    status: Literal["current"] = "current"

    def phrase(self, world: World) -> Message:  # noqa: ARG002 - says the same everywhere
        return Message("Current membership")

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:  # noqa: ARG002  # the shape that every leaf has
        return facts.of("membership")

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:  # noqa: ARG002  # the shape that every leaf has
        if answer.verdict is Verdict.UNKNOWN:
            return Remedy(Message("We are checking your membership. You need do nothing."), Action.WAIT)
        if any(fact.has_ended(at) for fact in answer.facts):
            return Remedy(Message("Renew your membership, then tell us its new end date."), Action.CLAIM, "membership")
        return Remedy(Message("Join, or tell us your membership number."), Action.CLAIM, "membership")


@dataclass(frozen=True)
class RegistryMember(Leaf):
    """A place on the registry of coaches, valid on the day."""

    name: ClassVar[str] = "registry_member"
    shorthand: ClassVar[str] = "status"
    status: Literal["current"] = "current"

    def phrase(self, world: World) -> Message:  # noqa: ARG002  # the shape that every leaf has
        return Message("Current listing on the coaches registry")

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:  # noqa: ARG002  # the shape that every leaf has
        return facts.of("registry")

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:  # noqa: ARG002  # the shape that every leaf has
        if answer.verdict is Verdict.UNKNOWN:
            return Remedy(Message("We are checking your registry listing. You need do nothing."), Action.WAIT)
        return Remedy(Message("Show us that you are listed on the coaches registry."), Action.CLAIM, "registry")


@dataclass(frozen=True)
class MinAge(Leaf):
    """An age in whole years, reached on the birthday; 29 February counts from 1 March."""

    name: ClassVar[str] = "min_age"
    shorthand: ClassVar[str] = "years"
    silence_is_unknown: ClassVar[bool] = True
    years: Whole = 18

    def phrase(self, world: World) -> Message:  # noqa: ARG002  # the shape that every leaf has
        return Message("At least {years} years old", {"years": self.years})

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:  # noqa: ARG002  # the shape that every leaf has
        return tuple(fact for fact in facts.of("birth_date") if isinstance(fact.value, date))

    def enough(self, facts: Sequence[Fact], at: datetime, world: World) -> bool:  # noqa: ARG002  # the shape that every leaf has
        return any(whole_years(born, at.date()) >= self.years for born in _dates(facts))

    def own_turns(self, fact: Fact, at: datetime) -> Iterable[datetime]:
        return [start_of(anniversary(born, self.years), at.tzinfo) for born in _dates([fact])]

    def found(self, answer: Answer, at: datetime, world: World) -> Message | None:  # noqa: ARG002  # the shape that every leaf has
        if not answer.facts:
            return Message("We don't know your date of birth.")
        age = max(whole_years(born, at.date()) for born in _dates(answer.facts))
        return Message("{n} year old on {day}.", {"n": age, "day": at.date()}, "{n} years old on {day}.")

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:  # noqa: ARG002  # the shape that every leaf has
        if not answer.facts:
            return Remedy(Message("Enter your date of birth."), Action.CLAIM, "birth_date")
        if answer.verdict is Verdict.UNKNOWN:
            return Remedy(Message("We are checking your date of birth. You need do nothing."), Action.WAIT)
        day = min(anniversary(born, self.years) for born in _dates(answer.facts))
        return Remedy(Message("You reach this age on {day}.", {"day": day}), Action.WAIT)

    def faults(self) -> tuple[Message, ...]:
        if 0 < self.years <= _OLDEST_YEARS:
            return ()
        return (Message("Nobody can be asked for an age of {years}.", {"years": self.years}),)


@dataclass(frozen=True)
class CoachingExperience(Leaf):
    """Whole years of coaching: counted from the day it began, or from a number of years stated on a day."""

    name: ClassVar[str] = "coaching_experience_years"
    shorthand: ClassVar[str] = "years"
    silence_is_unknown: ClassVar[bool] = True
    years: Whole = 1

    def phrase(self, world: World) -> Message:  # noqa: ARG002  # the shape that every leaf has
        one, more = "At least {n} year of coaching experience", "At least {n} years of coaching experience"
        return Message(one, {"n": self.years}, more)

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:  # noqa: ARG002  # the shape that every leaf has
        return tuple(fact for fact in facts.of("experience") if isinstance(fact.value, date | int))

    def enough(self, facts: Sequence[Fact], at: datetime, world: World) -> bool:  # noqa: ARG002  # the shape that every leaf has
        return any(_years_coaching(fact, at) >= self.years for fact in facts)

    def own_turns(self, fact: Fact, at: datetime) -> Iterable[datetime]:
        reached = _reaches(fact, self.years, at)
        return () if reached is None else (start_of(reached, at.tzinfo),)

    def found(self, answer: Answer, at: datetime, world: World) -> Message | None:  # noqa: ARG002  # the shape that every leaf has
        if not answer.facts:
            return Message("You have not told us when you began to coach.")
        years = max(_years_coaching(fact, at) for fact in answer.facts)
        return Message("{n} year on {day}.", {"n": years, "day": at.date()}, "{n} years on {day}.")

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:  # noqa: ARG002  # the shape that every leaf has
        if answer.verdict is Verdict.UNKNOWN and answer.facts:
            return Remedy(Message("We are checking your coaching history. You need do nothing."), Action.WAIT)
        days = [day for fact in answer.facts if (day := _reaches(fact, self.years, at))]
        if coming := [day for day in days if day > at.date()]:
            return Remedy(Message("You reach this on {day}.", {"day": min(coming)}), Action.WAIT)
        return Remedy(Message("Tell us when you began to coach, and whom."), Action.CLAIM, "experience")

    def faults(self) -> tuple[Message, ...]:
        if 0 < self.years <= _LONGEST_CAREER_YEARS:
            return ()
        return (Message("Nobody can be asked for {years} years of coaching.", {"years": self.years}),)


def _dates(facts: Iterable[Fact]) -> list[date]:
    return [fact.value for fact in facts if isinstance(fact.value, date)]


def _years_coaching(fact: Fact, at: datetime) -> int:
    if isinstance(fact.value, date):
        return whole_years(fact.value, at.date())
    stated = fact.value if isinstance(fact.value, int) else 0
    return stated + (whole_years(day_of(fact.since, at.tzinfo), at.date()) if fact.since else 0)


def _reaches(fact: Fact, years: int, at: datetime) -> date | None:
    """The day on which this fact comes to `years`; None when time does not add to it, or has already."""
    if isinstance(fact.value, date):
        return anniversary(fact.value, years)
    if fact.since is None or not isinstance(fact.value, int) or fact.value >= years:
        return None
    return anniversary(day_of(fact.since, at.tzinfo), years - fact.value)
