"""Answer with a number, and its unit if one likes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.foundation.messages import Message
from lms.items.entering import EnteringType, entered_text
from lms.items.heads import Scalar
from lms.items.interface import Draft
from lms.items.values import Item, Key, Response

MOST_DIGITS = 30
LONGEST_WORDS = 40  # characters after a number that are still its unit and no essay

_DASHES = str.maketrans({"−": "-", "–": "-", "﹣": "-"})
_NUMBER = re.compile(r"([+-]?) ?([0-9][0-9., ]*|[.,][0-9]+)")
_TOLERANCE_SIGNS = ("±", "+-", "+/-", "+−")


@dataclass(frozen=True)
class NumericKey:
    """Right is every number from `answer` - `tolerance` to `answer` + `tolerance`, both ends included, in `unit`."""

    answer: Decimal
    tolerance: Decimal
    unit: str

    def to_json(self) -> dict[str, Any]:
        return {"answer": str(self.answer), "tolerance": str(self.tolerance), "unit": self.unit}

    def admits(self, number: Decimal) -> bool:
        return abs(Fraction(number) - Fraction(self.answer)) <= Fraction(self.tolerance)


class Numeric(EnteringType):
    """A number within a tolerance.

    A unit may be left out; a wrong one makes the answer wrong. Where the item has no unit,
    words after the number ("8 athletes") are not judged.
    """

    name = "numeric"
    head_keys = frozenset({"answer", "unit"})

    def parse(self, draft: Draft) -> Key | None:
        word = draft.head.word("answer") if draft.head.require("answer") else None
        unit = draft.head.word("unit")
        if word is None:
            return None
        answer, _, tolerance = _parts_of_answer(word.text)
        numbers = [written_number(answer), written_number(tolerance) if tolerance is not None else Decimal(0)]
        if numbers[0] is None or numbers[1] is None or numbers[1] < 0:
            _refuse_answer(draft, word)
            return None
        return NumericKey(numbers[0], numbers[1], unit.text.strip() if unit else "")

    def key_from_json(self, packed: Mapping[str, Any]) -> Key:
        return NumericKey(Decimal(packed["answer"]), Decimal(packed["tolerance"]), packed["unit"])

    def head_lines(self, item: Item) -> tuple[str, ...]:
        key = key_of(item)
        unit = f"unit: '{key.unit.replace(chr(39), chr(39) * 2)}'"
        return (f"answer: {key.answer:f} ± {key.tolerance:f}", *((unit,) if key.unit else ()))

    def shown(self, item: Item) -> Mapping[str, str]:
        unit = key_of(item).unit
        return {"unit": unit} if unit else {}

    def right_response(self, item: Item) -> Response:
        key = key_of(item)
        return {"text": f"{key.answer} {key.unit}".strip()}

    def score(self, item: Item, response: Response) -> Decimal:
        key = key_of(item)
        numbers, unit = read_number(entered_text(response))
        right = any(key.admits(number) for number in numbers) and _fits(unit, key.unit)
        return Decimal(1) if right else Decimal(0)


def key_of(item: Item) -> NumericKey:
    """The key of a numeric item. Raises TypeError for an item of another type."""
    if not isinstance(item.key, NumericKey):
        raise TypeError(f"Item {item.id} has no numeric key.")
    return item.key


def read_number(text: str) -> tuple[tuple[Decimal, ...], str]:
    """The numbers a typed answer may mean, and the unit after them; no number where there is none.

    A comma or a point may be the decimal sign, and spaces, commas or points may group thousands.
    "1,234" is both 1.234 and 1234, since people of either habit mean it: one of them being
    right is enough.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    match = _NUMBER.match(plain)
    if match is None:
        return (), plain
    sign, figures = match.groups()
    if sum(map(str.isdigit, figures)) > MOST_DIGITS:
        return (), plain
    unit = plain[match.end() :].strip()
    return tuple(Decimal(f"{sign}{figure}") for figure in _readings(figures.rstrip(" .,"))), unit


def written_number(text: str) -> Decimal | None:
    """The number an author wrote; None where it is none, or where it could be two."""
    numbers, unit = read_number(text)
    return numbers[0] if len(numbers) == 1 and not unit else None


def _readings(figures: str) -> list[str]:
    """Each way to read figures with their separators, as text for Decimal."""
    readings = []
    for decimal_sign in ".,":
        whole, sign, part = figures.partition(decimal_sign)
        if sign and part.isdigit() and (not whole or _whole(whole, decimal_sign)):
            readings.append(f"{_digits(whole) or '0'}.{part}")
    ungrouped = _digits(figures)
    if figures.isdigit() or _is_grouped(figures, ", ") or (figures.count(".") > 1 and _is_grouped(figures, ".")):
        readings.append(ungrouped)
    return readings


def _whole(figures: str, decimal_sign: str) -> bool:
    return figures.isdigit() or _is_grouped(figures, ",. ".replace(decimal_sign, ""))


def _is_grouped(figures: str, separators: str) -> bool:
    return any(_is_in_threes(figures.split(separator)) for separator in separators)


def _is_in_threes(groups: list[str]) -> bool:
    first, *rest = groups
    return (
        bool(rest)
        and len(first) <= 3
        and not first.startswith("0")
        and all(group.isdigit() for group in groups)
        and all(len(group) == 3 for group in rest)
    )


def _digits(figures: str) -> str:
    return "".join(filter(str.isdigit, figures))


def _fits(typed: str, unit: str) -> bool:
    """Whether the unit typed is the item's: spaces, capitals and ways to write a sign don't count."""
    if not typed:
        return True
    if not unit:
        return len(typed) <= LONGEST_WORDS and not any(sign.isdigit() or sign in "+-*/^=<>" for sign in typed)
    return _folded(typed) == _folded(unit)


def _folded(unit: str) -> str:
    return "".join(unicodedata.normalize("NFKC", unit).translate(_DASHES).casefold().split()).rstrip(".")


def _parts_of_answer(text: str) -> tuple[str, str, str | None]:
    for sign in _TOLERANCE_SIGNS:
        answer, found, tolerance = text.partition(sign)
        if found:
            return answer, found, tolerance
    return text, "", None


def _refuse_answer(draft: Draft, word: Scalar) -> None:
    draft.findings.error(
        "question-answer",
        Message("“{text}” is not an answer: it is a number, or a number ± its tolerance.", {"text": word.text[:64]}),
        word.line,
        word.column,
        Message("Write “8 ± 0.1” with a decimal point, without separators between thousands and without the unit."),
    )


TYPE = Numeric()
