"""Programs completed: one that is named, or any that counts for a credential's renewal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lms.foundation.messages import Message
from lms.requirements.decisions import Action, Remedy, Verdict
from lms.requirements.facts import Fact, Facts
from lms.requirements.leaves.accomplished import Accomplishment
from lms.requirements.tree import Answer, Leaf
from lms.requirements.values import ContentId
from lms.requirements.world import World


@dataclass(frozen=True)
class ProgramCompleted(Accomplishment):
    name: ClassVar[str] = "program"
    fact_kind: ClassVar[str] = "program"
    names: ClassVar[str] = "program"
    sentence: ClassVar[str] = "{name} completed"
    mend: ClassVar[str] = "Complete {name}."
    action: ClassVar[Action] = Action.PROGRAM


@dataclass(frozen=True)
class CountingCourse(Leaf):
    """Any program or partner course that counts for renewing the credential."""

    name: ClassVar[str] = "counting_course"
    shorthand: ClassVar[str] = "credential"
    credential: ContentId

    @property
    def key(self) -> str:
        return f"{self.name}:{self.credential}"

    def phrase(self, world: World) -> Message:
        credential = world.name("credential", self.credential)
        return Message("A course that counts for renewing {credential}", {"credential": credential})

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:
        counting = frozenset(world.counting.get(self.credential, ()))
        done = (*facts.of("program"), *facts.of("partner_course"))
        return tuple(fact for fact in done if fact.subject in counting)

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:  # noqa: ARG002  # the shape that every leaf has
        if answer.verdict is Verdict.UNKNOWN:
            return Remedy(Message("Your course is being checked. You need do nothing."), Action.WAIT)
        credential = world.name("credential", self.credential)
        message = Message("Complete one course that counts for renewing {credential}.", {"credential": credential})
        return Remedy(message, Action.PROGRAM)
