"""Which form a sitting shows."""

from __future__ import annotations

from collections.abc import Sequence


def next_form(active: Sequence[str], seen: Sequence[str]) -> str | None:
    """The form for the next sitting: one this person has not had, else the one longest ago; None if none is active.

    `active` in the exam's order, `seen` in the order in which this person had them.
    """
    unseen = [form for form in active if form not in seen]
    if unseen:
        return unseen[0]
    return min(active, key=lambda form: _last(seen, form), default=None)


def _last(seen: Sequence[str], form: str) -> int:
    return max(index for index, one in enumerate(seen) if one == form)
