"""When a class meets, in words: on the clocks of its place or of the reader, with the others beside them."""

from __future__ import annotations

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from flask_babel import format_date, gettext

from lms.live.models import ClassFormat, Offering
from lms.web.wording import clock_time, day, reader_zone, zone_name


def span(starts_at: datetime, ends_at: datetime, zone: str | None = None) -> str:
    """ "Sat–Sun 10:00–15:30" in `zone`, or else in the reader's: first day to last, first start to last end."""
    return f"{weekdays(starts_at, ends_at, zone)} {hours(starts_at, ends_at, zone)}"


def hours(starts_at: datetime, ends_at: datetime, zone: str | None = None) -> str:
    """ "10:00–12:30" """
    return f"{clock_time(starts_at, zone)}–{clock_time(ends_at, zone)}"


def weekdays(starts_at: datetime, ends_at: datetime, zone: str | None = None) -> str:
    """ "Sat", or "Sat–Sun" over several days."""
    first, last = _local(starts_at, zone), _local(ends_at, zone)
    named = str(format_date(first.date(), "EEE"))
    return named if first.date() == last.date() else f"{named}–{format_date(last.date(), 'EEE')}"


def days(starts_at: datetime, ends_at: datetime, zone: str | None = None) -> str:
    """ "9 January 2027", or "9 to 10 January 2027", in `zone`, or else in the reader's."""
    first, last = _local(starts_at, zone).date(), _local(ends_at, zone).date()
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return str(gettext("%(first)s to %(last)s", first=format_date(first, "d"), last=day(last)))
    return str(gettext("%(first)s to %(last)s", first=day(first), last=day(last)))


def day_number(moment: datetime, zone: str | None = None) -> str:
    return str(format_date(_local(moment, zone).date(), "d"))


def month(moment: datetime, zone: str | None = None) -> str:
    return str(format_date(_local(moment, zone).date(), "MMM"))


def weekday_and_day(moment: datetime, zone: str | None = None) -> str:
    """ "Sat 9 Jan" """
    return str(format_date(_local(moment, zone).date(), "EEE d MMM"))


def same_clocks(zone: str, moment: datetime) -> bool:
    """Whether the reader's clocks show the same at that moment as those of the class."""
    return _local(moment).utcoffset() == _local(moment, zone).utcoffset()


def leading_zone(offering: Offering) -> str | None:
    """Whose clocks lead: those of the place where people meet, or else (None) the reader's."""
    return offering.zone if offering.format is ClassFormat.IN_PERSON else None


def there(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """ "Sat 11:00–13:30 Eastern Time": the class's own clocks; the weekday because it may be another one."""
    return f"{span(starts_at, ends_at, zone)} {zone_name(zone)}"


def _local(moment: datetime, zone: str | None = None) -> datetime:
    chosen: tzinfo = ZoneInfo(zone) if zone else reader_zone()
    return moment.astimezone(chosen)
