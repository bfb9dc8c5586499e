"""How a class is settled for one person, and what of it is shown or allowed when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from lms.foundation.messages import Message
from lms.live.models import ClassFormat, Mark, Offering, OfferingStatus, Seat, SeatStatus

LINK_SHOWN_BEFORE = timedelta(minutes=30)
CHECK_IN_OPENS_BEFORE = timedelta(hours=2)
COUNTS_AS_THERE = frozenset({Mark.PRESENT, Mark.LATE})
LINK_SCHEMES = ("https://", "http://")
# Marking the last session settles a seat while it still goes on, so what follows a confirmation keeps the link.
HOLDS_A_PLACE = frozenset({SeatStatus.CONFIRMED, SeatStatus.ATTENDED, SeatStatus.PARTLY, SeatStatus.ABSENT})


class AttendanceRule(StrEnum):
    """How much of a class counts as having attended it."""

    ALL_SESSIONS = "all_sessions"
    ANY_SESSION = "any_session"


def settled(
    marks: Mapping[int, Mark], sessions: Sequence[int], rule: AttendanceRule = AttendanceRule.ALL_SESSIONS
) -> SeatStatus:
    """What a seat becomes from the newest mark of each session (by session id).

    Confirmed while a session has no mark; attended when the person was there for all
    of them, or under `any_session` as soon as they were there for one; leaving early
    is being there in part.
    """
    there = [marks[session] for session in sessions if session in marks]
    if rule is AttendanceRule.ANY_SESSION and any(mark in COUNTS_AS_THERE for mark in there):
        return SeatStatus.ATTENDED
    if len(there) < len(sessions):
        return SeatStatus.CONFIRMED
    if all(mark in COUNTS_AS_THERE for mark in there):
        return SeatStatus.ATTENDED
    if all(mark is Mark.ABSENT for mark in there):
        return SeatStatus.ABSENT
    return SeatStatus.PARTLY


def link_is_shown(starts_at: datetime, ends_at: datetime, *, at: datetime) -> bool:
    """Whether a confirmed person sees the way into a session now: from half an hour before until its end."""
    return starts_at - LINK_SHOWN_BEFORE <= at <= ends_at


def shown_link(
    seat: Seat, offering: Offering, meetings: Sequence[tuple[datetime, datetime]], *, at: datetime
) -> str | None:
    """The way into a class for who holds a place, while one of its sessions (start, end) is near; else None.

    Whatever is no web address is never a link, and a class that was cancelled has no way in.
    """
    if seat.status not in HOLDS_A_PLACE or offering.status is OfferingStatus.CANCELLED:
        return None
    if not offering.join_link.startswith(LINK_SCHEMES):
        return None
    near = any(link_is_shown(starts_at, ends_at, at=at) for starts_at, ends_at in meetings)
    return offering.join_link if near else None


def missing_to_open(offering: Offering, *, teachers: int) -> list[Message]:
    """What a class still needs before anybody may book it."""
    missing = []
    if offering.format is ClassFormat.ZOOM and not offering.join_link:
        missing.append(Message("the link to join"))
    if offering.format is ClassFormat.IN_PERSON and not offering.place:
        missing.append(Message("the place where people meet"))
    if not teachers:
        missing.append(Message("somebody who teaches it"))
    return missing


def check_in_is_open(starts_at: datetime, *, at: datetime) -> bool:
    """Whether a session can be marked: from two hours before it, since a mark says what somebody saw."""
    return at >= starts_at - CHECK_IN_OPENS_BEFORE


def lowest_free_place(taken: Sequence[int], capacity: int) -> int | None:
    """The first place from 1 to capacity that nobody holds, or None in a full class."""
    held = set(taken)
    return next((place for place in range(1, capacity + 1) if place not in held), None)


def counts_from(ends_at: datetime, *, last_session: datetime, last_mark: datetime) -> datetime:
    """From when a class attended in full counts: the last mark, not before its last session began nor after its end."""
    return min(ends_at, max(last_session, last_mark))
