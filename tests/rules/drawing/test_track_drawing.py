"""The lap: what is drawn follows from the stages, and nothing in it can carry markup or style."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from lms.web.drawing.rail import KeyWords, key, rail
from lms.web.drawing.track import COURSES, GAP, Center, Size, State, Stretch, lap, lay_out, runner_at

STATES: tuple[State, ...] = ("complete", "open", "in_progress", "shut", "ended")
SIZES: tuple[Size, ...] = ("page", "home", "phone", "mark")
LEVEL_1 = (
    Stretch("Developmental coaching", "Complete · 6 h", "complete", 360, 1, 5, number=1),
    Stretch("Sport science", "2 of 6 modules · open", "in_progress", 370, 0.39, 6, here=True, number=2),
    Stretch("Live class", "Shut · opens after 4 modules", "shut", 600, number=3),
    Stretch("Exam", "Shut · opens when the class is attended", "shut", 120, number=4),
)
stretches = st.builds(
    Stretch,
    label=st.text(max_size=40),
    note=st.text(max_size=80),
    state=st.sampled_from(STATES),
    minutes=st.integers(0, 2000),
    share=st.floats(0, 1),
    crossings=st.integers(0, 9),
    here=st.booleans(),
    number=st.integers(1, 12),
)
programs = st.lists(stretches, min_size=1, max_size=6)


def classes(drawing: str) -> list[str]:
    return [name for element in parsed(drawing).iter() for name in (element.get("class") or "").split()]


def parsed(drawing: str) -> Element:
    root: Element = fromstring(drawing)
    return root


def drawn(size: Size = "page", *, program: tuple[Stretch, ...] = LEVEL_1) -> str:
    return lap(
        program, size=size, title="Level 1: 38 % done", description="Four stages.", center=Center("38 %", "8 h of 22 h")
    )


@given(programs, st.floats(900, 3000))
def test_stretches_and_gaps_fill_the_lap(program: list[Stretch], length: float) -> None:
    laid = lay_out(program, length)

    assert sum(piece.length for piece in laid) == pytest.approx(length - GAP * (len(program) - 1))
    assert laid[0].start == 0
    assert laid[-1].end == pytest.approx(length)
    assert all(after.start - before.end == pytest.approx(GAP) for before, after in pairwise(laid))


@given(programs)
def test_no_stretch_is_too_short_to_be_seen(program: list[Stretch]) -> None:
    laid = lay_out(program, 1000, gap=0)

    assert min(piece.length for piece in laid) >= 1000 * 0.12 / (1 + 0.12 * len(program)) - 0.001


@given(programs, st.sampled_from(SIZES))
def test_the_runner_stands_on_the_stretch_that_is_next(program: list[Stretch], size: Size) -> None:
    oval = COURSES[size].oval
    laid = lay_out(program, oval.length)
    next_ones = [piece for piece in laid if piece.stretch.here]

    standing = runner_at(laid, oval.band * 0.36)

    if next_ones:
        assert standing is not None
        assert next_ones[0].start < standing < next_ones[0].end
    else:
        assert standing is None


def test_longer_stages_have_longer_stretches() -> None:
    developmental, science, live, _exam = lay_out(LEVEL_1, 1867)

    assert live.length > science.length > developmental.length


@given(programs, st.sampled_from(SIZES))
def test_whatever_the_stages_are_called_the_drawing_is_well_formed_and_carries_no_style(
    program: list[Stretch], size: Size
) -> None:
    printable = [replace(one, label=visible(one.label), note=visible(one.note)) for one in program]

    root = parsed(lap(printable, size=size, title="Program", description="Stages"))

    names = {element.tag for element in root.iter()}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert names <= {"svg", "title", "desc", "pattern", "rect", "path", "g", "circle", "text"}
    assert not {name for name in attributes if name == "style" or name.startswith("on") or name == "href"}


def visible(words: str) -> str:
    """Names come from compiled content, where control characters and halves of surrogates are refused."""
    return re.sub(r"[^\x20-\x7e\xa0-\ud7ff]", "?", words)


def test_a_name_is_shown_and_never_run() -> None:
    hostile = Stretch('<script>alert("1")</script>', "<b>&amp;</b>", "open", 60, number=1)

    drawing = lap([hostile], size="page", title='"><script>', description="<style>")

    assert "<script" not in drawing
    assert "<style" not in drawing
    assert "&lt;script&gt;" in drawing


def test_what_is_shut_has_a_gate_and_no_lanes() -> None:
    shut = drawn(program=(Stretch("Exam", "Shut", "shut", 60, number=1),))

    assert "rotate" in shut
    assert "track-fill" in classes(shut)
    assert "track-lines" not in classes(shut)
    assert "track-done" not in classes(shut)


def test_what_is_complete_is_solid_and_ticked() -> None:
    complete = classes(drawn(program=(Stretch("Exam", "", "complete", 60, number=1),)))

    assert "track-done" in complete
    assert "track-on" in complete
    assert "track-number" not in complete
    assert "track-open" not in complete


def test_what_is_under_way_is_solid_as_far_as_it_is_done() -> None:
    under_way = classes(drawn(program=(Stretch("A", "", "in_progress", 60, 0.5, 4, here=True, number=1),)))
    untouched = classes(drawn(program=(Stretch("A", "", "open", 60, 0, 4, here=True, number=1),)))

    assert {"track-open", "track-kerb", "track-done", "track-cross"} <= set(under_way)
    assert "track-done" not in untouched


def test_a_module_is_told_from_the_next_by_one_line() -> None:
    drawing = parsed(drawn(program=(Stretch("A", "", "open", 60, 0, 6, number=1),)))
    [crossing] = [element for element in drawing.iter() if element.get("class") == "track-cross"]

    assert (crossing.get("d") or "").count("M") == 5


def test_only_the_page_names_the_stages_on_the_drawing() -> None:
    assert "track-label" in classes(drawn("page"))
    assert "track-label" not in classes(drawn("home"))
    assert "track-label" not in classes(drawn("phone"))


def test_the_drawing_says_itself_to_a_screen_reader() -> None:
    root = parsed(drawn())

    ids = {element.get("id"): element.text for element in root if element.get("id")}
    assert root.get("role") == "img"
    assert [ids[one] for one in (root.get("aria-labelledby") or "").split()] == ["Level 1: 38 % done", "Four stages."]


def test_a_mark_stands_beside_its_words_and_is_hidden() -> None:
    assert parsed(lap(LEVEL_1, size="mark")).get("aria-hidden") == "true"


def test_two_drawings_of_one_page_share_no_id() -> None:
    page, phone = (set(re.findall(r'\bid="([^"]+)"', drawn(size))) for size in ("page", "phone"))

    assert page
    assert not page & phone


def test_the_same_program_is_drawn_the_same_way_twice() -> None:
    assert drawn() == drawn()


def test_the_page_lap_stays_light() -> None:
    assert len(gzip.compress(drawn().encode(), 9)) < 2200


def test_a_long_note_keeps_to_two_lines() -> None:
    talkative = Stretch("Live class", "word " * 60, "open", 60, number=1)

    root = parsed(drawn(program=(replace(LEVEL_1[0], minutes=0), talkative)))

    lines = [
        element for element in root.iter() if element.get("class") == "track-note" and "word" in (element.text or "")
    ]
    assert len(lines) == 2


def test_a_track_without_stages_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        lap([], size="page")


@pytest.mark.parametrize("state", STATES)
def test_every_piece_of_rail_is_well_formed(state: State) -> None:
    root = parsed(rail(state, 0.4, number=2, here=True))

    assert not [element for element in root.iter() if "style" in element.attrib]


def test_a_shut_rail_has_its_gate_and_a_finished_one_its_checks() -> None:
    assert "track-ink" in classes(rail("shut", number=3))
    assert "track-ink" not in classes(rail("complete", 1, number=1))
    assert "track-frame" in classes(rail("shut", number=5, finish=True))


def test_the_key_names_every_part() -> None:
    words = KeyWords("Done", "Open", "Shut", "You", "Gate", "Certificate")

    items = parsed(f"<ul>{key(words)}</ul>")

    assert ["".join(item.itertext()) for item in items] == ["Done", "Open", "Shut", "You", "Gate", "Certificate"]
