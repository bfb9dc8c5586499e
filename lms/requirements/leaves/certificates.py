"""A certificate held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from lms.foundation.messages import Message, Value
from lms.requirements.days import day_of, days_later, start_of
from lms.requirements.decisions import Action, Remedy
from lms.requirements.facts import Fact, Facts
from lms.requirements.tree import Answer, Leaf, lasting
from lms.requirements.values import ContentId, Whole
from lms.requirements.world import World


@dataclass(frozen=True)
class HoldsCertificate(Leaf):
    """A certificate of a credential, or of one that outranks it.

    `status`: `current` on the day, or `held` now or once. `track`: in this event group.
    `max_age_days`: issued at most so many days ago.
    """

    name: ClassVar[str] = "certificate"
    shorthand: ClassVar[str] = "id"
    id: ContentId
    status: Literal["current", "held"] = "current"
    or_above: bool = False
    track: ContentId | None = None
    max_age_days: Whole | None = None

    @property
    def key(self) -> str:
        return f"{self.name}:{self.id}" + (f":{self.track}" if self.track else "")

    def phrase(self, world: World) -> Message:
        title = world.name("credential", self.id)
        phrase = Message(self._sentence(), {"credential": title})
        if self.track:
            track = world.name("track", self.track)
            phrase = Message("{certificate} in {track}", {"certificate": phrase, "track": track})
        if self.max_age_days is not None:
            values: dict[str, Value] = {"certificate": phrase, "n": self.max_age_days}
            phrase = Message(
                "{certificate}, issued at most {n} day ago", values, "{certificate}, issued at most {n} days ago"
            )
        return phrase

    def _sentence(self) -> str:
        if self.status == "held":
            held = "A {credential} certificate, now or earlier"
            return "A {credential} certificate or a higher one, now or earlier" if self.or_above else held
        current = "A current {credential} certificate"
        return "A current {credential} certificate or a higher one" if self.or_above else current

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:
        wanted = world.at_or_above(self.id) if self.or_above else frozenset((self.id,))
        found = (fact for fact in facts.of("certificate") if fact.subject in wanted)
        return tuple(fact for fact in found if self.track in {None, fact.value})

    def counts(self, fact: Fact, at: datetime) -> bool:
        stands = fact.holds(at) if self.status == "current" else fact.has_begun(at)
        return stands and self._is_recent(fact, at)

    def _is_recent(self, fact: Fact, at: datetime) -> bool:
        if self.max_age_days is None:
            return True
        return fact.since is not None and at.date() <= days_later(day_of(fact.since, at.tzinfo), self.max_age_days)

    def own_turns(self, fact: Fact, at: datetime) -> Iterable[datetime]:
        if self.max_age_days is None or fact.since is None:
            return ()
        return (start_of(days_later(day_of(fact.since, at.tzinfo), self.max_age_days + 1), at.tzinfo),)

    def found(self, answer: Answer, at: datetime, world: World) -> Message | None:
        standing = lasting([fact for fact in answer.facts if fact.established and self.counts(fact, at)])
        if standing is None:
            return super().found(answer, at, world)
        credential = world.name("credential", standing.subject)
        if standing.until is None or standing.has_ended(at):
            return Message("You hold {credential}.", {"credential": credential})
        values: dict[str, Value] = {"credential": credential, "until": standing.until}
        return Message("You hold {credential}, valid until {until}.", values)

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:
        values = {"credential": world.name("credential", self.id)}
        if any(fact.has_ended(at) and fact.subject == self.id for fact in answer.facts):
            return Remedy(Message("Renew your {credential} certificate.", values), Action.CERTIFICATE, self.id)
        return Remedy(Message("Earn the {credential} certificate first.", values), Action.CERTIFICATE, self.id)

    def faults(self) -> tuple[Message, ...]:
        if self.max_age_days is None or self.max_age_days >= 0:
            return ()
        return (Message("A certificate cannot be younger than the day it is issued."),)
