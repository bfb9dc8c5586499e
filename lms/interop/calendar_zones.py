"""VTIMEZONE components written from the zone's real transitions.

icalendar's own generator puts onsets of summer time an hour late and leaves some years out
(both seen with 7.3 on the transitions of 2026 and 2027), so each transition is written here by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

# No zone changes its clocks twice within half a day.
STRIDE = timedelta(hours=12)
SECOND = timedelta(seconds=1)


def zone_component(name: str, first: datetime, last: datetime) -> Timezone:
    """The clocks of the zone `name` from `first` to `last` (zone-aware): one observance per transition."""
    zone = ZoneInfo(name)
    component = Timezone()
    component.add("tzid", name)
    start = first.astimezone(UTC).replace(microsecond=0)
    component.add_component(_observance(zone, start, before=start))
    for onset in transitions(zone, start, last):
        component.add_component(_observance(zone, onset, before=onset - SECOND))
    return component


def transitions(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The UTC moments after `first` and up to `last` from which the zone's clocks tell another time."""
    earlier = first
    while earlier < last:
        later = min(earlier + STRIDE, last)
        if _offset(zone, earlier) != _offset(zone, later):
            yield _transition_between(zone, earlier, later)
        earlier = later


def _transition_between(zone: ZoneInfo, earlier: datetime, later: datetime) -> datetime:
    old = _offset(zone, earlier)
    while later - earlier > SECOND:
        middle = (earlier + (later - earlier) / 2).replace(microsecond=0)
        earlier, later = (middle, later) if _offset(zone, middle) == old else (earlier, middle)
    return later


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _observance(zone: ZoneInfo, onset: datetime, *, before: datetime) -> TimezoneDaylight | TimezoneStandard:
    """What holds from `onset`; its start is told by the clocks as they stood before (RFC 5545, 3.6.5)."""
    old, new = _offset(zone, before), _offset(zone, onset)
    local = onset.astimezone(zone)
    summer = new > old if new != old else bool(local.dst())
    observance: TimezoneDaylight | TimezoneStandard = TimezoneDaylight() if summer else TimezoneStandard()
    observance.add("dtstart", (onset + old).replace(tzinfo=None))
    observance.add("tzoffsetfrom", old)
    observance.add("tzoffsetto", new)
    observance.add("tzname", local.tzname() or zone.key)
    return observance
