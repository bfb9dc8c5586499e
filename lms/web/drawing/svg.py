"""Small pieces of SVG. Every text and value passes through `escape`; colours are classes, never attributes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

from markupsafe import Markup, escape


def number(value: float) -> str:
    """A length to a tenth of a unit, as short as it can be written: 12, 0.5, -3.1."""
    rounded = round(value, 1)
    return f"{rounded:g}" if abs(rounded) < 100_000 else f"{rounded:.0f}"


def tag(name: str, *inside: str, **attributes: object) -> Markup:
    """One element. Underscores in attribute names stand for hyphens, a last one is dropped (`class_`); None leaves it out."""
    written = "".join(
        f' {_attribute(key)}="{number(value) if isinstance(value, float) else escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not inside:
        return Markup(f"<{name}{written}/>")  # noqa: S704  # names are literals of this package, values are escaped
    return Markup(f"<{name}{written}>{joined(inside)}</{name}>")  # noqa: S704  # as above; what is inside was escaped


@lru_cache(maxsize=256)
def _attribute(key: str) -> str:
    """Names are literals of this package."""
    return key.rstrip("_").replace("_", "-")


def joined(parts: Iterable[str]) -> Markup:
    return Markup("".join(map(escape, parts)))  # noqa: S704  # each part is escaped


def text(words: str, x: float, y: float, class_: str, *, anchor: str | None = None, size: int | None = None) -> Markup:
    return tag("text", words, class_=class_, x=float(x), y=float(y), text_anchor=anchor, font_size=size)


def path(outline: str, class_: str, *, width: float | None = None, stroke: str | None = None) -> Markup:
    return tag("path", class_=class_, d=outline, stroke_width=width, stroke=stroke)


def picture(
    *inside: str, class_: str, width: float, height: float, title: str = "", description: str = "", key: object = ""
) -> Markup:
    """A whole drawing. With a title it is an image that says itself; without, words stand beside it and it is hidden.

    `direction` is fixed, since labels that follow a right-to-left page would land on the track.
    """
    box = {"class_": class_, "viewBox": f"0 0 {number(width)} {number(height)}", "direction": "ltr"}
    if not title:
        return tag("svg", *inside, **box, aria_hidden="true")
    mark = mark_of(class_, title, description, key)
    words = [tag("title", title, id=f"t{mark}")]
    if description:
        words.append(tag("desc", description, id=f"d{mark}"))
    labelled = " ".join(f"{letter}{mark}" for letter in ("td" if description else "t"))
    return tag("svg", *words, *inside, **box, role="img", aria_labelledby=labelled)


def mark_of(*parts: object) -> str:
    """A short id that differs between drawings of one page and is the same each time one is drawn."""
    return f"{crc32(repr(parts).encode()):x}"


def hatching(mark: str) -> Markup:
    """The pattern of what is shut; drawings cannot share one, since a hidden drawing would take it away."""
    shade = tag("rect", class_="track-shade", width=7, height=7)
    line = path("M3.5 0V7", "track-hatch")
    return tag(
        "pattern", shade, line, id=f"h{mark}", width=7, height=7,
        patternUnits="userSpaceOnUse", patternTransform="rotate(45)",
    )  # fmt: skip


def checks(x: float, y: float, *, columns: int, rows: int, cell: float) -> Markup:
    """A finish line of black and white checks, its upper left corner at x, y."""
    width, height, side = columns * cell, rows * cell, number(cell)
    squares = "".join(
        f"M{number(x + column * cell)} {number(y + row * cell)}h{side}v{side}h-{side}z"
        for column in range(columns)
        for row in range(rows)
        if (column + row) % 2 == 0
    )
    board = {"x": float(x), "y": float(y), "width": float(width), "height": float(height)}
    return joined(
        [
            tag("rect", class_="track-gap", **board),
            path(squares, "track-ink"),
            tag("rect", class_="track-frame", **board),
        ]
    )


def hurdle(length: float) -> Markup:
    """A hurdle seen from above, lying along the x axis around the origin: a barred beam with a foot at either end."""
    half = length / 2
    bars = max(3, round(length / 11))
    step = (length - 8) / bars
    openings = "".join(
        f"M{number(4 - half + step * i + step * 0.25)} -1.6h{number(step * 0.5)}v3.2h-{number(step * 0.5)}z"
        for i in range(bars)
    )
    return joined(
        [
            path(f"M{number(-half)} -3.2h{number(length)}v6.4h{number(-length)}z", "track-ink"),
            path(openings, "track-gap"),
            tag("circle", class_="track-ink", cx=-half, r=4.6),
            tag("circle", class_="track-ink", cx=half, r=4.6),
        ]
    )


def runner(radius: float, *, ring: float = 4) -> Markup:
    """The one who runs, heading along the x axis from the origin: a disc with a chevron."""
    reach = radius * 0.42
    nose = f"M{number(-reach * 0.5)} {number(-reach)}L{number(reach * 0.6)} 0L{number(-reach * 0.5)} {number(reach)}"
    return tag(
        "g",
        tag("circle", class_="track-runner", r=float(radius + ring / 2), stroke_width=float(ring)),
        path(nose, "track-chevron", width=max(1.5, radius * 0.19)),
        class_="track-moving",
    )
