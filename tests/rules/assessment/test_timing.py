"""The clock of a sitting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.assessment.rules.timing import (
    MOST_MILLISECONDS,
    deadline,
    effective_end,
    effective_now,
    is_past,
    remaining,
    sequence_base,
    takes_answers,
)
from tests.support.moments import DAY, HOUR, MINUTE, NOON

SECOND = timedelta(seconds=1)


def test_the_deadline_is_the_earlier_of_limit_and_window() -> None:
    assert deadline(NOON, 60, None) == NOON + HOUR
    assert deadline(NOON, 60, NOON + MINUTE) == NOON + MINUTE
    assert deadline(NOON, None, NOON + DAY) == NOON + DAY
    assert deadline(NOON, None, None) is None


@pytest.mark.parametrize(("after", "open_"), [(-1, True), (0, True), (5, True), (6, False)])
def test_an_answer_counts_until_the_deadline_and_a_few_seconds(after: int, open_: bool) -> None:
    at = NOON + after * SECOND

    assert takes_answers(NOON, at) is open_
    assert is_past(NOON, at) is not open_


@given(steps=st.lists(st.integers(-7200, 7200), max_size=20))
def test_no_step_of_the_server_clock_ever_gives_time_back(steps: list[int]) -> None:
    ends_at = NOON + HOUR
    clock, entries, left = NOON, [NOON], [HOUR]

    for step in steps:
        clock += timedelta(seconds=step)
        at = effective_now(clock, max(entries))
        entries.append(at)
        left.append(remaining(ends_at, at) or timedelta(0))

    assert left == sorted(left, reverse=True)
    assert all(timedelta(0) <= one <= HOUR for one in left)


def test_an_untimed_sitting_is_never_past() -> None:
    assert remaining(None, NOON) is None
    assert takes_answers(None, NOON + 900 * DAY)
    assert not is_past(None, NOON + 900 * DAY)


def test_a_sitting_ends_when_it_was_closed_and_never_after_its_deadline() -> None:
    assert effective_end(NOON, NOON + MINUTE, NOON + HOUR) == NOON + MINUTE
    assert effective_end(NOON, NOON + DAY, NOON + HOUR) == NOON + HOUR
    assert effective_end(NOON, None, NOON + HOUR) == NOON + HOUR
    assert effective_end(NOON, NOON + DAY, None) == NOON + DAY


def test_a_page_shown_later_numbers_its_saves_higher() -> None:
    first = sequence_base(NOON, NOON + SECOND, 0)
    later = sequence_base(NOON, NOON + MINUTE, first + 3)

    assert first == 1001
    assert later > first + 3


def test_numbers_stay_above_what_stands_and_below_their_limit() -> None:
    assert sequence_base(NOON, NOON - HOUR, 41) == 42
    assert sequence_base(NOON, NOON + 400 * DAY, 0) == MOST_MILLISECONDS + 1
    assert sequence_base(NOON, NOON + 400 * DAY, 600_000_000) == 600_000_001
