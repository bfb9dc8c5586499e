"""What may be shown of a sitting after it ended. Every page, list, mail and export asks this one function."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Element(StrEnum):
    """What a review could show, from the least telling to the most."""

    SCORE = "score"
    PROFILE = "profile"
    OBJECTIVES = "objectives"
    OWN_ANSWERS = "own_answers"
    CORRECTNESS = "correctness"
    EXPLANATION = "explanation"
    KEY = "key"


# Objectives of a certification stay closed because many are asked by a single item: their count would tell its answer.
POLICIES: Mapping[str, frozenset[Element]] = {
    "certification": frozenset({Element.SCORE, Element.PROFILE}),
    "module-quiz": frozenset(Element) - {Element.KEY},
}


def may_show(preset: str, element: Element, *, released: bool) -> bool:
    """Whether the learner may see this of their sitting. Nothing before its outcome is released."""
    return released and element in POLICIES.get(preset, frozenset())
