"""The calendar of one seat, for the holder's own calendar program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lms.foundation.tokens import digest
from lms.interop.calendars import CalendarSession, class_calendar
from lms.interop.words import gettext as _
from lms.live.models import ClassFormat, LiveSession, Offering, OfferingStatus, Seat


def calendar_of(seat: Seat, offering: Offering, sessions: Sequence[LiveSession], page: str) -> bytes:
    """The sessions as iCalendar bytes, each leading to `page`, the class's address on this site.

    The way into the class is never in it: calendars are shared, copied and kept, and the
    page shows the link to its holder alone, near the time.
    """
    return class_calendar(offering.title, list(_events(seat, offering, sessions, page)))


def _events(seat: Seat, offering: Offering, sessions: Sequence[LiveSession], page: str) -> Iterator[CalendarSession]:
    cancelled = not seat.is_live or offering.status is OfferingStatus.CANCELLED
    online = offering.format is ClassFormat.ZOOM
    for session in sessions:
        yield CalendarSession(
            # A digest, since an event that is passed on must not carry the secret of the feed.
            uid=f"{digest(f'{seat.token}:{session.number}')[:40]}@baton",
            sequence=offering.sequence + (0 if seat.is_live else 1),
            summary=f"{offering.title}: {session.title}" if session.title else offering.title,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            zone=offering.zone,
            changed_at=seat.closed_at or seat.booked_at,
            location=_("Online") if online else offering.place,
            url=page,
            description=_("The link is on the class's page from 30 minutes before each session.") if online else "",
            cancelled=cancelled,
        )
