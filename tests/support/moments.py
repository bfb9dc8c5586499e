"""Moments that tests pass in, so that nothing needs freezing. All are UTC unless they say so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = NOON.date()
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONG_AGO = NOON - 400 * DAY
BORN = date(1990, 5, 17)
