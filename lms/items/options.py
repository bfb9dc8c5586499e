"""The body of a question: text, a task list of options with feedback, and more text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lms.foundation.messages import Message
from lms.items.findings import Findings
from lms.items.lines import CODE_INDENT, code_mask, indent_of, is_blank, split_lines, trimmed

_OPTION = re.compile(r"[-*+] \[([ xX])\](?: (.*))?")
_MARKER = re.compile(r"[-*+] ")
_ALMOST_OPTION = re.compile(r" {0,3}[-*+] {0,4}\[ {0,2}[xX✓✔]? {0,2}\](?![(\[:])")


@dataclass(frozen=True)
class WrittenOption:
    """One option of a task list, at its line."""

    text: str
    feedback: str
    right: bool
    line: int


@dataclass(frozen=True)
class Body:
    """What stands before the options, the options, and what stands after them."""

    before: str
    options: tuple[WrittenOption, ...]
    after: str


def read_body(text: str, *, first_line: int, findings: Findings) -> Body:
    """The parts of a body whose first line is line `first_line`; what can't be read is reported."""
    return _BodyReader(split_lines(text), first_line, findings).read()


class _BodyReader:
    """Divides the lines of one body."""

    def __init__(self, lines: list[str], first_line: int, findings: Findings) -> None:
        self.lines = lines
        self.first_line = first_line
        self.findings = findings
        self.in_code = code_mask(lines)

    def read(self) -> Body:
        start = self._next_option(0)
        if start is None:
            self._refuse_almost(0, len(self.lines))
            return Body(trimmed(self.lines), (), "")
        options = []
        at = start
        while at < len(self.lines) and self._is_option(at):
            end = self._end_of_option(at)
            options.append(self._option(at, end))
            at = end
        self._refuse_almost(0, start)
        self._refuse_almost(at, len(self.lines))
        self._refuse_second_list(at)
        return Body(trimmed(self.lines[:start]), tuple(options), trimmed(self.lines[at:]))

    def _is_option(self, at: int) -> bool:
        return not self.in_code[at] and _OPTION.fullmatch(self.lines[at]) is not None

    def _next_option(self, start: int) -> int | None:
        return next((at for at in range(start, len(self.lines)) if self._is_option(at)), None)

    def _end_of_option(self, start: int) -> int:
        """The index where the option at `start` is over: the next option, or the text after the list."""
        at = start + 1
        while at < len(self.lines) and not self._is_option(at):
            line = self.lines[at]
            if not is_blank(line) and indent_of(line) < CODE_INDENT:
                if self._refuse_in_list(at):
                    at += 1
                    continue
                return at
            at += 1
        return at

    def _refuse_in_list(self, at: int) -> bool:
        """Report a line that was meant for the list but is not in it; False where the list is simply over."""
        line = self.lines[at]
        if indent_of(line) and _MARKER.match(line.lstrip(" ")) and not _ALMOST_OPTION.match(line):
            self._error(
                "option-feedback-indent",
                Message("Feedback is indented by four spaces; here are {n}.", {"n": indent_of(line)}),
                at,
                mend=Message("Indent this line by four spaces."),
            )
            return True
        if _ALMOST_OPTION.match(line):
            self._refuse_almost_option(at)
            return True
        if is_blank(self.lines[at - 1]):
            return False
        if _MARKER.match(line):
            self._error(
                "option-box",
                Message("An option without a box."),
                at,
                mend=Message("Write “- [ ]”, or “- [x]” where it is right."),
            )
            return True
        self._error(
            "option-continuation",
            Message("It can't be told whether this line belongs to the option above it."),
            at,
            mend=Message("Indent it by four spaces, or put a blank line before it."),
        )
        return True

    def _option(self, start: int, end: int) -> WrittenOption:
        match = _OPTION.fullmatch(self.lines[start])
        box, first = (match.group(1), match.group(2) or "") if match else (" ", "")
        inner = [line[CODE_INDENT:] for line in self.lines[start + 1 : end]]
        feedback_at = _first_item(inner)
        text = trimmed([first.strip(), *inner[:feedback_at]])
        if not text:
            self._error("option-empty", Message("This option has no text."), start)
        return WrittenOption(text, _feedback(inner[feedback_at:]), box != " ", self.first_line + start)

    def _refuse_almost(self, start: int, end: int) -> None:
        for at in range(start, end):
            line = self.lines[at]
            if not self.in_code[at] and _ALMOST_OPTION.match(line) and not _OPTION.fullmatch(line):
                self._refuse_almost_option(at)

    def _refuse_almost_option(self, at: int) -> None:
        self._error(
            "option-form",
            Message("This looks like an option but can't be read as one."),
            at,
            mend=Message("Write “- [ ] text” or “- [x] text” at the left edge."),
        )

    def _refuse_second_list(self, start: int) -> None:
        at = self._next_option(start)
        if at is not None:
            self._error("option-apart", Message("A question has one list of options; here begins another."), at)

    def _error(self, code: str, message: Message, at: int, mend: Message | None = None) -> None:
        self.findings.error(code, message, self.first_line + at, indent_of(self.lines[at]) + 1, mend)


def _first_item(lines: Sequence[str]) -> int:
    """The index of the first list item outside code, or the number of lines."""
    in_code = code_mask(lines)
    return next((at for at, line in enumerate(lines) if not in_code[at] and _MARKER.match(line)), len(lines))


def _feedback(lines: Sequence[str]) -> str:
    """The text of a nested list: of one item without its marker, of several as the list it is."""
    in_code = code_mask(lines)
    items = [at for at, line in enumerate(lines) if not in_code[at] and _MARKER.match(line)]
    if len(items) != 1:
        return trimmed(lines)
    rest = lines[1:]
    depth = min((indent_of(line) for line in rest if not is_blank(line)), default=0)
    return trimmed([lines[0][2:].strip(), *(line[min(depth, CODE_INDENT) :] for line in rest)])
