"""Text that a set of fonts can really print.

A printed page cannot ask the reader's machine for another font. What these fonts
lack is shown as a box and reported, so that the page can say so instead of
leaving a gap that nobody sees.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

MISSING = "□"
NOTHING = "—"
MARKS_PER_LETTER = 4
JOINERS = "\u200c\u200d"
LINE_SEPARATORS = ("Zl", "Zp")
MAXIMUM_LETTERS = 280
# More than any name needs to fill those letters; what lies beyond is not even looked at.
MAXIMUM_CHARACTERS = 10 * MAXIMUM_LETTERS


@dataclass(frozen=True)
class Printable:
    """One line of text as it can be printed: `complete` when nothing had to be replaced or cut off."""

    text: str
    right_to_left: bool
    complete: bool


def printable(text: str, fonts: Collection[frozenset[int]]) -> Printable:
    """`text` as one line that these fonts can draw; each font is the set of its code points.

    Invisible controls (bidirectional overrides, tags, zero-width characters) go, so that no text can
    reorder or forge what stands beside it; white space becomes single spaces; other controls, lone
    surrogates and letters that no font has become a box; a pile of more than four marks is cut down.
    At most 280 letters are kept. An empty text prints as a dash.
    """
    line = " ".join("".join(_visible(text[:MAXIMUM_CHARACTERS])).split())
    clusters = list(_clusters(unicodedata.normalize("NFC", line)))
    drawn = [_drawn(cluster, fonts) for cluster in clusters[:MAXIMUM_LETTERS]]
    cut = len(clusters) > MAXIMUM_LETTERS or len(text) > MAXIMUM_CHARACTERS
    shown = "".join(drawn).strip() + ("…" if cut else "")
    complete = not cut and drawn == clusters and MISSING not in shown
    return Printable(shown or NOTHING, _reads_right_to_left(line), complete)


def _visible(text: str) -> Iterator[str]:
    for character in text:
        category = unicodedata.category(character)
        if character.isspace() or category in LINE_SEPARATORS:
            yield " "
        elif category in ("Cc", "Cs", "Co", "Cn"):
            yield MISSING
        elif category != "Cf" or character in JOINERS:
            yield character


def _clusters(line: str) -> Iterator[str]:
    """Each letter with the marks and joiners that follow it."""
    cluster = ""
    for character in line:
        if cluster and (unicodedata.category(character).startswith("M") or character in JOINERS):
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


def _drawn(cluster: str, fonts: Collection[frozenset[int]]) -> str:
    """The cluster, or its letter without marks, or a box: the first that a single font can draw."""
    letter = cluster[0]
    for attempt in (cluster[: 1 + MARKS_PER_LETTER], letter):
        if unicodedata.category(letter).startswith("M"):
            break
        if any(_draws(font, attempt) for font in fonts):
            return attempt
    return MISSING


def _draws(font: frozenset[int], cluster: str) -> bool:
    needed = {ord(character) for character in cluster if character not in JOINERS}
    return needed <= font


def _reads_right_to_left(line: str) -> bool:
    """The direction of the first letter that has one."""
    for character in line:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
