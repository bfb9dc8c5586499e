"""Lines of Markdown: indentation, code fences, blank edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CODE_INDENT = 4


def split_lines(text: str) -> list[str]:
    """The lines of a text as editors number them: only line feeds and carriage returns break lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def indent_of(line: str) -> int:
    """How many spaces a line begins with. A tab is not a space."""
    return len(line) - len(line.lstrip(" "))


def is_blank(line: str) -> bool:
    return not line.strip()


def trimmed(lines: Sequence[str]) -> str:
    """The lines as one text without the blank lines at both ends; what is indented stays indented."""
    first, end = 0, len(lines)
    while first < end and is_blank(lines[first]):
        first += 1
    while end > first and is_blank(lines[end - 1]):
        end -= 1
    return "\n".join(lines[first:end]).rstrip()


@dataclass(frozen=True)
class Fence:
    """The opening of a fenced code block: its sign and how often it stands."""

    sign: str
    length: int

    def is_closed_by(self, line: str) -> bool:
        """Whether `line` is a run of the same sign, at least as long, and nothing else."""
        text = line.strip()
        return indent_of(line) < CODE_INDENT and len(text) >= self.length and not text.strip(self.sign)


def opening_fence(line: str) -> Fence | None:
    """The fence that `line` opens, if it opens one."""
    text = line.lstrip(" ")
    if indent_of(line) >= CODE_INDENT or text[:3] not in {"```", "~~~"}:
        return None
    sign = text[0]
    info = text.lstrip(sign)
    if sign == "`" and "`" in info:
        return None  # that is a code span within a paragraph
    return Fence(sign, len(text) - len(info))


def closing_line(lines: Sequence[str], opened_at: int, fence: Fence) -> int | None:
    """The index of the line that closes the fence opened at index `opened_at`."""
    return next((at for at in range(opened_at + 1, len(lines)) if fence.is_closed_by(lines[at])), None)


def code_mask(lines: Sequence[str]) -> list[bool]:
    """For each line whether it belongs to a fenced code block, fences included."""
    mask = [False] * len(lines)
    at = 0
    while at < len(lines):
        fence = opening_fence(lines[at])
        if fence is None:
            at += 1
            continue
        close = closing_line(lines, at, fence)
        end = len(lines) if close is None else close + 1
        mask[at:end] = [True] * (end - at)
        at = end
    return mask
