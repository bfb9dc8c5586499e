"""Choose the one right option."""

from __future__ import annotations

from lms.items.choosing import ChoosingType


class Single(ChoosingType):
    """One right option among several."""

    name = "single"


TYPE = Single()
