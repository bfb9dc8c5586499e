"""Work counted, not timed: what a piece of code hands from call to call."""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import CO_GENERATOR
from types import FrameType
from typing import Any


def work_of(act: Callable[[], object]) -> int:
    """Calls made, each with the characters that it was handed: who looks over a text again and again is handed it again."""
    total = 0

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal total
        if event == "call" and not frame.f_code.co_flags & CO_GENERATOR:  # which are called anew for each value
            names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
            given = frame.f_locals
            total += 1 + sum(len(given[name]) for name in names if isinstance(given.get(name), str))
        elif event == "c_call":
            total += 1

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return total
