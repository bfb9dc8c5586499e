"""From programs to lanes and levels: the drawing follows the data."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask

from lms.requirements import Award, Door, DoorRule, Not, Preferred, Program, Requirement, Stage, Track, World
from lms.requirements.leaves.certificates import HoldsCertificate
from lms.web.public.pages.pathway import drawn_pathway, levels_of, short, ways_of

RANKS = World(ranks={"one": 1, "two": 2, "three": 3})
GROUPS = (Track("jumps", "Jumps"), Track("throws", "Throws"))
HOURS = Decimal(6)


def program(
    id_: str, leads_to: str, *, asks: Requirement | None = None, tracks: tuple[Track, ...] = (), title: str = ""
) -> Program:
    door = Door((DoorRule(asks),)) if asks is not None else Door()
    return Program(
        id_,
        title or f"{id_.title()} Program",
        "pathway",
        "online",
        hours=HOURS,
        requirements=door,
        tracks=tracks,
        stages=(Stage("s", "S", "exam"),),
        award=Award(leads_to),
    )


ENTRY = program("entry", "entered")
BRIDGE = program("bridge", "one", asks=HoldsCertificate("entered"))
WHOLE = program("whole", "one")
SECOND = program("second", "two", asks=HoldsCertificate("one"), tracks=GROUPS)
THIRD = program("third", "three", asks=HoldsCertificate("two"), tracks=GROUPS)
LAST = program("last", "teacher", asks=HoldsCertificate("two", or_above=True))
ALL = [ENTRY, BRIDGE, WHOLE, SECOND, THIRD, LAST]


def ids(programs: list[Program]) -> list[list[list[str]]]:
    return [[[one.id for one in lane] for lane in way] for way in ways_of(programs, RANKS)]


def test_an_unranked_step_shares_the_lane_of_what_asks_for_it() -> None:
    assert ids(ALL) == [[["entry", "bridge"], ["whole"]], [["second"]], [["third"]], [["last"]]]


def test_what_is_forbidden_or_preferred_is_no_step() -> None:
    forbids = program("bridge", "one", asks=Not(HoldsCertificate("entered")))
    prefers = program("whole", "one", asks=Preferred(HoldsCertificate("entered")))

    assert ids([ENTRY, forbids, prefers]) == [[["entry"]], [["bridge"], ["whole"]]]


def test_event_groups_part_the_lanes_and_are_named_once(app: Flask) -> None:
    with app.test_request_context():
        levels = levels_of(ways_of(ALL, RANKS))

    assert [[lane.names for lane in level.lanes] for level in levels] == [
        [("Entry", "Bridge"), ("Whole",)],
        [("Jumps",), ("Throws",)],
        [("1",), ("2",)],
        [()],
    ]
    assert [level.note for level in levels] == ["exam passed", "6 h", "6 h", "6 h"]


def test_downwards_the_first_lanes_say_how_long_each_program_takes(app: Flask) -> None:
    with app.test_request_context():
        levels = levels_of(ways_of(ALL, RANKS), narrow=True)

    assert [lane.names for lane in levels[0].lanes] == [("Entry, 6 h", "Bridge, 6 h"), ("Whole, 6 h",)]
    assert [lane.note for lane in levels[0].lanes] == ["", ""]


def test_a_campus_without_a_pathway_draws_none(app: Flask) -> None:
    with app.test_request_context():
        assert drawn_pathway([], RANKS) is None


def test_titles_lose_the_word_they_all_share() -> None:
    assert short(ENTRY) == "Entry"
    assert short(program("x", "y", title="Program")) == "Program"
