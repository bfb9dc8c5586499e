"""Credits gathered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from lms.foundation.messages import Message
from lms.requirements.decisions import Action, Remedy
from lms.requirements.facts import Fact, Facts
from lms.requirements.tree import Answer, Leaf
from lms.requirements.values import Whole
from lms.requirements.world import World


@dataclass(frozen=True)
class Credits(Leaf):
    """A sum of credits that hold on the day."""

    name: ClassVar[str] = "credits"
    shorthand: ClassVar[str] = "count"
    count: Whole

    def phrase(self, world: World) -> Message:  # noqa: ARG002 - says the same everywhere
        return Message("At least {n} credit", {"n": self.count}, "At least {n} credits")

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:  # noqa: ARG002  # the shape that every leaf has
        return tuple(fact for fact in facts.of("credits") if _credits(fact) > 0)

    def enough(self, facts: Sequence[Fact], at: datetime, world: World) -> bool:  # noqa: ARG002  # the shape that every leaf has
        return sum(map(_credits, facts)) >= self.count

    def found(self, answer: Answer, at: datetime, world: World) -> Message | None:  # noqa: ARG002  # the shape that every leaf has
        held = sum(_credits(fact) for fact in answer.facts if fact.established and self.counts(fact, at))
        return Message("{n} credit on {day}.", {"n": held, "day": at.date()}, "{n} credits on {day}.")

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:  # noqa: ARG002  # the shape that every leaf has
        held = sum(_credits(fact) for fact in answer.facts if fact.established and self.counts(fact, at))
        values = {"n": self.count - held}
        return Remedy(Message("Gather {n} more credit.", values, "Gather {n} more credits."), Action.PROGRAM)

    def faults(self) -> tuple[Message, ...]:
        return () if self.count > 0 else (Message("Everyone has no credits at all."),)


def _credits(fact: Fact) -> Decimal | int:
    return fact.value if isinstance(fact.value, int | Decimal) else 0
