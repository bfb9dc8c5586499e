"""How much work a Markdown text makes, told from one look at its signs, before Markdown itself looks.

Markdown stops at each sign that may begin something, and at many of them it looks over the whole block around, or over
the whole text, again. A text that is nothing but such signs costs it the square of its length: some thousand brackets
hold a worker for minutes. What this weighs as little is little work; lessons weigh a hundredth of what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_WORK = 2_000_000  # a second or two of a worker

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_STOPS = re.compile(r"[\[<>`\\$&*_{]|^[ ]*(?:/{3,}|~{3,})|  $", re.MULTILINE)  # where Markdown looks over the block
_LEADING = re.compile(r"^(?:[ \t>]|[-*+][ ]|\d{1,9}[.)][ ])+", re.MULTILINE)
_LEVEL = re.compile(r"    |\t|>|[-*+.)] ")  # one list or quotation more
_WIDE = re.compile(  # where it looks over the whole text: raw HTML, footnotes, addresses of links, abbreviations, definitions
    r"<|^[ ]{0,3}:[ ]|\[\^|^[ ]{0,3}[*]?\[[^\]\n]*\]:", re.MULTILINE
)
_A_STOP = 200  # of work, for a stop alone
_A_LINE = 50
_CARRIED_ON = 20  # of work, for each block through which a tag that is not closed goes on


@dataclass(frozen=True)
class Weight:
    """`work` in characters to be looked at; `heaviest` is where the block with most of it begins, from 0."""

    work: int
    heaviest: int


def weigh(text: str) -> Weight:
    """What a text makes Markdown do. The time this takes grows with the text's length and with nothing else."""
    blocks = [(start, _work_of(block)) for start, block in _blocks(text)]
    heaviest = max(blocks, key=lambda each: each[1], default=(0, 0))
    wide = [found.start() for found in _WIDE.finditer(text)]
    everywhere = len(wide) * (len(text) + _CARRIED_ON * len(blocks))
    within = sum(work for _start, work in blocks)
    return Weight(within + everywhere, wide[0] if everywhere > within else heaviest[0])


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """What stands between blank lines, and where each begins."""
    start = 0
    for gap in _BLANK_LINES.finditer(text):
        yield start, text[start : gap.start()]
        start = gap.end()
    yield start, text[start:]


def _work_of(block: str) -> int:
    deep = sum(len(_LEVEL.findall(leading.group())) for leading in _LEADING.finditer(block))
    stops = len(_STOPS.findall(block)) + deep
    lines = 1 + block.count("\n")
    return len(block) * (lines + stops) + _A_STOP * stops + _A_LINE * lines
