"""The clock of a sitting. The server's alone counts, and never runs backwards."""

from __future__ import annotations

from datetime import datetime, timedelta

WIRE_GRACE = timedelta(seconds=5)
MOST_MILLISECONDS = 500_000_000  # nearly six days, well below the largest sequence that a save may carry


def deadline(started_at: datetime, minutes: int | None, window_ends_at: datetime | None) -> datetime | None:
    """When a sitting ends: the earlier of its own limit and the window's end; None for neither."""
    ends = [moment for moment in (_limit(started_at, minutes), window_ends_at) if moment is not None]
    return min(ends, default=None)


def _limit(started_at: datetime, minutes: int | None) -> datetime | None:
    return None if minutes is None else started_at + timedelta(minutes=minutes)


def effective_now(now: datetime, last_entry_at: datetime | None) -> datetime:
    """The clock, or the journal's last entry where the clock stepped back behind it."""
    return now if last_entry_at is None else max(now, last_entry_at)


def sequence_base(started_at: datetime, at: datetime, standing_sequence: int) -> int:
    """What a page shown at `at` counts its saves from: milliseconds of this sitting, above what stands.

    All pages of a sitting share the server's clock in this way, so that between two
    windows the later choice wins, not the one whose window was opened first. After
    MOST_MILLISECONDS (an untimed quiz left open for days) it only counts on.
    """
    elapsed = int((at - started_at) / timedelta(milliseconds=1))
    return max(min(max(elapsed, 0), MOST_MILLISECONDS), standing_sequence) + 1


def takes_answers(deadline_at: datetime | None, at: datetime) -> bool:
    """Whether an answer that arrives now still counts: until the deadline and a few seconds for the wire."""
    return deadline_at is None or at <= deadline_at + WIRE_GRACE


def is_past(deadline_at: datetime | None, at: datetime) -> bool:
    return deadline_at is not None and at > deadline_at + WIRE_GRACE


def remaining(deadline_at: datetime | None, at: datetime) -> timedelta | None:
    """Time left, never below zero; None for an untimed sitting."""
    return None if deadline_at is None else max(deadline_at - at, timedelta(0))


def effective_end(started_at: datetime, closed_at: datetime | None, deadline_at: datetime | None) -> datetime:
    """When a sitting ended for the next one's waiting time: at its deadline if nobody closed it before."""
    if closed_at is None:
        return deadline_at or started_at
    return closed_at if deadline_at is None else min(closed_at, deadline_at)
