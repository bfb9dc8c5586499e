"""The pathway: levels as finish lines, and the lanes that lead to them, part and join again.

Everything is laid out once, in distances *along* the way and *across* it. The wide drawing runs to the right,
the one for phones downwards with its names set along the lanes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import Literal

from markupsafe import Markup

from lms.web.drawing.svg import checks, joined, mark_of, number, path, picture, tag, text

Direction = Literal["wide", "phone"]

LANE = 26.0
LANE_GAP = 12.0
TRUNK = 66.0
CELL = 6.5
LETTER_WIDTH = 8.2
BESIDE_LETTERS = 13
BESIDE_LINE = 17


@dataclass(frozen=True)
class Lane:
    """One way to a level: the names written on it in running order, and what is said beside its beginning."""

    names: tuple[str, ...]
    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Level:
    """A finish line, and the lanes that lead to it."""

    title: str
    note: str
    lanes: tuple[Lane, ...]


@dataclass(frozen=True)
class Sheet:
    """How a direction is laid out: its size, the middle of the lanes, where they begin and end, how far two of them part."""

    width: float
    height: float
    middle: float
    start: float
    end: float
    parting: float
    turn: float
    down: bool

    def at(self, along: float, across: float) -> str:
        x, y = (across, along) if self.down else (along, across)
        return f"{number(x)} {number(y)}"

    def point(self, along: float, across: float) -> tuple[float, float]:
        return (across, along) if self.down else (along, across)


SHEETS: dict[Direction, Sheet] = {
    "wide": Sheet(1120, 340, middle=176, start=4, end=1106, parting=186, turn=130, down=False),
    "phone": Sheet(342, 690, middle=112, start=28, end=668, parting=128, turn=76, down=True),
}


@dataclass(frozen=True)
class Section:
    """From one finish line to the next: where each lane enters, runs and arrives across the way."""

    level: Level
    start: float
    end: float
    enters: tuple[float, ...]
    runs: tuple[float, ...]
    arrives: tuple[float, ...]
    joins: bool = False

    @property
    def width(self) -> float:
        """Of each lane; one that others run into is as wide as their trunk."""
        return TRUNK if self.joins else LANE


def pathway(levels: Sequence[Level], *, direction: Direction, title: str, description: str) -> Markup:
    """The levels in order, from the left or from above. A list beside it must say the same in words.

    Raises ValueError without levels, or for a level without lanes.
    """
    if not levels or not all(level.lanes for level in levels):
        raise ValueError("A pathway has levels, and every level a lane that leads to it.")
    sheet = SHEETS[direction]
    sections = _sections(levels, sheet)
    layers = [
        *(lane for section in sections for lane in _lanes(section, sheet)),
        *(lane for before, section in pairwise(sections) if section.joins for lane in _joins(before, section, sheet)),
        *(name for section in sections for name in _names(section, sheet)),
        *(_line(section, sheet) for section in sections),
        *(words for section in sections for words in _level_words(section, sheet)),
        *_beginnings(sections[0], sheet),
    ]
    frame = f"pathway pathway-{direction}"
    key = mark_of(direction, levels)
    return picture(
        *layers, class_=frame, width=sheet.width, height=sheet.height, title=title, description=description, key=key
    )


def alongside(lanes: Sequence[tuple[str, str]], *, direction: Direction) -> Markup:
    """Courses beside the pathway, as (name, note): pale lanes, each with its own finish. A list must say the same in words."""
    columns, width = (3, 286.0) if direction == "wide" else (1, 342.0)
    step_x, step_y = width + 34, 44 if direction == "wide" else 38
    rows = -(-len(lanes) // columns)
    boxes = [
        joined(_course(name, note, (index % columns) * step_x + 1, (index // columns) * step_y + 2, width - 2))
        for index, (name, note) in enumerate(lanes)
    ]
    frame = f"pathway pathway-{direction}"
    return picture(*boxes, class_=frame, width=1120 if direction == "wide" else 342, height=max(rows, 1) * step_y)


def _course(name: str, note: str, x: float, y: float, width: float) -> Iterator[Markup]:
    yield tag("rect", class_="pathway-pale", x=float(x), y=float(y), width=float(width), height=LANE + 4)
    yield checks(x + width - 2 * CELL, y, columns=2, rows=5, cell=(LANE + 4) / 5)
    yield text(name, x + 12, y + 20, "track-word track-word-pale")
    yield text(note, x + width - 24, y + 20, "track-word track-word-pale", anchor="end")


def _sections(levels: Sequence[Level], sheet: Sheet) -> list[Section]:
    weights = [_weight(before, level, sheet) for before, level in pairwise([None, *levels])]
    unit = (sheet.end - sheet.start) / sum(weights)
    sections: list[Section] = []
    start = sheet.start
    for index, level in enumerate(levels):
        runs = _spread(len(level.lanes), sheet, first=index == 0)
        following = len(levels[index + 1].lanes) if index + 1 < len(levels) else 1
        gathers = len(runs) != following and following > 1
        enters = _gathered(len(runs), sheet) if sections and _parts(sections[-1], runs) else runs
        end = start + unit * weights[index]
        arrives = _gathered(len(runs), sheet) if gathers else runs
        joins = len(runs) == 1 and bool(sections) and len(sections[-1].runs) > 1
        sections.append(Section(level, start, end, enters, runs, arrives, joins))
        start = end
    return sections


def _weight(before: Level | None, level: Level | None, sheet: Sheet) -> float:
    """A first stretch is long, one with new lanes needs room for their names, one that only goes on is short.

    Downwards the names take their whole length and stand in one line only.
    """
    if before is None:
        return 0.9 if sheet.down else 1.2
    if level is not None and len(level.lanes) not in {1, len(before.lanes)}:
        return 1.55 if sheet.down else 0.95
    return 0.45


def _parts(before: Section, runs: Sequence[float]) -> bool:
    return len(before.runs) != len(runs) and len(runs) > 1


def _spread(count: int, sheet: Sheet, *, first: bool) -> tuple[float, ...]:
    step = sheet.parting if first and count == 2 else LANE + LANE_GAP - (2 if sheet.down else 0)
    return tuple(sheet.middle + (index - (count - 1) / 2) * step for index in range(count))


def _gathered(count: int, sheet: Sheet) -> tuple[float, ...]:
    """Shoulder to shoulder on the trunk's width."""
    if count == 1:
        return (sheet.middle,)
    reach = TRUNK - LANE
    return tuple(sheet.middle - reach / 2 + reach * index / (count - 1) for index in range(count))


def _lanes(section: Section, sheet: Sheet) -> Iterator[Markup]:
    for enter, run, arrive in zip(section.enters, section.runs, section.arrives, strict=True):
        yield path(_course_of(section, enter, run, arrive, sheet), "pathway-lane", width=section.width)


def _course_of(section: Section, enter: float, run: float, arrive: float, sheet: Sheet) -> str:
    """One lane's line: a bend in, straight on, a bend out; half a unit over, so that no seam shows at the finish lines."""
    turn = min(sheet.turn, (section.end - section.start) / 2)
    line = f"M{sheet.at(_joined_at(section) if section.joins else section.start - 0.5, enter)}"
    if enter != run:
        line += _bend(section.start, section.start + turn, enter, run, sheet)
    if arrive != run:
        line += f"L{sheet.at(section.end - turn - 14, run)}" + _bend(
            section.end - turn - 14, section.end - 14, run, arrive, sheet
        )
    return line + f"L{sheet.at(section.end + 0.5, arrive)}"


def _bend(start: float, end: float, before: float, after: float, sheet: Sheet) -> str:
    middle = (start + end) / 2
    return f"C{sheet.at(middle, before)} {sheet.at(middle, after)} {sheet.at(end, after)}"


def _joined_at(section: Section) -> float:
    return section.start + (section.end - section.start) * 0.62


def _joins(before: Section, section: Section, sheet: Sheet) -> Iterator[Markup]:
    """Many lanes that run together behind a finish line into the one that goes on."""
    end = _joined_at(section) + 1
    for run, goal in zip(before.runs, _gathered(len(before.runs), sheet), strict=True):
        yield path(
            f"M{sheet.at(section.start - 0.5, run)}" + _bend(section.start, end, run, goal, sheet),
            "pathway-lane",
            width=LANE,
        )


def _names(section: Section, sheet: Sheet) -> Iterator[Markup]:
    """The names on the lanes, with a joint between two that follow each other."""
    if sheet.down and section.start == sheet.start:
        yield from _names_beside(section, sheet)
        return
    begin = section.start + (
        12 if section.enters == section.runs else min(sheet.turn, (section.end - section.start) / 2) + 8
    )
    for lane, run in zip(section.level.lanes, section.runs, strict=True):
        along = begin
        for index, name in enumerate(lane.names):
            if index:
                yield _joint(along, run, sheet)
                along += 24
            yield _word(name, along, run, section, sheet)
            along += len(name) * LETTER_WIDTH + 14


def _names_beside(section: Section, sheet: Sheet) -> Iterator[Markup]:
    """Downwards the first lanes are too short for names along them, and have room at their right."""
    for lane, run in zip(section.level.lanes, section.runs, strict=True):
        along = section.start + 16
        for index, name in enumerate(lane.names):
            if index:
                yield _joint(along - 6, run, sheet)
                along += 8
            for line in wrap(name, BESIDE_LETTERS):
                yield text(line, run + LANE / 2 + 6, along, "track-note")
                along += BESIDE_LINE


def _joint(along: float, across: float, sheet: Sheet) -> Markup:
    half = LANE / 2 + 1
    line = f"M{sheet.at(along - 4, across - half)}L{sheet.at(along + 4, across)}L{sheet.at(along - 4, across + half)}"
    return path(line, "pathway-joint")


def _word(name: str, along: float, across: float, section: Section, sheet: Sheet) -> Markup:
    if not sheet.down:
        return text(name, along, across + 5, "track-word")
    # Downwards a name is read from below, and begins above the finish line it leads to.
    foot = section.end - 14
    turned = f"translate({number(across + 5)} {number(foot)})rotate(-90)"
    return tag("text", name, class_="track-word", transform=turned)


def _line(section: Section, sheet: Sheet) -> Markup:
    lanes = section.arrives
    width = section.width
    first, last = lanes[0] - width / 2 - 3, lanes[-1] + width / 2 + 3
    rows = round((last - first) / CELL)
    cell = (last - first) / rows
    x, y = sheet.point(section.end - cell, first)
    columns, lines = (rows, 2) if sheet.down else (2, rows)
    return checks(x, y, columns=columns, rows=lines, cell=cell)


def _level_words(section: Section, sheet: Sheet) -> Iterator[Markup]:
    lanes = (*section.arrives, *section.runs) if sheet.down else section.arrives
    if sheet.down:
        x = max(lanes) + LANE / 2 + 16 if len(section.runs) > 2 else sheet.middle + 3 * (LANE + LANE_GAP) - 2
        yield text(section.level.title, x, section.end, "track-label")
        yield text(section.level.note, x, section.end + 18, "track-note")
        return
    top = min(lanes) - section.width / 2
    last = section.end > sheet.end - 40
    x = sheet.end if last else section.end
    anchor = "end" if last else "middle"
    if section.arrives != section.runs:
        x, top = x - 10, top - 12  # clear of the lanes that part behind this line
    yield text(section.level.title, x, top - 40 + 4, "track-label", anchor=anchor)
    yield text(section.level.note, x, top - 16, "track-note", anchor=anchor)


def _beginnings(section: Section, sheet: Sheet) -> Iterator[Markup]:
    """What is said at the start of the lanes: over the upper, under the lower; downwards, above each."""
    for index, (lane, run) in enumerate(zip(section.level.lanes, section.runs, strict=True)):
        if sheet.down:
            inside = max(run, len(lane.title) * 4.6)
            yield text(lane.title, inside, section.start - (26 if lane.note else 8), "track-label", anchor="middle")
            if lane.note:
                yield text(lane.note, run, section.start - 8, "track-note", anchor="middle")
            continue
        below = index > 0 and index == len(section.runs) - 1
        y = run + LANE / 2 + 24 if below else run - LANE / 2 - 28
        yield text(lane.title, section.start, y, "track-label")
        yield text(lane.note, section.start, y + 18, "track-note")
