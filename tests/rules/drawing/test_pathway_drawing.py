"""The pathway: as many lanes as there are ways, and a finish line for every level."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring

from lms.web.drawing.pathway import Direction, Lane, Level, alongside, pathway

GROUPS = ("Combined events", "Endurance", "Jumps", "Sprints", "Throws", "U20")
LEVELS = (
    Level(
        "Level 1",
        "exam passed",
        (Lane(("Developmental", "Bridge"), "New", "6 h"), Lane(("Level 1 Program",), "Whole", "22 h")),
    ),
    Level("Level 2", "32 h", tuple(Lane((name,)) for name in GROUPS)),
    Level("Level 3", "32 h", tuple(Lane((str(place),)) for place in range(1, 7))),
    Level("Instructor", "16 h", (Lane(()),)),
)
DIRECTIONS: tuple[Direction, ...] = ("wide", "phone")


def count(drawing: str, name: str) -> int:
    return sum(name in (element.get("class") or "").split() for element in fromstring(drawing).iter())


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_every_way_has_its_lane_and_every_level_its_finish_line(direction: Direction) -> None:
    drawing = pathway(LEVELS, direction=direction, title="The pathway", description="Four levels.")

    lanes, joins = 2 + 6 + 6 + 1, 6
    assert count(drawing, "pathway-lane") == lanes + joins
    assert count(drawing, "track-frame") == len(LEVELS)
    assert count(drawing, "pathway-joint") == 1


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_everything_is_named(direction: Direction) -> None:
    drawing = pathway(LEVELS, direction=direction, title="The pathway", description="Four levels.")

    words = list(fromstring(drawing).itertext())
    assert set(GROUPS) <= set(words)
    assert {level.title for level in LEVELS} <= set(words)


def test_names_are_escaped() -> None:
    level = Level("<script>", "&", (Lane(("<i>",)),))

    drawing = pathway([level], direction="wide", title="t", description="d")

    assert "<script" not in drawing
    assert "<i>" not in drawing


@pytest.mark.parametrize("levels", [(), (Level("Level 1", "", ()),)])
def test_a_pathway_that_leads_nowhere_is_refused(levels: tuple[Level, ...]) -> None:
    with pytest.raises(ValueError, match="pathway"):
        pathway(levels, direction="wide", title="t", description="d")


def test_courses_alongside_each_have_their_own_finish() -> None:
    drawing = alongside([("Marathon", "12 h"), ("Cross Country", "10 h")], direction="phone")

    assert count(drawing, "pathway-pale") == 2
    assert count(drawing, "track-frame") == 2
