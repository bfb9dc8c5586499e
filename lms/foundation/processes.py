"""Processes that end with the one that started them, so that nobody is left holding a port or a lease."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

SUPERVISED = "LMS_SUPERVISED"
SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def end_with_parent() -> None:
    """Ask Linux to end this process, gently, when its parent is gone, however the parent went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)


def end_with_supervisor() -> None:
    """The same in a process that `lms serve` started, itself or through granian; nothing elsewhere."""
    if os.environ.get(SUPERVISED):
        end_with_parent()
