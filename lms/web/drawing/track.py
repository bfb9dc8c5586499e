"""A program as one lap: the stretches are its stages, brick is distance covered, the runner stands at the next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from textwrap import shorten, wrap
from typing import Literal

from markupsafe import Markup

from lms.web.drawing.oval import Oval
from lms.web.drawing.svg import checks, hatching, hurdle, mark_of, number, path, picture, runner, tag, text

State = Literal["complete", "open", "in_progress", "shut", "ended"]
Size = Literal["page", "home", "phone", "mark"]

SMALLEST_SHARE = 0.12
GAP = 10.0
GATE_AT = 7.0
LONGEST_NAME = 16
SIDEWAYS = 0.35
LETTER_WIDTH = 6.4
KEPT_LAPS = 512


@dataclass(frozen=True)
class Stretch:
    """One stage. `share` is what is done of it, 0–1; `crossings` the modules in it; texts are finished and translated."""

    label: str
    note: str
    state: State
    minutes: int
    share: float = 0
    crossings: int = 0
    here: bool = False
    number: int = 0

    @property
    def barred(self) -> bool:
        return self.state in {"shut", "ended"}

    @property
    def done(self) -> float:
        return 1 if self.state == "complete" else min(max(self.share, 0), 1)


@dataclass(frozen=True)
class Center:
    """What stands in the infield: a large figure, and a line under it."""

    big: str = ""
    small: str = ""


@dataclass(frozen=True)
class Course:
    """How a size is laid out: the track, the margins around it, and the type in it."""

    width: float
    height: float
    band: float
    beside: float = 0
    above: float = 0
    big: int = 0
    disc: float = 13

    @property
    def oval(self) -> Oval:
        return Oval(self.width, self.height, self.band, self.beside, self.above)


COURSES: dict[Size, Course] = {
    "page": Course(816, 344, 50, beside=152, above=58, big=54),
    "home": Course(480, 256, 36, above=8, big=40),
    "phone": Course(342, 246, 32, above=8, big=32, disc=12),
    "mark": Course(64, 36, 8),
}


@dataclass(frozen=True)
class Laid:
    """A stretch on the track, from `start` to `end` along the centre line."""

    stretch: Stretch
    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start

    @property
    def covered(self) -> float:
        return self.start + self.length * self.stretch.done


def lap(
    stretches: Sequence[Stretch],
    *,
    size: Size,
    title: str = "",
    description: str = "",
    center: Center | None = None,
    raised: bool = False,
) -> Markup:
    """The program as a lap. `raised` lifts the words of the infield, where a button lies under them.

    Raises ValueError without stretches.
    """
    return _lap(tuple(stretches), size, title, description, center, raised)


@lru_cache(maxsize=KEPT_LAPS)
def _lap(
    stretches: tuple[Stretch, ...],
    size: Size,
    title: str,
    description: str,
    center: Center | None,
    raised: bool,  # never called by hand
) -> Markup:
    """Many stand at the same place of the same program, and everybody comes back to theirs."""
    course = COURSES[size]
    oval = course.oval
    laid = lay_out(stretches, oval.length, gap=0 if size == "mark" else GAP)
    frame = {
        "class_": f"lap lap-{size}",
        "width": course.width + 2 * course.beside,
        "height": course.height + 2 * course.above,
    }
    if size == "mark":
        return picture(*_small_mark(oval, laid), **frame)  # type: ignore[arg-type]  # the frame's values are of two types
    mark = mark_of(size, title, stretches)
    layers = [
        hatching(mark),
        _infield(oval),
        *_surfaces(oval, laid, mark),
        *_markings(oval, laid),
        _finish(oval),
        *_gates(oval, laid),
        *_stage_marks(course, laid),
        *_runner(oval, laid),
        *_center(course, center or Center(), raised=raised),
    ]
    if size == "page":
        layers += [label for piece in laid for label in _label(oval, piece)]
    return picture(*layers, **frame, title=title, description=description, key=mark)  # type: ignore[arg-type]  # a mapping of numbers is unpacked, of which mypy knows no names


def lay_out(stretches: Sequence[Stretch], length: float, *, gap: float = GAP) -> list[Laid]:
    """Give each stretch its piece of the lap: by its minutes, but never less than can be seen. The last ends at the finish.

    Raises ValueError without stretches.
    """
    if not stretches:
        raise ValueError("A track needs at least one stretch.")
    total = sum(stretch.minutes for stretch in stretches) or 1
    shares = [max(stretch.minutes / total, SMALLEST_SHARE) for stretch in stretches]
    room = length - gap * (len(stretches) - 1)
    laid, start = [], 0.0
    for stretch, share in zip(stretches, shares, strict=True):
        end = start + room * share / sum(shares)
        laid.append(Laid(stretch, start, end))
        start = end + gap
    return laid


def runner_at(laid: Sequence[Laid], radius: float) -> float | None:
    """The runner's distance: at what is done of the stretch, but wholly on it and behind its gate."""
    for piece in laid:
        if piece.stretch.here:
            first = piece.start + radius + (GATE_AT + 7 if piece.stretch.state == "shut" else 2)
            last = piece.end - radius - 2
            return min(max(piece.covered, first), last) if first < last else (piece.start + piece.end) / 2
    return None


def _infield(oval: Oval) -> Markup:
    inset = oval.band + 7
    return tag(
        "rect", class_="track-infield", x=oval.left + inset, y=oval.top + inset,
        width=oval.width - 2 * inset, height=oval.height - 2 * inset, rx=(oval.height - 2 * inset) / 2,
    )  # fmt: skip


def _surfaces(oval: Oval, laid: Sequence[Laid], mark: str) -> Iterator[Markup]:
    for piece in laid:
        whole = oval.outline(piece.start, piece.end)
        if piece.stretch.barred:
            yield path(whole, "track-edge", width=oval.band)
            yield path(whole, "track-fill", width=oval.band - 2.4, stroke=f"url(#h{mark})")
        elif piece.stretch.done < 1:
            yield path(whole, "track-kerb", width=oval.band)
            yield path(whole, "track-open", width=oval.band - 3)
        if piece.stretch.done > 0:
            yield path(oval.outline(piece.start, piece.covered), "track-done", width=oval.band)


def _markings(oval: Oval, laid: Sequence[Laid]) -> Iterator[Markup]:
    run = [piece for piece in laid if not piece.stretch.barred]
    if not run:
        return
    lanes = [oval.outline(piece.start, piece.end, side * oval.band / 6) for piece in run for side in (-1, 1)]
    yield path("".join(lanes), "track-lines")
    crossings = [
        oval.across(piece.start + piece.length * step / piece.stretch.crossings)
        for piece in run
        for step in range(1, piece.stretch.crossings)
    ]
    if crossings:
        yield path("".join(crossings), "track-cross")


def _finish(oval: Oval) -> Markup:
    rows = 4 if oval.band <= 24 else 6
    cell = oval.band / rows
    place = oval.place(0)
    return checks(place.x - cell, place.y - oval.band / 2, columns=2, rows=rows, cell=cell)


def _gates(oval: Oval, laid: Sequence[Laid]) -> Iterator[Markup]:
    beam = hurdle(oval.band + 12)
    for piece in laid:
        if piece.stretch.state == "shut":
            place = oval.place(piece.start + GATE_AT)
            yield tag(
                "g",
                beam,
                transform=f"translate({number(place.x)} {number(place.y)})rotate({number(place.heading + 90)})",
            )


def _stage_marks(course: Course, laid: Sequence[Laid]) -> Iterator[Markup]:
    runner_radius = course.band * 0.36 + 4
    standing = runner_at(laid, runner_radius)
    for piece in laid:
        place = course.oval.place(_clear_of(standing, piece, runner_radius + course.disc + 4))
        x, y = place.x, place.y
        if piece.stretch.state == "complete":
            yield tag("circle", class_="track-solid track-ringed", cx=x, cy=y, r=course.disc)
            yield path(f"M{number(x - 5)} {number(y + 0.5)}l3.5 4 7-8", "track-on")
        else:
            yield tag("circle", class_="track-disc", cx=x, cy=y, r=course.disc)
            yield text(str(piece.stretch.number), x, y + 5.3, "track-number")


def _clear_of(standing: float | None, piece: Laid, distance: float) -> float:
    """The middle of the stretch, or of the longer part of it where the runner stands there."""
    middle = (piece.start + piece.end) / 2
    if standing is None or abs(standing - middle) >= distance:
        return middle
    before, after = standing - piece.start, piece.end - standing
    return (standing + piece.end) / 2 + 6 if after >= before else (standing + piece.start) / 2 - 6


def _runner(oval: Oval, laid: Sequence[Laid]) -> Iterator[Markup]:
    radius = oval.band * 0.36
    standing = runner_at(laid, radius + 4)
    if standing is not None:
        place = oval.place(standing)
        turned = f"translate({number(place.x)} {number(place.y)})rotate({number(place.heading)})"
        yield tag("g", runner(radius), transform=turned)


def _center(course: Course, center: Center, *, raised: bool) -> Iterator[Markup]:
    x, y = course.oval.center
    middle = y - course.big * 0.42 if raised else y + course.big * 0.1
    if center.big:
        yield text(center.big, x, middle, "track-big", size=course.big)
    if center.small:
        yield text(center.small, x, middle + 26, "track-note track-centre")


def _label(oval: Oval, piece: Laid) -> Iterator[Markup]:
    """Name and note outside the track, standing away from it: beside the bends, over and under the straights."""
    place = oval.place((piece.start + piece.end) / 2)
    x, y = place.outwards(oval.band / 2 + 16)
    across, down = place.normal
    beside = abs(across) > SIDEWAYS
    names = (
        wrap(piece.stretch.label, LONGEST_NAME)
        if beside and len(piece.stretch.label) > LONGEST_NAME
        else [piece.stretch.label]
    )
    notes = _at_most_two(piece.stretch.note, 21 if beside else round((piece.length + 40) / LETTER_WIDTH))
    height = 18 * (len(names) + len(notes))
    anchor = ("start" if across > 0 else "end") if beside else "middle"
    top = y - height / 2 * (1 - down) if beside else (y - height + 8 if down < 0 else y - 6)
    for index, line in enumerate(names + notes):
        yield text(line, x, top + 14 + 18 * index, "track-label" if index < len(names) else "track-note", anchor=anchor)


def _at_most_two(note: str, width: int) -> list[str]:
    lines = wrap(note, width)
    return lines if len(lines) <= 2 else [lines[0], shorten(" ".join(lines[1:]), width, placeholder=" …")]


def _small_mark(oval: Oval, laid: Sequence[Laid]) -> Iterator[Markup]:
    """The lap without its details, for lists: what is covered, where the runner is, where the finish."""
    yield path(oval.outline(0, oval.length), "track-kerb", width=oval.band)
    yield path(oval.outline(0, oval.length), "track-open", width=oval.band - 2)
    for run in _runs(laid):
        yield path(oval.outline(*run), "track-done", width=oval.band)
    yield path(oval.across(0), "track-frame", width=2.5)
    standing = runner_at(laid, 2)
    if standing is not None and any(piece.stretch.done < 1 for piece in laid):
        place = oval.place(standing)
        yield tag("circle", class_="track-runner", cx=place.x, cy=place.y, r=5.5, stroke_width=2)


def _runs(laid: Sequence[Laid]) -> list[tuple[float, float]]:
    """Covered pieces, neighbours joined, so that no hairline shows between them."""
    covered = [(piece.start, piece.covered) for piece in laid if piece.stretch.done > 0]
    runs = covered[:1]
    for before, piece in pairwise(covered):
        if before[1] == piece[0]:
            runs[-1] = (runs[-1][0], piece[1])
        else:
            runs.append(piece)
    return runs
