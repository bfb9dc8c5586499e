"""Every requirement says itself; what the catalogue prints is this, never a copy."""

from __future__ import annotations

from lms.foundation.messages import Message
from lms.requirements.combinators import AllOf
from lms.requirements.tree import Requirement
from lms.requirements.world import World


def say(requirement: Requirement, world: World) -> Message:
    """The whole tree as one sentence."""
    lines = say_lines(requirement, world)
    if not lines:
        return Message("Open to everyone.")
    if len(lines) == 1:
        return Message("{condition}.", {"condition": lines[0]})
    return Message("All of these: {conditions}.", {"conditions": lines})


def say_lines(requirement: Requirement, world: World) -> tuple[Message, ...]:
    """One phrase for each condition at the top; nothing where everyone is welcome."""
    parts = requirement.parts if isinstance(requirement, AllOf) else (requirement,)
    return tuple(part.phrase(world) for part in parts)
