"""How a class is settled for one person, and when its link is shown."""

from __future__ import annotations

import itertools

import pytest

from lms.live.models import Mark, Offering, OfferingStatus, Seat, SeatStatus
from lms.live.rules import AttendanceRule, check_in_is_open, lowest_free_place, settled, shown_link
from tests.support.moments import DAY, HOUR, MINUTE, NOON

LINK = "https://meet.example.org/j/1"
MEETINGS = [(NOON, NOON + 2 * HOUR), (NOON + DAY, NOON + DAY + 2 * HOUR)]


def seat(status: SeatStatus = SeatStatus.CONFIRMED) -> Seat:
    return Seat(status=status)


def offering(link: str = LINK, status: OfferingStatus = OfferingStatus.OPEN) -> Offering:
    return Offering(join_link=link, status=status)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({}, SeatStatus.CONFIRMED),
        ({1: Mark.PRESENT}, SeatStatus.CONFIRMED),
        ({1: Mark.PRESENT, 2: Mark.PRESENT}, SeatStatus.ATTENDED),
        ({1: Mark.LATE, 2: Mark.PRESENT}, SeatStatus.ATTENDED),
        ({1: Mark.PRESENT, 2: Mark.LEFT_EARLY}, SeatStatus.PARTLY),
        ({1: Mark.LEFT_EARLY, 2: Mark.LEFT_EARLY}, SeatStatus.PARTLY),
        ({1: Mark.PRESENT, 2: Mark.ABSENT}, SeatStatus.PARTLY),
        ({1: Mark.ABSENT, 2: Mark.ABSENT}, SeatStatus.ABSENT),
    ],
)
def test_all_sessions_must_be_attended(marks: dict[int, Mark], expected: SeatStatus) -> None:
    assert settled(marks, [1, 2]) is expected


@pytest.mark.parametrize("marks", list(itertools.product(Mark, repeat=3)))
def test_one_session_is_enough_where_the_rule_says_so(marks: tuple[Mark, ...]) -> None:
    was_there = Mark.PRESENT in marks or Mark.LATE in marks

    status = settled(dict(enumerate(marks)), range(3), AttendanceRule.ANY_SESSION)

    assert (status is SeatStatus.ATTENDED) is was_there


def test_the_first_session_attended_settles_a_class_of_which_one_is_enough() -> None:
    assert settled({1: Mark.PRESENT}, [1, 2], AttendanceRule.ANY_SESSION) is SeatStatus.ATTENDED
    assert settled({1: Mark.ABSENT}, [1, 2], AttendanceRule.ANY_SESSION) is SeatStatus.CONFIRMED


def test_the_link_is_shown_from_half_an_hour_before_each_session_until_its_end() -> None:
    shown = [
        bool(shown_link(seat(), offering(), MEETINGS, at=NOON + later))
        for later in (-31 * MINUTE, -30 * MINUTE, HOUR, 2 * HOUR, 2 * HOUR + MINUTE, DAY - 30 * MINUTE)
    ]

    assert shown == [False, True, True, True, False, True]


@pytest.mark.parametrize(
    "status", [SeatStatus.HELD, SeatStatus.WAITLISTED, SeatStatus.OFFERED, SeatStatus.CANCELLED, SeatStatus.LAPSED]
)
def test_the_link_is_for_those_who_hold_a_place(status: SeatStatus) -> None:
    assert shown_link(seat(status), offering(), MEETINGS, at=NOON) is None


def test_a_seat_that_is_settled_early_keeps_its_way_in() -> None:
    assert shown_link(seat(SeatStatus.ATTENDED), offering(), MEETINGS, at=NOON) == LINK


def test_a_cancelled_class_has_no_way_in() -> None:
    assert shown_link(seat(), offering(status=OfferingStatus.CANCELLED), MEETINGS, at=NOON) is None


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "ftp://example.org/x", " https://example.org"])
def test_what_is_no_web_address_is_never_a_link(link: str) -> None:
    assert shown_link(seat(), offering(link), MEETINGS, at=NOON) is None


def test_check_in_opens_two_hours_before_a_session_and_stays_open() -> None:
    opened = [check_in_is_open(NOON, at=NOON + later) for later in (-2 * HOUR - MINUTE, -2 * HOUR, 30 * DAY)]

    assert opened == [False, True, True]


def test_a_place_that_was_given_back_is_the_next_to_be_given() -> None:
    assert lowest_free_place([], 2) == 1
    assert lowest_free_place([1, 3], 3) == 2
    assert lowest_free_place([2, 1], 2) is None
