"""What a sitting is worth, and what may be told of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.assessment.rules.journal import Entry, entered, is_flagged, winning
from lms.assessment.rules.review import POLICIES, Element, may_show
from lms.assessment.rules.scoring import ShownItem, Titles, mark
from lms.items import Item, Option
from tests.support.moments import NOON

TITLES = Titles({"jumps": "Jumps", "throws": "Throws", "never": "Not asked"}, {"o-1": "Aim", "o-2": "Land"})


def shown(position: int, area: str = "throws", objective: str = "o-1") -> ShownItem:
    options = (Option("o1", "yes", "", right=True), Option("o2", "no", "", right=False))
    return ShownItem(position, Item(f"item-{position}", "single", objective, "?", options), area)


RIGHT, WRONG = {"options": ["o1"]}, {"options": ["o2"]}


def test_what_was_not_answered_is_asked_and_earns_nothing() -> None:
    marked = mark([shown(1), shown(2), shown(3)], {1: RIGHT, 2: WRONG}, pass_mark=34, titles=TITLES)

    assert (marked.raw, marked.maximum, marked.scaled, marked.passed) == (
        Decimal(1),
        Decimal(3),
        Decimal("0.333"),
        False,
    )


def test_a_share_just_below_the_mark_is_never_shown_as_the_mark() -> None:
    items = [shown(position) for position in range(1, 500)]
    answers = dict.fromkeys(range(1, 400), RIGHT)  # 399 of 499 are 79.96 %

    marked = mark(items, answers, pass_mark=80, titles=TITLES)

    assert (marked.scaled, marked.passed) == (Decimal("0.799"), False)


@given(st.integers(1, 60), st.data())
def test_the_share_shown_reaches_the_mark_exactly_where_it_is_passed(asked: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, asked))
    pass_mark = data.draw(st.integers(1, 100))

    marked = mark(
        [shown(position) for position in range(1, asked + 1)],
        dict.fromkeys(range(1, right + 1), RIGHT),
        pass_mark=pass_mark,
        titles=TITLES,
    )

    assert marked.passed == (marked.scaled * 100 >= pass_mark)
    assert marked.raw == right


def test_the_profile_has_every_item_once_by_area_and_objective() -> None:
    items = [shown(1, "throws"), shown(2, "jumps", "o-2"), shown(3, "throws", "o-2"), shown(4, "elsewhere", "o-9")]

    profile = mark(items, {1: RIGHT, 3: WRONG}, pass_mark=50, titles=TITLES).profile

    assert [(one["area"], one["title"], one["right"], one["asked"]) for one in profile] == [
        ("jumps", "Jumps", 0, 1),
        ("throws", "Throws", 1, 2),
        ("elsewhere", "elsewhere", 0, 1),
    ]
    assert profile[1]["objectives"] == [
        {"id": "o-1", "title": "Aim", "right": 1, "asked": 1},
        {"id": "o-2", "title": "Land", "right": 0, "asked": 1},
    ]


def test_a_flag_changes_no_score() -> None:
    flagged = entered(RIGHT, flagged=True)

    assert is_flagged(flagged)
    assert not is_flagged(RIGHT)
    assert mark([shown(1)], {1: flagged}, pass_mark=100, titles=TITLES).passed


@given(st.permutations([Entry(1, sequence, {"text": str(sequence)}, NOON) for sequence in range(1, 6)]))
def test_the_highest_sequence_wins_in_any_order(entries: list[Entry]) -> None:
    assert winning(entries)[1].sequence == 5


@pytest.mark.parametrize("preset", [*POLICIES, "unheard-of"])
@pytest.mark.parametrize("element", Element)
def test_nothing_is_shown_before_the_release(preset: str, element: Element) -> None:
    assert not may_show(preset, element, released=False)


def test_a_certification_shows_score_and_profile_alone() -> None:
    opened = {element for element in Element if may_show("certification", element, released=True)}

    assert opened == {Element.SCORE, Element.PROFILE}


def test_a_quiz_explains_itself_and_keeps_its_key() -> None:
    assert may_show("module-quiz", Element.EXPLANATION, released=True)
    assert not may_show("module-quiz", Element.KEY, released=True)


def test_an_unknown_preset_shows_nothing() -> None:
    assert not any(may_show("unheard-of", element, released=True) for element in Element)
