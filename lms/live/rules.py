"""How a class is settled for one person, and when its link is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from lms.live.models import Mark, SeatStatus

LINK_SHOWN_BEFORE = timedelta(minutes=30)
COUNTS_AS_THERE = frozenset({Mark.PRESENT, Mark.LATE})


class AttendanceRule(StrEnum):
    """How much of a class counts as having attended it."""

    ALL_SESSIONS = "all_sessions"


def settled(marks: Mapping[int, Mark], sessions: Sequence[int]) -> SeatStatus:
    """What a seat becomes from the newest mark of each session (by session id).

    Confirmed while a session has no mark; attended when the person was there for
    all of them; leaving early is being there in part.
    """
    if any(session not in marks for session in sessions):
        return SeatStatus.CONFIRMED
    there = [marks[session] for session in sessions]
    if all(mark in COUNTS_AS_THERE for mark in there):
        return SeatStatus.ATTENDED
    if all(mark is Mark.ABSENT for mark in there):
        return SeatStatus.ABSENT
    return SeatStatus.PARTLY


def link_is_shown(starts_at: datetime, ends_at: datetime, *, at: datetime) -> bool:
    """Whether a confirmed person sees the way into a session now: from half an hour before until its end."""
    return starts_at - LINK_SHOWN_BEFORE <= at <= ends_at


def lowest_free_place(taken: Sequence[int], capacity: int) -> int | None:
    """The first place from 1 to capacity that nobody holds, or None in a full class."""
    held = set(taken)
    return next((place for place in range(1, capacity + 1) if place not in held), None)
