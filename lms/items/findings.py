"""Collecting what authors get told, without stopping at the first finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from lms.foundation.messages import Message
from lms.foundation.problems import Problem


@dataclass
class Findings:
    """The problems met so far, in the order they were met."""

    found: list[Problem] = field(default_factory=list)

    def error(self, code: str, message: Message, line: int, column: int = 1, mend: Message | None = None) -> None:
        """Note an error at `line`:`column` (both from 1, in the author's file)."""
        self.found.append(Problem(code, message, line=line, column=column, mend=mend))

    def in_order(self) -> tuple[Problem, ...]:
        """All problems by place; those of one place in the order they were met."""
        return tuple(sorted(self.found, key=lambda problem: (problem.line, problem.column)))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like `word`; among equals the first in the alphabet."""
    return max(sorted(known), key=lambda name: SequenceMatcher(None, word[:64].casefold(), name).ratio())
