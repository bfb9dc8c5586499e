"""What every node of a requirement can answer, and the leaves' common shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar

from lms.foundation.messages import Message
from lms.requirements.decisions import Action, Decision, Remedy, Verdict
from lms.requirements.facts import Fact, Facts
from lms.requirements.world import World


class Requirement(ABC):
    """A node of the tree: it decides, says itself, and knows when time may change its answer."""

    @property
    @abstractmethod
    def key(self) -> str:
        """What a waiver names it by; stable while the requirement asks the same."""

    @abstractmethod
    def verdict(self, facts: Facts, at: datetime, world: World) -> Verdict: ...

    @abstractmethod
    def turns(self, facts: Facts, at: datetime, world: World) -> Iterable[datetime]:
        """Every moment at which time alone may change the verdict; too many is right, too few is wrong."""

    @abstractmethod
    def decide(self, facts: Facts, at: datetime, world: World, *, blocking: bool = True) -> Decision:
        """The verdict with its explanation."""

    @abstractmethod
    def phrase(self, world: World) -> Message:
        """What it asks, in words that can stand alone or in a list."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The shape in which it is written in YAML."""

    @property
    def children(self) -> tuple[Requirement, ...]:
        return ()

    def faults(self) -> tuple[Message, ...]:
        """Why nobody, or everybody, would ever meet this node, its children aside."""
        return ()

    def next_change(self, facts: Facts, at: datetime, world: World) -> datetime | None:
        """The first moment after `at` at which the verdict is another, with the same facts."""
        ahead = sorted({moment for moment in self.turns(facts, at, world) if moment > at})
        if not ahead:
            return None
        now = self.verdict(facts, at, world)
        return next((moment for moment in ahead if self.verdict(facts, moment, world) is not now), None)


@dataclass(frozen=True)
class Answer:
    """A leaf's own verdict and the facts it rests on."""

    verdict: Verdict
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Leaf(Requirement):
    """One thing asked of a person.

    A leaf says which facts it reads (`relevant`), when one of them counts (`counts`), and when
    counting ones suffice (`enough`). The rest follows: established facts that suffice make it met;
    if only pending ones would tip it, it is unknown; otherwise it is unmet.
    """

    name: ClassVar[str] = ""
    shorthand: ClassVar[str] = ""
    """The field that a bare value fills: `min_age: 18` is `min_age: {years: 18}`."""
    silence_is_unknown: ClassVar[bool] = False
    """Only the person knows it, so that the answer stays open until something is established."""

    @abstractmethod
    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]: ...

    @abstractmethod
    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy | None:
        """What would mend it when it isn't met."""

    def counts(self, fact: Fact, at: datetime) -> bool:
        return fact.holds(at)

    def enough(self, facts: Sequence[Fact], at: datetime, world: World) -> bool:  # noqa: ARG002 - others need them
        return bool(facts)

    def own_turns(self, fact: Fact, at: datetime) -> Iterable[datetime]:  # noqa: ARG002 - most have none of their own
        return ()

    def found(self, answer: Answer, at: datetime, world: World) -> Message | None:
        return found_in_dates(answer, at, world)

    @property
    def key(self) -> str:
        """Its name, with the number that it asks for: who was let off 16 years was not let off 18."""
        asked = getattr(self, self.shorthand) if self.shorthand else None
        return f"{self.name}:{asked}" if isinstance(asked, int) else self.name

    @property
    def window(self) -> tuple[date, date] | None:
        """The only days, both inclusive, on which it can be met whatever the facts; None where time doesn't bind it."""
        return None

    def answer(self, facts: Facts, at: datetime, world: World) -> Answer:
        """The verdict before waivers."""
        read = self.relevant(facts, world)
        standing = [fact for fact in read if self.counts(fact, at)]
        if self.enough([fact for fact in standing if fact.established], at, world):
            return Answer(Verdict.MET, tuple(fact for fact in read if self.counts(fact, at) or not fact.has_ended(at)))
        if self.enough(standing, at, world) or self._is_silent(standing):
            return Answer(Verdict.UNKNOWN, read)
        return Answer(Verdict.UNMET, read)

    def _is_silent(self, standing: Sequence[Fact]) -> bool:
        return self.silence_is_unknown and not any(fact.established for fact in standing)

    def verdict(self, facts: Facts, at: datetime, world: World) -> Verdict:
        verdict = self.answer(facts, at, world).verdict
        waived = verdict is not Verdict.MET and facts.waiver_for(self.key, at) is not None
        return Verdict.MET if waived else verdict

    def turns(self, facts: Facts, at: datetime, world: World) -> Iterable[datetime]:
        for fact in self.relevant(facts, world):
            yield from fact.turns(at.tzinfo)
            yield from self.own_turns(fact, at)
        yield from facts.waiver_turns(self.key, at.tzinfo)

    def decide(self, facts: Facts, at: datetime, world: World, *, blocking: bool = True) -> Decision:
        answer = self.answer(facts, at, world)
        met = answer.verdict is Verdict.MET
        waiver = None if met else facts.waiver_for(self.key, at)
        ground = self._ground(answer, at)
        asked = _asked_back(answer, at)
        return Decision(
            verdict=Verdict.MET if waiver else answer.verdict,
            kind="leaf",
            key=self.key,
            asked=self.phrase(world),
            found=Message("More is needed.") if asked else self.found(answer, at, world),
            cites=tuple(fact.id for fact in answer.facts),
            since=ground.since if ground else None,
            until=ground.until if ground else waiver.until if waiver else None,
            next_change_at=self.next_change(facts, at, world),
            remedy=None if met or waiver else _answering(asked) if asked else self.remedy(answer, at, world),
            blocking=blocking,
            waived_by=waiver.id if waiver else None,
        )

    def _ground(self, answer: Answer, at: datetime) -> Fact | None:
        """The fact that holds it up longest."""
        if answer.verdict is not Verdict.MET:
            return None
        return lasting([fact for fact in answer.facts if fact.established and self.counts(fact, at)])

    def to_json(self) -> dict[str, Any]:
        options = {
            field.name: _plain(getattr(self, field.name))
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }
        if set(options) <= {self.shorthand}:
            return {self.name: _plain(getattr(self, self.shorthand))}
        return {self.name: options}


def _asked_back(answer: Answer, at: datetime) -> Fact | None:
    """The fact about which the staff asked, while nothing else meets the requirement: its person must answer."""
    if answer.verdict is Verdict.MET:
        return None
    return next((fact for fact in answer.facts if fact.state == "asked" and not fact.has_ended(at)), None)


def _answering(fact: Fact) -> Remedy:
    target = f"{fact.kind}:{fact.subject}" if fact.subject else fact.kind
    return Remedy(Message("Answer what the staff asked you."), Action.ANSWER, target)


def lasting(facts: Sequence[Fact]) -> Fact | None:
    """The fact with the latest end; one without end outlasts all."""
    return max(facts, key=lambda fact: (fact.until or date.max, fact.id), default=None)


def found_in_dates(answer: Answer, at: datetime, world: World) -> Message | None:
    """What a leaf with dated facts found: valid until, ended on, begins on, under review."""
    standing = lasting([fact for fact in answer.facts if fact.holds(at) and fact.established])
    if standing:
        until = standing.until
        return Message("Valid until {until}.", {"until": until}) if until else Message("Yes.")
    if any(not fact.established and not fact.has_ended(at) for fact in answer.facts):
        return Message("Under review.")
    established = [fact for fact in answer.facts if fact.established]
    if coming := [fact for fact in established if not fact.has_begun(at) and fact.since]:
        begins = min(coming, key=lambda fact: (str(fact.since), fact.id)).since
        return Message("Begins on {since}.", {"since": begins}) if begins else None
    ended = lasting(established)
    return world.ended(ended.until, at) if ended and ended.until else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
