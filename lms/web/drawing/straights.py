"""Straights: a module's lessons, a score, a share. Widths are percentages, so that they fit where they are put."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from markupsafe import Markup

from lms.web.drawing.svg import checks, mark_of, picture, runner, tag, text

LANE_WIDTH, LANE_HEIGHT, LANE_GAP = 228, 16, 3
SPOT = 13.5


@lru_cache(maxsize=1_024)
def lane(done: int, total: int, here: float | None = None) -> Markup:
    """A module: one cell a lesson, `done` of them covered. `here` is the runner's place in cells (1.4: in the second).

    The words stand beside it, so it is hidden from screen readers. Raises ValueError unless 0 ≤ done ≤ total ≥ 1.
    """
    if total < 1 or not 0 <= done <= total:
        raise ValueError("A lane has at least one lesson, and no more done than there are.")
    cell = (LANE_WIDTH - LANE_GAP * (total - 1)) / total
    parts = [piece for index in range(total) for piece in _cell(index, cell, _covered(index, done, here))]
    if here is not None and done < total:
        spot = min(max(here, 0), total)
        x = min(max(spot * cell + LANE_GAP * int(spot), 6), LANE_WIDTH - 6)
        parts.append(tag("circle", class_="track-runner", cx=float(x), cy=LANE_HEIGHT / 2, r=7.0, stroke_width=3))
    return picture(*parts, class_="lane", width=LANE_WIDTH, height=LANE_HEIGHT)


def _covered(index: int, done: int, here: float | None) -> float:
    if index < done:
        return 1
    return here - index if here is not None and index <= here < index + 1 else 0


def _cell(index: int, width: float, covered: float) -> Iterator[Markup]:
    x = index * (width + LANE_GAP)
    yield tag("rect", class_="track-pale lane-kerb", x=x + 0.5, y=2.5, width=width - 1, height=11)
    if covered > 0:
        yield tag("rect", class_="track-solid", x=float(x), y=2, width=width * covered, height=12)


def score_strip(score: float, pass_mark: float, *, you: str, pass_words: str, title: str) -> Markup:
    """A score from 0 to 100 as a straight: covered up to the score, with the finish line at the pass mark."""
    labels = (_spot(score, you, 16), _spot(pass_mark, pass_words, 92))
    name = f"s{mark_of('score', score, pass_mark, title)}"
    inside = [
        tag("title", title, id=name),
        tag("rect", class_="track-pale lane-kerb", x=0, y=30, width="100%", height=38),
        tag("rect", class_="track-solid", x=0, y=30, width=_percent(score), height=38),
        *(tag("line", class_="track-lines", x1=0, x2="100%", y1=y, y2=y) for y in (42.7, 55.3)),
        tag("svg", checks(-9.5, 30, columns=2, rows=4, cell=9.5), x=_percent(pass_mark), overflow="visible"),
        tag("svg", tag("g", runner(13.0), transform="translate(0 49)"), x=_percent(score), overflow="visible"),
        *(_tick(mark, pass_mark) for mark in range(0, 101, 20)),
        *labels,
    ]
    return tag("svg", *inside, class_="score", direction="ltr", role="img", aria_labelledby=name)


def _tick(mark: int, pass_mark: float) -> Markup:
    """The scale, silent where the pass mark speaks."""
    words = "" if abs(mark - pass_mark) < SPOT else str(mark)
    narrow = " odd-tick" if mark in {20, 60} or 0 < mark - pass_mark < 2 * SPOT else ""
    return tag("svg", text(words, 0, 90, f"track-note track-centre{narrow}"), x=f"{mark}%", overflow="visible")


def _spot(at: float, words: str, y: float) -> Markup:
    """A label over its place, turned inwards near the ends."""
    anchor = "end" if at > 100 - SPOT else "start" if at < SPOT else "middle"
    return tag("svg", text(words, 0, y, "track-label", anchor=anchor), x=_percent(at), overflow="visible")


def bar(
    share: float, mark: float | None = None, *, kind: Literal["track", "seats", "key", "plain"] = "track"
) -> Markup:
    """A share from 0 to 1 as a bar, with a black tick at `mark`: brick for scores, ink for seats, green for a key.

    The number stands beside it, so it is hidden from screen readers.
    """
    ground, filled = {
        "track": ("track-pale lane-kerb", "track-solid"),
        "seats": ("bar-free", "bar-taken"),
        "key": ("bar-ground", "bar-key"),
        "plain": ("bar-ground", "bar-edge"),
    }[kind]
    inside = [
        tag("rect", class_=ground, x=0, y=4.5, width="100%", height=11),
        tag("rect", class_=filled, x=0, y=4, width=_percent(100 * min(max(share, 0), 1)), height=12),
    ]
    if mark is not None:
        inside.append(tag("line", class_="bar-mark", x1=_percent(100 * mark), x2=_percent(100 * mark), y1=0, y2=20))
    return tag("svg", *inside, class_="bar-drawing", direction="ltr", aria_hidden="true")


def _percent(value: float) -> str:
    return f"{round(value, 1):g}%"
