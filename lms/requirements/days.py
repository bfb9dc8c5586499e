"""Days and moments in the issuer's zone.

A day of validity begins at its midnight in that zone; an end day is inclusive.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import TypeAlias

Moment: TypeAlias = date | datetime


def start_of(day: date, zone: tzinfo | None) -> datetime:
    """Midnight with which the day begins."""
    return datetime.combine(day, time.min, tzinfo=zone)


def after(day: date, zone: tzinfo | None) -> datetime | None:
    """The first moment when an inclusive end has passed; None when the calendar has no such day."""
    return None if day == date.max else start_of(day + timedelta(days=1), zone)


def reached(moment: Moment | None, at: datetime) -> bool:
    """Whether it has begun: a day at its midnight, a moment to the second; None began always."""
    if moment is None:
        return True
    if isinstance(moment, datetime):
        return moment <= at
    return moment <= at.date()


def beginning(moment: Moment, zone: tzinfo | None) -> datetime:
    """When it begins, in `zone`."""
    return moment.astimezone(zone) if isinstance(moment, datetime) else start_of(moment, zone)


def day_of(moment: Moment, zone: tzinfo | None) -> date:
    """The day on which it falls, in `zone`."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def anniversary(day: date, years: int) -> date:
    """The same day some years on; 29 February falls on 1 March where there is none. Capped at the calendar's end."""
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def whole_years(since: date, on: date) -> int:
    """Completed years from one day to another; 0 when it lies ahead."""
    return max(0, on.year - since.year - ((on.month, on.day) < (since.month, since.day)))


def days_later(day: date, days: int) -> date:
    """Some days on, capped at the calendar's end."""
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))
