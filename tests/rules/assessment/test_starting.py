"""Whether a sitting may start, and what the rules allow next."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms.assessment.rules.forms import next_form
from lms.assessment.rules.starting import AttemptRules, PastAttempt, SatElsewhere, may_start
from tests.support.moments import DAY, HOUR, MINUTE, NOON

RULES = AttemptRules(included=2, cooldown_hours=24, window_days=90)
FAILED = PastAttempt(NOON - 2 * DAY, passed=False)


def test_the_first_attempt_may_start_inside_its_window() -> None:
    decision = may_start(RULES, [], window_from=NOON - DAY, at=NOON)

    assert decision.allowed
    assert decision.attempts_left == 2
    assert decision.closes_at == NOON + 89 * DAY


def test_used_attempts_are_the_end_of_it() -> None:
    decision = may_start(RULES, [FAILED, FAILED], window_from=NOON - DAY, at=NOON)

    assert not decision.allowed
    assert decision.reasons[0].key == "All attempts are used. If you need another, write to the staff."
    assert (decision.attempts_left, decision.opens_at) == (0, None)


def test_the_wait_counts_from_the_end_of_the_last_attempt() -> None:
    last = PastAttempt(NOON - HOUR, passed=False)

    decision = may_start(RULES, [last], window_from=NOON - DAY, at=NOON)

    assert not decision.allowed
    assert decision.opens_at == NOON + 23 * HOUR
    assert may_start(RULES, [last], window_from=NOON - DAY, at=NOON + 23 * HOUR).allowed


def test_the_wait_counts_from_a_sitting_within_another_enrollment_too() -> None:
    decision = may_start(RULES, [], window_from=NOON, at=NOON, elsewhere=SatElsewhere(NOON - HOUR))

    assert decision.opens_at == NOON + 23 * HOUR
    assert decision.attempts_left == 2


def test_attempts_used_in_an_enrollment_that_was_left_stay_used() -> None:
    decision = may_start(
        RULES, [FAILED], window_from=NOON - DAY, at=NOON, elsewhere=SatElsewhere(NOON - 9 * DAY, used=1)
    )

    assert not decision.allowed
    assert decision.attempts_left == 0


def test_a_wait_that_outlasts_the_window_is_hopeless() -> None:
    last = PastAttempt(NOON - HOUR, passed=False)

    decision = may_start(RULES, [last], window_from=NOON - 90 * DAY + HOUR, at=NOON)

    assert not decision.allowed
    assert decision.opens_at is None


def test_the_window_ends_at_its_end() -> None:
    end = NOON - 10 * DAY + 90 * DAY

    assert may_start(RULES, [], window_from=NOON - 10 * DAY, at=end - MINUTE).allowed
    assert not may_start(RULES, [], window_from=NOON - 10 * DAY, at=end).allowed


def test_who_passed_needs_no_other_attempt() -> None:
    decision = may_start(RULES, [PastAttempt(NOON - 9 * DAY, passed=True)], window_from=NOON - DAY, at=NOON)

    assert not decision.allowed
    assert decision.reasons[0].key == "You have passed this already."


def test_a_result_that_is_not_out_yet_must_be_waited_for() -> None:
    waiting = PastAttempt(NOON - 9 * DAY, passed=None, pending=True)

    decision = may_start(RULES, [waiting], window_from=NOON - DAY, at=NOON)

    assert not decision.allowed
    assert decision.reasons[0].key == "The result of your last attempt is not out yet."


def test_an_unlimited_quiz_may_be_tried_again_at_once() -> None:
    rules = AttemptRules(included=None, cooldown_hours=0, window_days=None)

    decision = may_start(rules, [PastAttempt(NOON, passed=False)] * 50, window_from=None, at=NOON)

    assert decision.allowed
    assert decision.attempts_left is None


@given(
    ends=st.lists(st.integers(0, 400), max_size=5),
    included=st.one_of(st.none(), st.integers(1, 4)),
    cooldown=st.integers(0, 72),
    window=st.one_of(st.none(), st.integers(1, 30)),
    hour=st.integers(0, 1500),
)
def test_when_it_says_the_next_try_opens_it_does(
    ends: list[int], included: int | None, cooldown: int, window: int | None, hour: int
) -> None:
    rules = AttemptRules(included, cooldown, window)
    past = [PastAttempt(NOON + timedelta(hours=end), passed=False) for end in ends]
    at = NOON + timedelta(hours=hour)

    decision = may_start(rules, past, window_from=NOON, at=at)

    assert decision.allowed == (not decision.reasons)
    if not decision.allowed and decision.opens_at is not None:
        assert decision.opens_at > at
        assert may_start(rules, past, window_from=NOON, at=decision.opens_at).allowed


def test_a_form_not_had_yet_comes_first_and_then_the_one_longest_ago() -> None:
    assert next_form(["a", "b"], []) == "a"
    assert next_form(["a", "b"], ["a"]) == "b"
    assert next_form(["a", "b"], ["a", "b"]) == "a"
    assert next_form(["a", "b"], ["b", "a", "b"]) == "a"
    assert next_form(["b"], ["b"]) == "b"
    assert next_form([], ["a"]) is None
