"""Choose all right options."""

from __future__ import annotations

from lms.items.choosing import ChoosingType


class Multiple(ChoosingType):
    """One or more right options. All or nothing: score = 1 if chosen = right, else 0, whatever is nearly right."""

    name = "multiple"
    chooses_several = True


TYPE = Multiple()
