"""What makes a question easy to guess, or unfair: warnings about how items are written."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain, combinations

from lms.foundation.messages import Message, Value
from lms.foundation.problems import Problem, Severity
from lms.items.values import Item

FEWEST_FOR_PATTERNS = 8  # below this many single items a pattern is chance
SIMILAR = Fraction(4, 5)
FEWEST_ANSWERING_WORDS = 3

# Chi-square beyond which an even spread of keys happens by chance once in twenty, by degrees of freedom.
_CRITICAL = (None, "3.841", "5.991", "7.815", "9.488", "11.070", "12.592", "14.067", "15.507", "16.919")

_WORD = re.compile(r"[\w'.,]+")
_NEGATIVE = re.compile(r"\b(?:not|except|never|cannot|[a-z]+n't)\b")
_SENTENCE_END = re.compile(r"[.!?:][\"”’)]?\s")
_SUBORDINATE = re.compile(r"\s(?:who|whose|that|if|when|while|because|although|unless)\s")
_OF_THE_ABOVE = (
    ("all", "of", "the", "above"),
    ("none", "of", "the", "above"),
    ("all", "the", "above"),
    ("all", "of", "these"),
    ("none", "of", "these"),
    ("all", "of", "them"),
    ("none", "of", "them"),
    ("any", "of", "the", "above"),
)


def lint(items: Sequence[Item]) -> tuple[Problem, ...]:
    """Warnings about `items` taken as one bank, each at the path and line of its item, in that order.

    Patterns of the key (its place, its length) are looked for in 8 single items or more. Two stems
    are alike when they name the same numbers and share at least four fifths of their different
    words (shared words / words in either, case and punctuation apart).
    """
    found = chain(
        _key_places(items),
        _key_lengths(items),
        _one_by_one(items),
        _alike_stems(items),
        _answering_stems(items),
    )
    return tuple(sorted(found, key=lambda problem: (problem.path, problem.line, problem.code)))


def _warning(item: Item, code: str, message: Message, mend: Message | None = None) -> Problem:
    return Problem(code, message, path=item.path, line=item.line, severity=Severity.WARNING, mend=mend)


def _one_by_one(items: Sequence[Item]) -> Iterator[Problem]:
    for item in items:
        if not item.explanation.strip():
            message = Message("“{id}” has no explanation.", {"id": item.id})
            yield _warning(item, "item-no-explanation", message, Message("Say after the options why the key is right."))
        if any(_says_of_the_above(option.text) for option in item.options):
            message = Message("“{id}” has an option like “all of the above” or “none of the above”.", {"id": item.id})
            yield _warning(
                item, "item-of-the-above", message, Message("Put a wrong answer somebody might give in its place.")
            )
        if found := _negative_word(item.stem):
            message = Message("“{id}” asks in the negative: “{word}”.", {"id": item.id, "word": found})
            mend = Message("Ask in the positive, or write {word} in capitals.", {"word": found.upper()})
            yield _warning(item, "item-negative-stem", message, mend)


def _says_of_the_above(text: str) -> bool:
    words = _words(text)
    return any(words[at : at + len(phrase)] == phrase for phrase in _OF_THE_ABOVE for at in range(len(words)))


def _negative_word(stem: str) -> str:
    """The first negative word in lower case where the stem asks: the main clause of its last sentence."""
    asking = _SENTENCE_END.split(stem.strip())[-1].replace("’", "'")
    found = _NEGATIVE.search(_SUBORDINATE.split(asking)[0])
    return found.group() if found else ""


def _singles(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.type == "single" and sum(option.right for option in item.options) == 1]


def _key_place(item: Item) -> int:
    return next(at for at, option in enumerate(item.options) if option.right)


def _key_places(items: Sequence[Item]) -> Iterator[Problem]:
    singles = _singles(items)
    if len(singles) < FEWEST_FOR_PATTERNS:
        return
    widest = max(len(item.options) for item in singles)
    counts = Counter(_key_place(item) for item in singles)
    if not _is_lopsided([counts[place] for place in range(widest)], _expected_places(singles, widest)):
        return
    spread = tuple(Message("{place}: {n}", {"place": _letter(place), "n": counts[place]}) for place in range(widest))
    favorite = counts.most_common(1)[0][0]
    message = Message(
        "The right options of {n} questions stand unevenly: {spread}.", {"n": len(singles), "spread": spread}
    )
    mend = Message("Move some of those at {place} to other places.", {"place": _letter(favorite)})
    yield _warning(next(item for item in singles if _key_place(item) == favorite), "item-key-position", message, mend)


def _expected_places(singles: Sequence[Item], widest: int) -> list[Fraction]:
    return [
        sum((Fraction(1, len(item.options)) for item in singles if place < len(item.options)), Fraction(0))
        for place in range(widest)
    ]


def _is_lopsided(counts: Sequence[int], expected: Sequence[Fraction]) -> bool:
    """Whether one place holds more than half of the keys and its share, or all together stray further than chance."""
    everything = sum(counts)
    if any(2 * count > everything and 2 * count > 3 * even for count, even in zip(counts, expected, strict=True)):
        return True
    freedom = len(counts) - 1
    critical = Fraction(_CRITICAL[freedom] or 0) if freedom < len(_CRITICAL) else Fraction(2 * freedom)
    return (
        freedom > 0 and sum((count - even) ** 2 / even for count, even in zip(counts, expected, strict=True)) > critical
    )


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _key_lengths(items: Sequence[Item]) -> Iterator[Problem]:
    singles = [item for item in _singles(items) if len(item.options) > 2]
    longest = [item for item in singles if _key_is_longest(item)]
    if len(singles) < FEWEST_FOR_PATTERNS or 2 * len(longest) <= len(singles):
        return
    values: dict[str, Value] = {"longest": len(longest), "n": len(singles), "ids": tuple(item.id for item in longest)}
    message = Message("The right option is the longest in {longest} of {n} questions: {ids}.", values)
    yield _warning(
        longest[0], "item-longest-right", message, Message("Shorten right options or write wrong ones in full.")
    )


def _key_is_longest(item: Item) -> bool:
    right = max(len(option.text) for option in item.options if option.right)
    return all(len(option.text) < right for option in item.options if not option.right)


def _alike_stems(items: Sequence[Item]) -> Iterator[Problem]:
    """Each stem that is like an earlier one, with the first of those."""
    told: set[str] = set()
    for later, earlier in twins(items):
        if later.id not in told:
            told.add(later.id)
            message = Message("“{id}” asks almost the same as “{other}”.", {"id": later.id, "other": earlier.id})
            yield _warning(later, "item-twin-stem", message)


def twins(items: Sequence[Item]) -> Iterator[tuple[Item, Item]]:
    """Every pair of alike stems, the later item first.

    Only stems with the same numbers that share two of their rarer words are compared: where two sets share at least n
    words, the rarest of each, all but n - 2 of them, share two (J. Wang, G. Li and J. Feng, SIGMOD 2012).
    """
    stems = [frozenset(_words(item.stem)) for item in items]
    rarity = Counter(chain.from_iterable(stems))
    holders: dict[tuple[frozenset[str], tuple[str, ...]], list[int]] = {}
    for later, stem in enumerate(stems):
        numbers = frozenset(word for word in stem if any(map(str.isdigit, word)))
        ranked = sorted(stem, key=lambda word: (rarity[word], word))
        fewest = -(-len(ranked) * SIMILAR.numerator // SIMILAR.denominator)
        rarest = ranked[: len(ranked) - fewest + 2]
        marks = [(numbers, words) for words in combinations(rarest, 1 if len(ranked) == 1 else 2)]
        earlier = sorted({at for mark in marks for at in holders.get(mark, ())})
        yield from ((items[later], items[at]) for at in earlier if _alike(stems[at], stem))
        for mark in marks:
            holders.setdefault(mark, []).append(later)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Of stems with the same numbers: whether they share four fifths of their words."""
    return len(one & other) * SIMILAR.denominator >= len(one | other) * SIMILAR.numerator


def _answering_stems(items: Sequence[Item]) -> Iterator[Problem]:
    """Each stem that holds the right option of another item, word for word."""
    stems = [_words(item.stem) for item in items]
    holders: dict[tuple[str, ...], set[int]] = {}
    for at, words in enumerate(stems):
        for start in range(len(words) - FEWEST_ANSWERING_WORDS + 1):
            holders.setdefault(words[start : start + FEWEST_ANSWERING_WORDS], set()).add(at)
    for at, item in enumerate(items):
        for answer in (_words(option.text) for option in item.options if option.right):
            telling = holders.get(answer[:FEWEST_ANSWERING_WORDS], set()) - {at}
            for teller in sorted(telling):
                if _holds(stems[teller], answer):
                    values = {"id": items[teller].id, "other": item.id}
                    message = Message("The stem of “{id}” gives the answer to “{other}”.", values)
                    yield _warning(items[teller], "item-answers-another", message)


def _holds(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1))


def _words(text: str) -> tuple[str, ...]:
    """The words and numbers of a text, folded; signs between them don't count."""
    folded = unicodedata.normalize("NFKC", text.replace("’", "'")).casefold()
    return tuple(word for found in _WORD.findall(folded) if (word := found.strip("'.,_")))
