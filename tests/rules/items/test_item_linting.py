"""Warnings about how items are written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.foundation.problems import Severity
from lms.items import Item, Option, lint, twins
from tests.rules.items.item_strategies import items as any_items
from tests.rules.items.item_strategies import single

SUBJECTS = [
    "sprinting",
    "hurdling",
    "throwing",
    "jumping",
    "pacing",
    "resting",
    "eating",
    "sleeping",
    "planning",
    "timing",
    "lifting",
    "bounding",
]


def bank(*places: int, texts: tuple[str, ...] | None = None) -> list[Item]:
    """Items on different subjects, the right option of each at the place given."""
    return [
        replace(
            _with_texts(single(place), texts, place),
            id=f"q-{n}",
            stem=f"What matters most in {SUBJECTS[n]}?",
            line=10 * n + 1,
        )
        for n, place in enumerate(places)
    ]


def _with_texts(item: Item, texts: tuple[str, ...] | None, right: int) -> Item:
    if texts is None:
        return item
    options = tuple(Option(f"o{n + 1}", text, "", n == right) for n, text in enumerate(texts))
    return replace(item, options=options)


def warned(items: list[Item]) -> list[tuple[str, int]]:
    return [(problem.code, problem.line) for problem in lint(items)]


def test_an_even_bank_has_no_warning() -> None:
    assert warned(bank(0, 1, 2, 3, 0, 1, 2, 3)) == []


def test_warnings_carry_path_line_and_severity() -> None:
    (problem,) = lint([replace(single(), explanation=" ", path="bank.md", line=7)])

    assert (problem.path, problem.line, problem.code, problem.severity) == (
        "bank.md",
        7,
        "item-no-explanation",
        Severity.WARNING,
    )


def test_keys_that_crowd_one_place_are_told_with_their_distribution() -> None:
    (problem,) = lint(bank(0, 1, 1, 1, 1, 1, 1, 2))

    assert (problem.code, problem.line) == ("item-key-position", 11)
    assert "A: 1, B: 6, C: 1, D: 0" in problem.message.in_english()
    assert problem.mend is not None
    assert "at B" in problem.mend.in_english()


@pytest.mark.parametrize(
    ("places", "lopsided"),
    [
        ((0,) * 7, False),
        ((0,) * 8, True),
        ((0, 0, 0, 0, 1, 2, 3, 1), False),
        ((0, 0, 0, 0, 0, 1, 2, 3), True),
        ((0, 1) * 6, True),
        ((0, 1, 2) * 4, False),
    ],
)
def test_key_places_count_from_eight_single_items_and_beyond_chance(places: tuple[int, ...], lopsided: bool) -> None:
    assert ("item-key-position" in {code for code, _ in warned(bank(*places))}) == lopsided


def test_two_options_may_fall_unevenly_by_chance() -> None:
    items = [replace(item, options=item.options[:2]) for item in bank(0, 0, 0, 0, 0, 1, 1, 1)]

    assert warned(items) == []


def test_right_options_that_are_mostly_the_longest_are_told() -> None:
    places = (0, 1, 2, 3, 0, 1, 2, 3)
    items = [
        replace(item, options=tuple(replace(o, text=o.text + " and more" * (o.right and n < 5)) for o in item.options))
        for n, item in enumerate(bank(*places))
    ]

    (problem,) = lint(items)

    assert (problem.code, problem.line) == ("item-longest-right", 1)
    assert "5 of 8" in problem.message.in_english()
    assert warned(items[4:] + bank(*places)[:4]) == []


@pytest.mark.parametrize("text", ["All of the above", "none of the above.", "All of these", "Both A and all the above"])
def test_an_option_about_the_others_is_told(text: str) -> None:
    item = _with_texts(single(), ("This", "That", text), 0)

    assert warned([item]) == [("item-of-the-above", 1)]


def test_an_option_that_only_holds_such_words_is_not_told() -> None:
    assert warned([_with_texts(single(), ("All athletes above 16", "None of them", "Above all, rest"), 0)]) == [
        ("item-of-the-above", 1)
    ]
    assert warned([_with_texts(single(), ("All athletes above 16", "None", "Above all, rest"), 0)]) == []


@pytest.mark.parametrize(
    ("stem", "negative"),
    [
        ("Which of these is not a sign of heat illness?", True),
        ("All signs except which?", True),
        ("Which isn’t safe?", True),
        ("Which is NOT a sign?", False),
        ("An athlete has not slept. What now?", False),
        ("“Promise not to tell.” What is the best reply?", False),
        ("What of an athlete who does not answer?", False),
        ("Which knot holds?", False),
    ],
)
def test_a_stem_that_asks_in_the_negative_without_capitals_is_told(stem: str, negative: bool) -> None:
    assert warned([single(stem=stem)]) == ([("item-negative-stem", 1)] if negative else [])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("How long can the system lead an effort?", "How LONG can the system lead an effort", True),
        ("How long can the aerobic system lead an effort?", "How long can the aerobic system lead any effort?", True),
        ("How long can the aerobic system lead an effort?", "What does a hurdler do at the eighth hurdle?", False),
        ("What share is aerobic at 800 m in a race?", "What share is aerobic at 400 m in a race?", False),
        ("What share is aerobic at 9.8 s in a race?", "What share is aerobic at 8.9 s in a race?", False),
        ("走 走 é", "é 走", True),
    ],
)
def test_stems_that_ask_almost_the_same_are_told_at_the_later_one(one: str, other: str, alike: bool) -> None:
    items = [single(stem=one, id="q-1", line=3), single(stem=other, id="q-2", line=9)]

    assert warned(items) == ([("item-twin-stem", 9)] if alike else [])


def test_a_stem_that_gives_another_answer_away_is_told() -> None:
    asked = _with_texts(single(id="q-1", line=3), ("Six to ten seconds", "A minute", "An hour"), 0)
    telling = single(stem="The ATP–PC system leads for “six to ten seconds”. What leads next?", id="q-2", line=9)

    (problem,) = lint([asked, telling])

    assert (problem.code, problem.line) == ("item-answers-another", 9)
    assert "“q-2” gives the answer to “q-1”" in problem.message.in_english()


def test_short_or_wrong_options_and_the_own_stem_give_nothing_away() -> None:
    stem = "Does rest, food or six to ten seconds matter to a good start?"
    asked = _with_texts(single(id="q-1", stem=stem), ("A good", "Six to ten seconds", "An hour"), 0)
    own = _with_texts(
        single(id="q-2", stem="Which, a good start or an early one?"), ("A good start", "An early one", "None"), 0
    )

    assert warned([asked]) == warned([own]) == []


@given(st.lists(any_items, max_size=5))
def test_any_bank_can_be_linted_and_only_warns(items: list[Item]) -> None:
    problems = lint(items)

    assert all(problem.severity is Severity.WARNING and problem.message.in_english() for problem in problems)
    assert lint(items) == problems


@given(
    st.lists(
        st.lists(st.sampled_from("run hop skip jump walk rest 400 800 lap pace".split()), max_size=12), max_size=25
    )
)
def test_the_stems_that_are_compared_are_all_that_could_be_alike(stems: list[list[str]]) -> None:
    """Against comparing each with each, by the definition: the same numbers, and four fifths of the words."""
    items = [single(id=f"item-{at}", stem=" ".join(words)) for at, words in enumerate(stems)]
    sets = [frozenset(words) for words in stems]

    def alike(one: frozenset[str], other: frozenset[str]) -> bool:
        differ_in_numbers = any(word.isdecimal() for word in one ^ other)
        return bool(one) and not differ_in_numbers and 5 * len(one & other) >= 4 * len(one | other)

    expected = [(at, before) for at in range(len(sets)) for before in range(at) if alike(sets[at], sets[before])]
    assert [(int(one.id[5:]), int(other.id[5:])) for one, other in twins(items)] == expected
