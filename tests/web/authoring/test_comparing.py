"""Two texts compared line by line: what differs is shown, and more than can be compared is not begun."""

from __future__ import annotations

import difflib
from functools import partial
from unittest.mock import patch

import pytest

from lms.web.authoring.editing import MOST_COMPARED, DiffLine, compared
from tests.support.work import work_of


def lines(*numbers: int) -> str:
    return "\n".join(f"Line {number}." for number in numbers)


def test_a_changed_line_far_into_long_texts_is_shown_between_its_neighbours() -> None:
    theirs, yours = lines(*range(50_000)), lines(*range(40_000), -1, *range(40_001, 50_000))

    difference = compared(theirs, yours)

    assert difference is not None
    assert [line.text for line in difference if line.sign != " "] == ["Line 40000.", "Line -1."]
    assert difference[0] == DiffLine(" ", "Line 39997.")
    assert len(difference) == 8


def test_equal_texts_have_no_difference() -> None:
    assert compared("a\nb", "a\nb") == []
    assert compared("", "") == []


@pytest.mark.parametrize(
    ("theirs", "yours"),
    [
        ("\n" * 20_000 + "x", "y" + "\n" * 120 + "z"),
        ("\n".join(f"a\n{n}" for n in range(500)), "\n".join(f"a\n{n}" for n in range(500, 1_000))),
        (lines(*range(MOST_COMPARED + 1)), lines(*range(-MOST_COMPARED, 0))),
    ],
)
def test_what_would_hold_a_worker_is_not_compared(theirs: str, yours: str) -> None:
    with patch.object(difflib, "SequenceMatcher", side_effect=AssertionError("it began to compare")):
        assert compared(theirs, yours) is None


def test_the_work_of_setting_equal_lines_aside_grows_with_their_number() -> None:
    once, twice = (work_of(partial(compared, "x\n" * size, "x\n" * size)) for size in (10_000, 20_000))

    assert twice <= 2.5 * once
