"""How much of a large set a test takes: a sample in the fast run, all of it in `lms test --soak`."""

from __future__ import annotations

import os

WHOLE = os.environ.get("LMS_TEST_AMOUNTS") == "whole"


def one_in(few: int) -> int:
    """The step through a set: every `few`th in the fast run, each one in the whole."""
    return 1 if WHOLE else few
