"""What a sitting was worth: the winning answers against the items as they were shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from lms.items import Item, Response, Score, score, total, type_named

THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True)
class ShownItem:
    """One item as an attempt showed it, at a position from 1; `area` is the module it counts for in the profile."""

    position: int
    item: Item
    area: str


@dataclass(frozen=True)
class Titles:
    """What areas and objectives are called, areas in the order in which a profile lists them."""

    areas: Mapping[str, str]
    objectives: Mapping[str, str]


@dataclass(frozen=True)
class Marked:
    """Points, and the share of them from 0 to 1, cut (never rounded up) at three places.

    `profile` lists areas: `{"area", "title", "right", "asked", "objectives": [{"id", "title", "right", "asked"}]}`.
    """

    raw: Decimal
    maximum: Decimal
    scaled: Decimal
    passed: bool
    profile: list[dict[str, Any]]


def mark(shown: Sequence[ShownItem], responses: Mapping[int, Response], *, pass_mark: int, titles: Titles) -> Marked:
    """Mark a sitting. What was not answered earns nothing; `pass_mark` is in percent."""
    scores = [(one, score_of(one, responses)) for one in shown]
    summed = total((each for _one, each in scores), pass_mark=pass_mark)
    scaled = summed.scaled.quantize(THOUSANDTH, rounding=ROUND_DOWN)
    return Marked(summed.raw, summed.maximum, scaled, summed.passed, profile_of(scores, titles))


def score_of(shown: ShownItem, responses: Mapping[int, Response]) -> Score:
    """What the answer that stands for this item earned."""
    blank = type_named(shown.item.type).blank_response()
    return score(shown.item, responses.get(shown.position, blank))


def profile_of(scores: Sequence[tuple[ShownItem, Score]], titles: Titles) -> list[dict[str, Any]]:
    """Right and asked by area, in the order of the titles, and within each area by objective."""
    asked = dict.fromkeys(one.area for one, _score in scores)
    areas = [area for area in titles.areas if area in asked]
    areas += [area for area in asked if area not in titles.areas]
    return [_area(area, [pair for pair in scores if pair[0].area == area], titles) for area in areas]


def _area(area: str, scores: Sequence[tuple[ShownItem, Score]], titles: Titles) -> dict[str, Any]:
    objectives = dict.fromkeys(one.item.objective for one, _score in scores)
    return {
        "area": area,
        "title": titles.areas.get(area, area),
        **_counted(scores),
        "objectives": [
            {
                "id": objective,
                "title": titles.objectives.get(objective, objective),
                **_counted((one, each) for one, each in scores if one.item.objective == objective),
            }
            for objective in objectives
        ],
    }


def _counted(scores: Iterable[tuple[ShownItem, Score]]) -> dict[str, int]:
    fully = [each.full for _one, each in scores]
    return {"right": sum(fully), "asked": len(fully)}
