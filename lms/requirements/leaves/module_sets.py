"""Every module of a set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lms.foundation.messages import Message
from lms.requirements.decisions import Action, Remedy
from lms.requirements.facts import Fact, Facts
from lms.requirements.tree import Answer, Leaf
from lms.requirements.values import ContentId
from lms.requirements.world import World


@dataclass(frozen=True)
class ModuleSetPassed(Leaf):
    """All modules that the release puts into the set. A set without modules cannot be passed."""

    name: ClassVar[str] = "module_set"
    shorthand: ClassVar[str] = "id"
    id: ContentId

    @property
    def key(self) -> str:
        return f"{self.name}:{self.id}"

    def phrase(self, world: World) -> Message:
        return Message("All modules of “{name}” passed", {"name": world.name("module_set", self.id)})

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:
        return tuple(fact for module in world.sets.get(self.id, ()) for fact in facts.of("module", module))

    def enough(self, facts: Sequence[Fact], at: datetime, world: World) -> bool:  # noqa: ARG002  # the shape that every leaf has
        modules = world.sets.get(self.id, ())
        return bool(modules) and {fact.subject for fact in facts}.issuperset(modules)

    def found(self, answer: Answer, at: datetime, world: World) -> Message | None:
        modules = world.sets.get(self.id, ())
        left = self._left(answer, at, world)
        if not modules:
            return Message("Its modules are not published yet.")
        if not left:
            return Message("All passed.")
        return Message("Still to pass: {modules}.", {"modules": tuple(world.name("module", module) for module in left)})

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:
        left = self._left(answer, at, world)
        if not left:
            return Remedy(Message("This cannot be taken yet. We will tell you when it can."), Action.WAIT)
        name = world.name("module", left[0])
        return Remedy(Message("Go on with the module “{name}”.", {"name": name}), Action.MODULE, left[0])

    def _left(self, answer: Answer, at: datetime, world: World) -> tuple[str, ...]:
        passed = {fact.subject for fact in answer.facts if fact.established and self.counts(fact, at)}
        return tuple(module for module in world.sets.get(self.id, ()) if module not in passed)
