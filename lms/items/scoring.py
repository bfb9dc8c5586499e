"""Scores of items, their total, and the profile by objective. Exact: no float anywhere.

Every type of this release scores all or nothing: an item is worth 1, and a response earns
1 or 0 of it. `multiple` asks for exactly the right options (score = 1 if chosen = right, else 0).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction

from lms.items.types import type_named
from lms.items.values import Item, Response

_WORTH = Decimal(1)
_SUMMING = Context(prec=50)
_SHARING = Context(prec=28, rounding=ROUND_DOWN)


@dataclass(frozen=True)
class Score:
    """What one response earned of what its item was worth."""

    raw: Decimal
    maximum: Decimal

    @property
    def full(self) -> bool:
        return self.raw == self.maximum


@dataclass(frozen=True)
class Total:
    """The scores of one sitting together.

    `scaled` (0–1) is raw / maximum, rounded down at the 28th digit: it shows at least
    the pass mark exactly where `passed`, which compares without rounding.
    """

    raw: Decimal
    maximum: Decimal
    scaled: Decimal
    passed: bool


def score(item: Item, response: Response) -> Score:
    """What `response` earns of `item`. Never raises for an odd response: it earns nothing."""
    return Score(_WORTH * type_named(item.type).score(item, response), _WORTH)


def total(scores: Iterable[Score], *, pass_mark: int) -> Total:
    """All scores together, against a `pass_mark` in percent; of nothing, nothing is passed.

    Raises ValueError for a pass mark outside 0–100.
    """
    if not 0 <= pass_mark <= 100:
        raise ValueError(f"A pass mark is 0 to 100 percent, not {pass_mark}.")
    raw = maximum = Decimal(0)
    for each in scores:
        raw, maximum = _SUMMING.add(raw, each.raw), _SUMMING.add(maximum, each.maximum)
    if not maximum:
        return Total(raw, maximum, Decimal(0), passed=False)
    passed = Fraction(raw) * 100 >= pass_mark * Fraction(maximum)
    return Total(raw, maximum, _SHARING.divide(raw, maximum), passed)


def profile(scores: Iterable[tuple[str, Score]]) -> dict[str, tuple[int, int]]:
    """For each objective, in the order met, how many of its items were fully right and how many were asked."""
    counts: dict[str, tuple[int, int]] = {}
    for objective, each in scores:
        right, asked = counts.get(objective, (0, 0))
        counts[objective] = (right + each.full, asked + 1)
    return counts
