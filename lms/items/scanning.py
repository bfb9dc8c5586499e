"""Cutting question blocks out of Markdown, before Markdown runs.

A question opens with `/// question | stem` and closes with a line of the same number
of slashes; `////` is for a question whose body holds a `///` block of its own. Each
question leaves one placeholder paragraph behind and as many lines as it had.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from lms.foundation.messages import Message
from lms.foundation.problems import Problem
from lms.items.findings import Findings
from lms.items.lines import (
    CODE_INDENT,
    Fence,
    closing_line,
    indent_of,
    is_blank,
    opening_fence,
    split_lines,
)

QUESTION = "question"

# A private-use character no author can write, not even as an entity: scan refuses it. So a
# placeholder found in HTML is ours, whatever a sanitiser later strips or joins.
RESERVED = "\ue042"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NAME = re.compile(r"[\w-]+")
_BEFORE_MISPLACED = " \t>*+-.)0123456789"


@dataclass(frozen=True)
class Block:
    """One question as its author wrote it.

    `head` is without its four spaces of indentation; `line`, `head_line` and `body_line` are
    the lines (from 1) of the opening line, of the head's first line, and of the body's first line.
    """

    stem_line: str
    head: str
    head_line: int
    body: str
    body_line: int
    line: int


@dataclass(frozen=True)
class Scanned:
    """Markdown without its questions: `placeholder(n)` stands where `blocks[n]` was."""

    text: str
    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...]


def placeholder(n: int) -> str:
    """What stands for `blocks[n]` (n from 0): one paragraph that Markdown and sanitisers leave as it is."""
    return f"{RESERVED}question{n}{RESERVED}"


def scan(text: str, *, first_line: int = 1) -> Scanned:
    """Cut the questions out of `text`, whose first line is line `first_line` of its file.

    Never raises: what can't be read is a problem, and is not left in the text.
    """
    scanner = _Scanner(split_lines(text), first_line)
    scanner.run()
    return Scanned("\n".join(scanner.kept), tuple(scanner.blocks), scanner.findings.in_order())


@dataclass(frozen=True)
class _Mark:
    """A line of three or more slashes: `name` is empty where it closes, None where it can't be read."""

    length: int
    name: str | None
    title: str

    @property
    def closes(self) -> bool:
        return self.name == ""


@dataclass(frozen=True)
class _Open:
    """A block that waits for its closing line."""

    length: int
    line: int
    name: str


class _Scanner:
    """One walk through the lines, each looked at once."""

    def __init__(self, lines: list[str], first_line: int) -> None:
        self.lines = lines
        self.first_line = first_line
        self.kept: list[str] = []
        self.blocks: list[Block] = []
        self.findings = Findings()
        self.outer: list[_Open] = []
        self.outer_lengths: Counter[int] = Counter()
        self.fence_runs_on = False

    def run(self) -> None:
        self._refuse_hidden_characters()
        at = 0
        while at < len(self.lines):
            at = self._step(at)
        if not self.fence_runs_on:
            for block in self.outer:
                self._refuse_unclosed(block)

    def _step(self, at: int) -> int:
        """Take in what begins at index `at`, and give the index after it."""
        line = self.lines[at]
        if fence := opening_fence(line):
            return self._keep(at, self._past_fence(at, fence))
        mark = _mark_of(line)
        if mark is None:
            self._refuse_misplaced(at)
        elif mark.closes:
            self._close(at, mark)
        elif _means_question(mark, line):
            return self._cut(at, mark)
        elif mark.name is None:
            self._refuse_opening(at)
        else:
            self.outer.append(_Open(mark.length, self._line(at), mark.name))
            self.outer_lengths[mark.length] += 1
        return self._keep(at, at + 1)

    def _keep(self, start: int, end: int) -> int:
        self.kept.extend(self.lines[start:end])
        return end

    def _cut(self, at: int, mark: _Mark) -> int:
        """Take a question out; an unreadable or unclosed one leaves blank lines only."""
        close, closed = self._closing_of(at, mark.length)
        end = close + 1 if closed else close
        if mark.name != QUESTION:
            self._refuse_opening(at)
        elif closed:
            self._leave(end - at, placeholder(len(self.blocks)))
            self.blocks.append(self._block(at, close, mark))
            return end
        elif not self.fence_runs_on:
            self._refuse_unclosed(_Open(mark.length, self._line(at), QUESTION))
        self._leave(end - at, "")
        return end

    def _leave(self, count: int, text: str) -> None:
        """Put `count` lines in place of a block, `text` a paragraph of its own among them."""
        after_text = bool(self.kept) and not is_blank(self.kept[-1])
        lead = 1 if after_text and count > 1 else 0
        self.kept.extend([""] * lead + [text] + [""] * (count - lead - 1))

    def _closing_of(self, at: int, length: int) -> tuple[int, bool]:
        """The index of the closing line of the question at `at`, or of the first line after it; and whether it closed."""
        inner: list[_Open] = []
        here = at + 1
        while here < len(self.lines):
            if fence := opening_fence(self.lines[here]):
                here = self._past_fence(here, fence)
                continue
            mark = _mark_of(self.lines[here])
            if mark is not None:
                if mark.closes and inner and inner[-1].length == mark.length:
                    inner.pop()
                elif ends := self._end_within(here, mark, length):
                    for block in inner:
                        self._refuse_unclosed(block)
                    return here, ends == "closed"
                elif mark.name:
                    inner.append(_Open(mark.length, self._line(here), mark.name))
            here += 1
        return here, False

    def _end_within(self, here: int, mark: _Mark, length: int) -> str:
        """How a line of slashes ends the question around it: "closed", "unclosed" or "" (it does not)."""
        if mark.closes:
            if mark.length == length:
                return "closed"
            if self.outer_lengths[mark.length]:
                return "unclosed"
            self._refuse_stray(here)
        elif mark.name is None:
            self._refuse_opening(here)
        elif mark.name == QUESTION:
            if mark.length >= length:
                return "unclosed"
            self._refuse_inner_question(here)
        elif mark.length >= length:
            self._refuse_inner_block(here, length)
        return ""

    def _block(self, at: int, close: int, mark: _Mark) -> Block:
        head_end = at + 1
        while (
            head_end < close and indent_of(self.lines[head_end]) >= CODE_INDENT and not is_blank(self.lines[head_end])
        ):
            head_end += 1
        if at + 1 < head_end < close and not is_blank(self.lines[head_end]):
            self.findings.error(
                "question-head-end",
                Message("The head of a question ends with a blank line."),
                self._line(head_end),
                mend=Message(
                    "Indent this line by four spaces if it belongs to the head, or put a blank line before it."
                ),
            )
        return Block(
            stem_line=mark.title,
            head="\n".join(line[CODE_INDENT:] for line in self.lines[at + 1 : head_end]),
            head_line=self._line(at + 1),
            body="\n".join(self.lines[head_end:close]),
            body_line=self._line(head_end),
            line=self._line(at),
        )

    def _close(self, at: int, mark: _Mark) -> None:
        if not self.outer_lengths[mark.length]:
            self._refuse_stray(at)
            return
        while (block := self.outer.pop()).length != mark.length:
            self.outer_lengths[block.length] -= 1
            self._refuse_unclosed(block)
        self.outer_lengths[mark.length] -= 1

    def _past_fence(self, at: int, fence: Fence) -> int:
        close = closing_line(self.lines, at, fence)
        if close is None:
            self.fence_runs_on = True
            self.findings.error("fence-unclosed", Message("This code fence is never closed."), self._line(at))
            return len(self.lines)
        if len(self.lines[close].strip()) > fence.length:
            self.findings.error(
                "fence-length",
                Message("This fence is longer than the one it closes; renderers differ in what they make of it."),
                self._line(close),
                mend=Message("Make both fences the same length."),
            )
        return close + 1

    def _line(self, at: int) -> int:
        return self.first_line + at

    def _refuse_hidden_characters(self) -> None:
        for at, line in enumerate(self.lines):
            for found in _CONTROL.finditer(line):
                code = f"U+{ord(found.group()):04X}"
                message = Message("The character {character} can't stand in content.", {"character": code})
                self.findings.error("control-character", message, self._line(at), found.start() + 1)
            if RESERVED in line or ("&" in line and RESERVED in html.unescape(line)):
                message = Message("The character {character} can't stand in content.", {"character": "U+E042"})
                self.findings.error("reserved-character", message, self._line(at), line.find(RESERVED) % len(line) + 1)

    def _refuse_misplaced(self, at: int) -> None:
        line = self.lines[at]
        marked = line.lstrip(_BEFORE_MISPLACED)
        if marked.startswith("///") and marked.lstrip("/").lstrip().startswith(QUESTION):
            self.findings.error(
                "question-misplaced",
                Message("A question can't stand in a list, a quotation or indented text."),
                self._line(at),
                len(line) - len(marked) + 1,
                Message("Begin its lines at the left edge; an example of one belongs in a code fence."),
            )

    def _refuse_opening(self, at: int) -> None:
        self.findings.error(
            "block-opening",
            Message("This line begins like a block but can't be read as one."),
            self._line(at),
            indent_of(self.lines[at]) + 1,
            Message("Write “/// name” or “/// name | title”; a question opens with “/// question | stem”."),
        )

    def _refuse_unclosed(self, block: _Open) -> None:
        self.findings.error(
            "block-unclosed",
            Message("The block “{name}” is never closed.", {"name": block.name}),
            block.line,
            mend=Message("Close it with a line of {slashes}.", {"slashes": "/" * block.length}),
        )

    def _refuse_stray(self, at: int) -> None:
        self.findings.error(
            "block-stray-close",
            Message("This line closes a block, but none with as many slashes is open."),
            self._line(at),
            indent_of(self.lines[at]) + 1,
        )

    def _refuse_inner_question(self, at: int) -> None:
        self.findings.error("question-nested", Message("A question can't stand in a question."), self._line(at))

    def _refuse_inner_block(self, at: int, length: int) -> None:
        self.findings.error(
            "block-nested",
            Message("A block within a question needs fewer slashes than the question."),
            self._line(at),
            mend=Message("Open and close the question with {slashes}.", {"slashes": "/" * (length + 1)}),
        )


def _mark_of(line: str) -> _Mark | None:
    """What a line of three or more slashes says, or None for any other line."""
    text = line.strip()
    rest = text.lstrip("/")
    length = len(text) - len(rest)
    if length < 3 or line.startswith("\t") or indent_of(line) >= CODE_INDENT:
        return None
    if not rest:
        return _Mark(length, "", "")
    rest = rest.strip()
    name = _NAME.match(rest)
    after = rest[name.end() :].lstrip() if name else rest
    if name is None or (after and not after.startswith("|")):
        return _Mark(length, None, "")
    return _Mark(length, name.group(), after[1:].strip())


def _means_question(mark: _Mark, line: str) -> bool:
    """Whether the line was meant to open a question, spelled right or not."""
    word = mark.name or line.strip().lstrip("/").lstrip()[: len(QUESTION)]
    return SequenceMatcher(None, word[:32].casefold(), QUESTION).ratio() > 0.8
