"""Calendars of a class: sessions in, iCalendar bytes out (RFC 5545, METHOD:PUBLISH)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vDuration, vUri

from lms.interop.calendar_zones import zone_component

PRODUCT = "-//Baton//Classes//EN"
YEAR = timedelta(days=366)
LINK_SCHEMES = ("http", "https")


@dataclass(frozen=True)
class CalendarSession:
    """One live session as a calendar shows it.

    `uid` never changes; `sequence` grows with every change of time, place or state. Moments are
    zone-aware; `zone` (an IANA name) is where the class takes place. `changed_at` is when this state was recorded.
    """

    uid: str
    sequence: int
    summary: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    changed_at: datetime
    location: str = ""
    url: str = ""
    description: str = ""
    cancelled: bool = False


def class_calendar(name: str, sessions: Sequence[CalendarSession], *, refresh_hours: int = 12) -> bytes:
    """One calendar with one event per session; cancelled sessions stay in it, marked so.

    Equal values give equal bytes. Raises ValueError for a naive moment, a session that ends before it
    starts, a link that is not http(s), or an unknown zone.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", _one_line(name))
    calendar.add("x-wr-calname", _one_line(name))
    calendar.add("refresh-interval", vDuration(timedelta(hours=refresh_hours)), parameters={"VALUE": "DURATION"})
    events = [_event(session) for session in sessions]
    for component in (*_zones(events, sessions), *events):
        calendar.add_component(component)
    return bytes(calendar.to_ical())


def _zones(events: Sequence[Event], sessions: Sequence[CalendarSession]) -> Iterator[Timezone]:
    """The zones that some event's local time refers to, over the sessions' years."""
    moments = [moment for event in events for moment in (event["DTSTART"], event["DTEND"])]
    used = sorted({str(moment.params["TZID"]) for moment in moments if "TZID" in moment.params})
    for name in used:
        first = min(session.starts_at for session in sessions)
        last = max(session.ends_at for session in sessions)
        yield zone_component(name, first - YEAR, last + YEAR)


def _event(session: CalendarSession) -> Event:
    starts, ends = _moments(session)
    event = Event()
    event.add("uid", _one_line(session.uid))
    event.add("sequence", session.sequence)
    event.add("dtstamp", session.changed_at.astimezone(UTC))
    event.add("last-modified", session.changed_at.astimezone(UTC))
    event.add("summary", _one_line(session.summary))
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("status", "CANCELLED" if session.cancelled else "CONFIRMED")
    if session.location:
        event.add("location", _one_line(session.location))
    if session.url:
        event.add("url", vUri(_link(session.url)))
    if session.description:
        event.add("description", _paragraphs(session.description))
    return event


def _moments(session: CalendarSession) -> tuple[datetime, datetime]:
    """Start and end on the clocks of the session's zone, or both in UTC where those clocks would not tell.

    In the hour that a zone lives twice, a local time names its first pass only; a session in the second
    pass is therefore written in UTC.
    """
    if session.starts_at.tzinfo is None or session.ends_at.tzinfo is None or session.changed_at.tzinfo is None:
        raise ValueError("Moments need a time zone.")
    if session.ends_at < session.starts_at:
        raise ValueError("A session cannot end before it starts.")
    try:
        zone = ZoneInfo(session.zone)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"Unknown time zone: {session.zone!r}") from error
    moments = (session.starts_at, session.ends_at)
    local_starts, local_ends = (moment.astimezone(zone) for moment in moments)
    if local_starts.fold or local_ends.fold:
        return session.starts_at.astimezone(UTC), session.ends_at.astimezone(UTC)
    return local_starts, local_ends


def _one_line(text: str) -> str:
    return " ".join(_paragraphs(text).split())


def _paragraphs(text: str) -> str:
    """Text without the control characters that calendars refuse; line breaks stay."""
    with_breaks = re.sub(r"\r\n?|[\u2028\u2029\x85]", "\n", text)
    return "".join(sign for sign in with_breaks if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))


def _link(url: str) -> str:
    """A link is written unescaped, so one with white space or controls could begin a line of its own."""
    if urlsplit(url).scheme not in LINK_SCHEMES or re.search(r"[\s\x00-\x20\x7f]", url):
        raise ValueError("A session's link is an http(s) address without spaces.")
    return url
