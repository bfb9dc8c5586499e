"""Questions that meet again where they should be new: in a module's bank after its lesson, in an exam after either."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from lms.content.compiling.compilation import Compilation
from lms.foundation.messages import Message
from lms.items import Item, twins

HALF = 0.5
FEWEST_LETTERS = 4  # a right option such as "Yes" or "3 s" says too little to give anything away

_WORD = re.compile(r"[^\W_]+")


def check_leaks(run: Compilation) -> None:
    """Warn of each bank question that repeats a lesson's check, and each exam question that learners have met."""
    items = sorted(run.items.values(), key=lambda item: _rank(run.item_homes[item.id]))
    told: set[str] = set()
    for later, earlier in _met_again(items):
        code = _code(run.item_homes[later.id], run.item_homes[earlier.id])
        if code and later.id not in told:
            told.add(later.id)
            values = {"id": later.id, "other": earlier.id, "path": earlier.path}
            said = Message("“{id}” asks what “{other}” in {path} asks already.", values)
            run.warn(code, said, later.path, later.line, mend=Message("Ask for the same objective in a new way."))


def _rank(home: str) -> int:
    return ("lesson", "bank", "exam").index(home.partition(":")[0])


def _code(later: str, earlier: str) -> str:
    """What is wrong with an item of this home after one of that; "" where nothing is: each list is linted by itself."""
    kinds = (later.partition(":")[0], earlier.partition(":")[0])
    if kinds[0] == "exam" and kinds[1] != "exam":
        return "exam-leak"
    return "item-repeats-check" if kinds == ("bank", "lesson") else ""


def _met_again(items: list[Item]) -> Iterator[tuple[Item, Item]]:
    """Pairs, the later item first: stems almost alike, or half alike with the same right answer."""
    yield from twins(items)
    by_answer: dict[frozenset[str], list[tuple[Item, frozenset[str]]]] = defaultdict(list)
    for item in items:
        answer = frozenset(_told(option.text) for option in item.options if option.right)
        if sum(map(len, answer)) < FEWEST_LETTERS or item.type == "true-false":
            continue
        words = frozenset(_words(item.stem))
        yield from ((item, earlier) for earlier, others in by_answer[answer] if _shared(words, others) >= HALF)
        by_answer[answer].append((item, words))


def _told(text: str) -> str:
    return " ".join(_words(text))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words that stand in both, of those in either."""
    return len(one & other) / max(1, len(one | other))


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(text.casefold())
