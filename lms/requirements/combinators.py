"""How requirements join: all, any, not, preferred, unless, only if.

They count in Kleene's three values (see `Verdict`), so that what is unknown never becomes met by ignorance.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from lms.foundation.messages import Message
from lms.requirements.decisions import Action, Decision, Kind, Remedy, Verdict, at_least, opposite
from lms.requirements.facts import Facts
from lms.requirements.tree import Leaf, Requirement
from lms.requirements.world import World


@dataclass(frozen=True)
class AllOf(Requirement):
    """Every part. Of nothing: met by everyone."""

    parts: tuple[Requirement, ...] = ()

    @property
    def key(self) -> str:
        return "all_of"

    @property
    def children(self) -> tuple[Requirement, ...]:
        return self.parts

    def verdict(self, facts: Facts, at: datetime, world: World) -> Verdict:
        return at_least(len(self.parts), (part.verdict(facts, at, world) for part in self.parts))

    def turns(self, facts: Facts, at: datetime, world: World) -> Iterable[datetime]:
        return _turns(self.parts, facts, at, world)

    def decide(self, facts: Facts, at: datetime, world: World, *, blocking: bool = True) -> Decision:
        parts = tuple(part.decide(facts, at, world, blocking=blocking) for part in self.parts)
        return self.joined(parts, facts, at, world, blocking=blocking)

    def joined(
        self, parts: tuple[Decision, ...], facts: Facts, at: datetime, world: World, *, blocking: bool = True
    ) -> Decision:
        """The decision for the whole, from those already made for its parts."""
        verdict = at_least(len(parts), (part.verdict for part in parts))
        changes = _next_change(self, parts, facts, at, world)
        return _joined("all_of", Message("All of these"), verdict, parts, changes_at=changes, blocking=blocking)

    def phrase(self, world: World) -> Message:
        if not self.parts:
            return Message("Open to everyone")
        return Message("All of these: {conditions}", {"conditions": _phrases(self.parts, world)})

    def to_json(self) -> dict[str, Any]:
        return {"all_of": [part.to_json() for part in self.parts]}

    def faults(self) -> tuple[Message, ...]:
        return (*self._contradictions(), *_windows_apart(self.parts))

    def _contradictions(self) -> Iterable[Message]:
        forbidden = {part.part for part in self.parts if isinstance(part, Not)}
        return [
            Message("It asks for the same thing and forbids it: {condition}.", {"condition": part.phrase(World())})
            for part in dict.fromkeys(self.parts)
            if part in forbidden
        ]


@dataclass(frozen=True)
class AnyOf(Requirement):
    """At least some of the parts; one where no number is given."""

    parts: tuple[Requirement, ...] = ()
    count: int = 1

    @property
    def key(self) -> str:
        return "any_of"

    @property
    def children(self) -> tuple[Requirement, ...]:
        return self.parts

    def verdict(self, facts: Facts, at: datetime, world: World) -> Verdict:
        return at_least(self.count, (part.verdict(facts, at, world) for part in self.parts))

    def turns(self, facts: Facts, at: datetime, world: World) -> Iterable[datetime]:
        return _turns(self.parts, facts, at, world)

    def decide(self, facts: Facts, at: datetime, world: World, *, blocking: bool = True) -> Decision:
        parts = tuple(part.decide(facts, at, world, blocking=blocking) for part in self.parts)
        verdict = at_least(self.count, (part.verdict for part in parts))
        changes = _next_change(self, parts, facts, at, world)
        heading = (
            Message("At least one of these")
            if self.count == 1
            else Message("At least {count} of these", {"count": self.count})
        )
        return _joined("any_of", heading, verdict, parts, changes_at=changes, blocking=blocking)

    def phrase(self, world: World) -> Message:
        conditions = _phrases(self.parts, world)
        if self.count == 1:
            return Message("At least one of these: {conditions}", {"conditions": _alternatives(conditions)})
        return Message("At least {count} of these: {conditions}", {"count": self.count, "conditions": conditions})

    def to_json(self) -> dict[str, Any]:
        written: dict[str, Any] = {"any_of": [part.to_json() for part in self.parts]}
        return written if self.count == 1 else {**written, "at_least": self.count}

    def faults(self) -> tuple[Message, ...]:
        found = list(_pointless_preferences(self.parts))
        if self.count > len(self.parts):
            values = {"count": self.count, "n": len(self.parts)}
            one = "It asks for {count} of {n} condition."
            found.append(Message(one, values, "It asks for {count} of {n} conditions."))
        if self.count < 1:
            found.append(Message("It asks for none of its conditions, so that everyone meets it."))
        return tuple(found)


@dataclass(frozen=True)
class Not(Requirement):
    """The opposite. What is unknown stays unknown. Waivers of what is inside don't reach in."""

    part: Requirement

    @property
    def key(self) -> str:
        return f"not:{self.part.key}"

    @property
    def children(self) -> tuple[Requirement, ...]:
        return (self.part,)

    def verdict(self, facts: Facts, at: datetime, world: World) -> Verdict:
        if facts.waiver_for(self.key, at):
            return Verdict.MET
        return opposite(self.part.verdict(facts.without_waivers(), at, world))

    def turns(self, facts: Facts, at: datetime, world: World) -> Iterable[datetime]:
        yield from self.part.turns(facts.without_waivers(), at, world)
        yield from facts.waiver_turns(self.key, at.tzinfo)

    def decide(self, facts: Facts, at: datetime, world: World, *, blocking: bool = True) -> Decision:
        inner = self.part.decide(facts.without_waivers(), at, world, blocking=False)
        own = opposite(inner.verdict)
        waiver = None if own is Verdict.MET else facts.waiver_for(self.key, at)
        stands = own is Verdict.MET or waiver is not None
        return Decision(
            verdict=Verdict.MET if stands else own,
            kind="not",
            key=self.key,
            asked=self.phrase(world),
            found=inner.found,
            cites=inner.cites,
            since=inner.since,
            until=inner.until,
            next_change_at=self.next_change(facts, at, world),
            remedy=None if stands else self._remedy(facts, at, world),
            blocking=blocking,
            children=(inner,),
            waived_by=waiver.id if waiver else None,
        )

    def _remedy(self, facts: Facts, at: datetime, world: World) -> Remedy:
        if opens_at := self.next_change(facts, at, world):
            return Remedy(Message("This opens by itself on {day}.", {"day": opens_at.date()}), Action.WAIT)
        return Remedy(Message("This is not meant for you. Ask us if you think it should be."), Action.ASK_STAFF)

    def phrase(self, world: World) -> Message:
        return Message("Not for those with: {condition}", {"condition": self.part.phrase(world)})

    def to_json(self) -> dict[str, Any]:
        return {"not": self.part.to_json()}

    def faults(self) -> tuple[Message, ...]:
        return tuple(_pointless_preferences((self.part,)))


@dataclass(frozen=True)
class Preferred(Requirement):
    """Shown to the person and to whoever decides; it never blocks."""

    part: Requirement

    @property
    def key(self) -> str:
        return f"preferred:{self.part.key}"

    @property
    def children(self) -> tuple[Requirement, ...]:
        return (self.part,)

    def verdict(self, facts: Facts, at: datetime, world: World) -> Verdict:  # noqa: ARG002 - the same for everyone
        return Verdict.MET

    def turns(self, facts: Facts, at: datetime, world: World) -> Iterable[datetime]:  # noqa: ARG002 - it never turns
        return ()

    def decide(self, facts: Facts, at: datetime, world: World, *, blocking: bool = True) -> Decision:  # noqa: ARG002 - never blocks
        inner = self.part.decide(facts, at, world, blocking=False)
        return Decision(
            Verdict.MET, "preferred", self.key, self.phrase(world), cites=inner.cites, blocking=False, children=(inner,)
        )

    def phrase(self, world: World) -> Message:
        return Message("Preferred: {condition}", {"condition": self.part.phrase(world)})

    def to_json(self) -> dict[str, Any]:
        return {"preferred": self.part.to_json()}


@dataclass(frozen=True)
class _Conditional(Requirement):
    condition: Requirement
    part: Requirement

    @property
    def children(self) -> tuple[Requirement, ...]:
        return (self.condition, self.part)

    @property
    @abstractmethod
    def word(self) -> Kind: ...

    @property
    def key(self) -> str:
        return self.word

    @abstractmethod
    def heading(self, world: World) -> Message:
        """Of whom the part is asked."""

    @abstractmethod
    def excuses(self, condition: Verdict) -> Verdict:
        """Whether the condition, so judged, lets the person off."""

    def verdict(self, facts: Facts, at: datetime, world: World) -> Verdict:
        excused = self.excuses(self.condition.verdict(facts.without_waivers(), at, world))
        return at_least(1, (excused, self.part.verdict(facts, at, world)))

    def turns(self, facts: Facts, at: datetime, world: World) -> Iterable[datetime]:
        yield from self.condition.turns(facts.without_waivers(), at, world)
        yield from self.part.turns(facts, at, world)

    def decide(self, facts: Facts, at: datetime, world: World, *, blocking: bool = True) -> Decision:
        condition = self.condition.decide(facts.without_waivers(), at, world, blocking=False)
        part = self.part.decide(facts, at, world, blocking=blocking)
        verdict = at_least(1, (self.excuses(condition.verdict), part.verdict))
        changes = _next_change(self, (condition, part), facts, at, world)
        return _joined(
            self.word, self.heading(world), verdict, (condition, part), changes_at=changes, blocking=blocking
        )

    def to_json(self) -> dict[str, Any]:
        return {self.word: self.condition.to_json(), "then": self.part.to_json()}

    def faults(self) -> tuple[Message, ...]:
        return tuple(_pointless_preferences((self.condition,)))


@dataclass(frozen=True)
class Unless(_Conditional):
    """The part, for everyone whom the condition does not let off."""

    @property
    def word(self) -> Kind:
        return "unless"

    def excuses(self, condition: Verdict) -> Verdict:
        return condition

    def heading(self, world: World) -> Message:
        return Message("Not asked of those with: {condition}", {"condition": self.condition.phrase(world)})

    def phrase(self, world: World) -> Message:
        values = {"condition": self.condition.phrase(world), "part": self.part.phrase(world)}
        return Message("{part} (not asked of those with: {condition})", values)


@dataclass(frozen=True)
class OnlyIf(_Conditional):
    """The part, asked only of those who meet the condition."""

    @property
    def word(self) -> Kind:
        return "only_if"

    def excuses(self, condition: Verdict) -> Verdict:
        return opposite(condition)

    def heading(self, world: World) -> Message:
        return Message("Asked only of those with: {condition}", {"condition": self.condition.phrase(world)})

    def phrase(self, world: World) -> Message:
        values = {"condition": self.condition.phrase(world), "part": self.part.phrase(world)}
        return Message("{part} (asked only of those with: {condition})", values)


def _turns(parts: Iterable[Requirement], facts: Facts, at: datetime, world: World) -> Iterable[datetime]:
    for part in parts:
        yield from part.turns(facts, at, world)


def _next_change(
    whole: Requirement, parts: Iterable[Decision], facts: Facts, at: datetime, world: World
) -> datetime | None:
    """When time alone changes the whole: never, where it never changes any of the parts that were decided."""
    if all(part.next_change_at is None for part in parts):
        return None
    return whole.next_change(facts, at, world)


def _phrases(parts: Iterable[Requirement], world: World) -> tuple[Message, ...]:
    return tuple(part.phrase(world) for part in parts)


def _alternatives(phrases: tuple[Message, ...]) -> Message | tuple[Message, ...]:
    """The phrases with an "or" before the last: a list of values is read with an "and"."""
    if len(phrases) < 2:
        return phrases
    *earlier, last = phrases
    ahead = reduce(lambda so_far, one: Message("{first}, {second}", {"first": so_far, "second": one}), earlier)
    return Message("{first} or {second}", {"first": ahead, "second": last})


def _joined(
    kind: Kind,
    heading: Message,
    verdict: Verdict,
    children: tuple[Decision, ...],
    *,
    changes_at: datetime | None,
    blocking: bool,
) -> Decision:
    cites = tuple(dict.fromkeys(cite for child in children for cite in child.cites))
    return Decision(
        verdict,
        kind,
        kind,
        heading,
        cites=cites,
        next_change_at=changes_at,
        blocking=blocking,
        children=children,
    )


def _pointless_preferences(parts: Iterable[Requirement]) -> Iterable[Message]:
    for part in parts:
        if isinstance(part, Preferred):
            yield Message("A preference never blocks, so that it decides everything here. Put it beside, under all_of.")


def _windows_apart(parts: Iterable[Requirement]) -> Iterable[Message]:
    windows = [part.window for part in parts if isinstance(part, Leaf) and part.window]
    if windows and max(first for first, _ in windows) > min(last for _, last in windows):
        yield Message("Its date windows have no day in common.")
