"""The one question asked at every door."""

from __future__ import annotations

from datetime import datetime

from lms.requirements.decisions import Decision
from lms.requirements.facts import Facts
from lms.requirements.tree import Requirement
from lms.requirements.world import World

_NO_WORLD = World()


def decide(requirement: Requirement, facts: Facts, at: datetime, world: World = _NO_WORLD) -> Decision:
    """Whether the person of these facts meets the requirement at `at`, explained.

    `at` is aware and in the issuer's zone, whose days it is judged by; it may be the day of
    the class rather than today. Raises ValueError when it isn't. The decision on a page and
    the decision inside the committing transaction are both this function.
    """
    world.refuse_wrong_zone(at)
    return requirement.decide(facts, at, world)
