"""Processes that end with the one that started them, so that nobody is left holding a port or a lease."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def made_to_last() -> Iterator[None]:
    """What is made inside stays as long as the process: nobody looks for garbage among it, now or later.

    Imports make a hundred thousand objects and no garbage to speak of, and looking for some costs a fifth of their
    time. Later it would touch every one of them, and so take from forked processes the memory that they share.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    gc.freeze()
