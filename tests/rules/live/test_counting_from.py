"""From when a class that was attended in full counts."""

from __future__ import annotations

from datetime import timedelta

from lms.live.rules import counts_from
from tests.support.moments import NOON

HOUR = timedelta(hours=1)


def test_a_mark_during_the_last_session_counts_at_once() -> None:
    assert counts_from(NOON + 5 * HOUR, last_session=NOON, last_mark=NOON + HOUR) == NOON + HOUR


def test_a_mark_made_before_the_last_session_waits_for_it_to_begin() -> None:
    assert counts_from(NOON + 5 * HOUR, last_session=NOON, last_mark=NOON - HOUR) == NOON


def test_a_mark_made_days_later_counts_from_the_end_of_the_class() -> None:
    assert counts_from(NOON + 5 * HOUR, last_session=NOON, last_mark=NOON + 90 * HOUR) == NOON + 5 * HOUR
