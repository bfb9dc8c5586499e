"""Counting the work of code by its steps, and reading patterns for what could make them work without end."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from re import _constants as constants  # type: ignore[attr-defined]  # the only reader of patterns there is
from re import _parser as pattern_parser  # type: ignore[attr-defined]
from types import FrameType, ModuleType
from typing import Any


def steps_of(work: Callable[[], object]) -> int:
    """How many lines of Python `work` runs, of ours and of the libraries it calls."""
    steps = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal steps
        steps += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


def patterns_of(package: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that a module of the package keeps, with where it stands."""
    for file in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if file.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(file.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                yield f"{file.name}.{name}", value


def nests_repeats(pattern: re.Pattern[str]) -> bool:
    """Whether an unbounded repeat stands within an unbounded repeat."""
    return _nests(pattern_parser.parse(pattern.pattern, pattern.flags), inside=False)


def _nests(parsed: Any, *, inside: bool) -> bool:
    for code, argument in parsed:
        unbounded = code in {constants.MAX_REPEAT, constants.MIN_REPEAT} and argument[1] is constants.MAXREPEAT
        if unbounded and inside:
            return True
        parts = argument if isinstance(argument, tuple | list) else ()
        inner = [part for part in parts if isinstance(part, pattern_parser.SubPattern)]
        branches = [branch for part in parts if isinstance(part, list) for branch in part]
        inner += [branch for branch in branches if isinstance(branch, pattern_parser.SubPattern)]
        if any(_nests(part, inside=inside or unbounded) for part in inner):
            return True
    return False
