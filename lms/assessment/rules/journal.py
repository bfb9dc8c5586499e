"""Which answer stands: the journal's arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LARGEST_SEQUENCE = 1_000_000_000
FLAGGED = "flagged"


@dataclass(frozen=True)
class Entry:
    """One line of the journal: position from 1, the client's sequence from 1, when the server had it."""

    position: int
    sequence: int
    response: dict[str, Any]
    saved_at: datetime


@dataclass(frozen=True)
class Receipt:
    """What the server says to a save: which sequence stands for this position, and since when.

    `stands` tells whether what was just sent is what stands; a stale or repeated save is answered, not refused.
    """

    position: int
    sequence: int
    saved_at: datetime
    stands: bool
    remaining_seconds: int | None = None


def entered(response: Mapping[str, Any], *, flagged: bool) -> dict[str, Any]:
    """What the journal keeps of a save: the response, and whether the learner means to come back to it."""
    return {**response, FLAGGED: True} if flagged else dict(response)


def is_flagged(response: Mapping[str, Any]) -> bool:
    return response.get(FLAGGED) is True


def winning(entries: Iterable[Entry]) -> dict[int, Entry]:
    """For each position the entry with the highest sequence, whatever order they came in."""
    standing: dict[int, Entry] = {}
    for entry in entries:
        held = standing.get(entry.position)
        if held is None or entry.sequence > held.sequence:
            standing[entry.position] = entry
    return standing
