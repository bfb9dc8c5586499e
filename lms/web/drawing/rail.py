"""The straight that runs down beside the stages, one piece to a stage, and the key to the drawings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from lms.web.drawing.svg import checks, hatching, hurdle, joined, mark_of, path, picture, runner, tag
from lms.web.drawing.track import State

WIDTH = 22


def rail(state: State, share: float = 0, *, number: int, here: bool = False, finish: bool = False) -> Markup:
    """One stage's piece, as tall as its box: lengths down are percentages. `number` keeps its pattern's id its own.

    `finish` draws the finish line alone, for the row of the certificate.
    """
    if finish:
        return tag(
            "svg", checks(0, 2, columns=4, rows=4, cell=WIDTH / 4), class_="rail", direction="ltr", aria_hidden="true"
        )
    mark = mark_of("rail", number)
    done = 1.0 if state == "complete" else min(max(share, 0), 1)
    parts = [*_ground(state, mark), *_covered(done)]
    if state == "shut":
        parts.append(tag("g", hurdle(WIDTH + 16), transform=f"translate({WIDTH / 2:g} 6)"))
    if here:
        turned = tag("g", runner(9, ring=3.5), transform=f"translate({WIDTH / 2:g} 0)rotate(90)")
        parts.append(tag("svg", turned, y=f"{min(max(done, 0.08), 0.92):.0%}", overflow="visible"))
    return tag("svg", *parts, class_="rail", direction="ltr", aria_hidden="true")


def _ground(state: State, mark: str) -> Iterator[Markup]:
    if state in {"shut", "ended"}:
        yield hatching(mark)
        yield tag("rect", fill=f"url(#h{mark})", width=WIDTH, height="100%")
        yield from (_down(x, "track-edge") for x in (0.6, WIDTH - 0.6))
    elif state != "complete":
        yield tag("rect", class_="track-pale", width=WIDTH, height="100%")
        yield from (_down(x, "track-kerb") for x in (0.75, WIDTH - 0.75))


def _covered(done: float) -> Iterator[Markup]:
    if done > 0:
        yield tag("rect", class_="track-solid", width=WIDTH, height=f"{done:.0%}")
        yield from (_down(WIDTH * third / 3, "track-lines", f"{done:.0%}") for third in (1, 2))


def _down(x: float, class_: str, to: str = "100%") -> Markup:
    return tag("line", class_=class_, x1=float(x), x2=float(x), y1=0, y2=to)


@dataclass(frozen=True)
class KeyWords:
    """What the parts of a drawing are called, translated."""

    done: str
    open: str
    shut: str
    you: str
    gate: str
    certificate: str


def key(words: KeyWords) -> Markup:
    """The list items that name the parts; drawn like the drawing itself, so that they hold in forced colours and print."""
    mark = mark_of("key")
    box = {"x": 1, "y": 4, "width": 22, "height": 12}
    barred = [hatching(mark), tag("rect", fill=f"url(#h{mark})", **box), tag("rect", class_="track-edge", **box)]
    signs = [
        (words.done, [tag("rect", class_="track-solid", **box)]),
        (words.open, [tag("rect", class_="track-pale", **box), path("M1 4h22M1 16h22", "track-kerb")]),
        (words.shut, barred),
        (words.you, [tag("g", runner(7, ring=2), transform="translate(12 10)")]),
        (words.gate, [tag("g", hurdle(18), transform="translate(12 10)rotate(90)scale(0.8)")]),
        (words.certificate, [checks(2, 4, columns=5, rows=3, cell=4)]),
    ]
    return joined(tag("li", picture(*sign, class_="key-sign", width=24, height=20), word) for word, sign in signs)
