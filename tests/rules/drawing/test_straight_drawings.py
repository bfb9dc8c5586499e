"""Lanes, scores and bars: lengths are shares, whatever the box is."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from lms.web.drawing.straights import bar, lane, score_strip


def by_class(drawing: str, name: str) -> list[Element]:
    return [element for element in fromstring(drawing).iter() if name in (element.get("class") or "").split()]


@given(st.integers(1, 12).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_lane_has_a_cell_for_every_lesson_and_fills_those_done(counts: tuple[int, int]) -> None:
    done, total = counts

    drawing = lane(done, total)

    assert len(by_class(drawing, "track-pale")) == total
    assert len(by_class(drawing, "track-solid")) == done


def test_the_lesson_being_read_is_filled_up_to_the_runner() -> None:
    drawing = lane(1, 3, 1.5)
    whole, half = (float(cell.get("width") or 0) for cell in by_class(drawing, "track-solid"))

    assert half == pytest.approx(whole / 2, abs=0.1)
    assert len(by_class(drawing, "track-runner")) == 1


def test_nobody_runs_in_a_finished_module() -> None:
    assert not by_class(lane(3, 3, 3), "track-runner")


@pytest.mark.parametrize(("done", "total"), [(1, 0), (4, 3), (-1, 3)])
def test_a_lane_that_cannot_be_is_refused(done: int, total: int) -> None:
    with pytest.raises(ValueError, match="lane"):
        lane(done, total)


def test_a_score_is_covered_up_to_its_place_and_says_itself() -> None:
    drawing = score_strip(86, 80, you="You, 86", pass_words="80 pass mark", title="86 of 100, passed")
    root = fromstring(drawing)

    assert by_class(drawing, "track-solid")[0].get("width") == "86%"
    assert root.get("role") == "img"
    assert "86 of 100, passed" in [element.text for element in root]


def test_the_scale_is_silent_under_the_words_of_the_pass_mark() -> None:
    words = "".join(fromstring(score_strip(50, 80, you="You", pass_words="pass", title="t")).itertext())

    assert "80" not in words
    assert "40" in words


@given(st.floats(-1, 2))
def test_a_bar_never_leaves_its_box(share: float) -> None:
    [filled] = by_class(bar(share), "track-solid")

    assert 0 <= float((filled.get("width") or "").rstrip("%")) <= 100


def test_a_bar_for_seats_is_ink_and_one_for_scores_is_brick() -> None:
    assert by_class(bar(0.5, kind="seats"), "bar-taken")
    assert by_class(bar(0.5, 0.8), "bar-mark")[0].get("x1") == "80%"
