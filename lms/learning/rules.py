"""When a lesson is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ChecksRule(StrEnum):
    """Which checks of a lesson must have been answered rightly; each may be tried as often as one likes."""

    ALL = "all"
    NONE = "none"


@dataclass(frozen=True)
class CompletionRule:
    """What completes a lesson: marking it read, and its checks as the rule says."""

    checks: ChecksRule = ChecksRule.ALL

    @classmethod
    def from_json(cls, packed: dict[str, Any]) -> CompletionRule:
        return cls(ChecksRule(packed.get("checks", "all")))

    def missing(self, checks: Collection[str], answered_rightly: Collection[str]) -> tuple[str, ...]:
        """The checks that still stand in the way, in the lesson's order."""
        if self.checks is ChecksRule.NONE:
            return ()
        return tuple(check for check in checks if check not in answered_rightly)
