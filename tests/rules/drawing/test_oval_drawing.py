"""The stadium's line: where a distance lies, and what the path to it looks like."""

from __future__ import annotations

from math import hypot, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.web.drawing.oval import Oval

PAGE = Oval(816, 344, 50)
distances = st.floats(0, PAGE.length, allow_nan=False)


def test_the_lap_is_two_straights_and_a_circle() -> None:
    assert PAGE.radius == 147
    assert PAGE.straight == 472
    assert PAGE.length == pytest.approx(2 * 472 + 2 * pi * 147)


def test_one_starts_at_the_right_end_of_the_home_straight_and_runs_anticlockwise() -> None:
    start = PAGE.place(0)
    later = PAGE.place(10)

    assert (start.x, start.y) == pytest.approx((816 - 344 / 2, 344 - 25))
    assert later.x > start.x
    assert PAGE.place(PAGE.bend).y == pytest.approx(25)
    assert PAGE.place(PAGE.bend + PAGE.straight).x == pytest.approx(172)


@given(distances)
def test_the_normal_is_of_length_one_and_leads_away_from_the_middle(distance: float) -> None:
    place = PAGE.place(distance)
    outer = place.outwards(25)

    assert hypot(*place.normal) == pytest.approx(1)
    assert -0.001 <= outer[0] <= 816.001
    assert -0.001 <= outer[1] <= 344.001


@given(distances)
def test_a_short_way_along_the_track_is_a_short_way_on_the_drawing(distance: float) -> None:
    here, there = PAGE.place(distance), PAGE.place(distance + 1)

    assert hypot(here.x - there.x, here.y - there.y) == pytest.approx(1, abs=0.01)


def test_a_path_over_every_corner_bends_twice() -> None:
    outline = PAGE.outline(0, PAGE.length)

    assert outline.count("A") == 2
    assert outline.count("L") == 2


def test_a_path_within_the_back_straight_does_not_bend() -> None:
    assert "A" not in PAGE.outline(PAGE.bend + 1, PAGE.bend + 100)


def test_a_lane_line_keeps_its_distance_in_the_bend() -> None:
    assert "A155.3 155.3" in PAGE.outline(0, 100, 50 / 6)
