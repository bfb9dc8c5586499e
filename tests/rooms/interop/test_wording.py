"""Days, moments and zones in words: kept for whoever reads them next, and never mixed up between readers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_datetime, get_timezone_name
from flask import Flask

from lms.foundation.messages import Span
from lms.interop.wording import clock_time, day, moment, reading_as, short_day, word, zone_name

READERS = [
    (locale, zone)
    for locale in ("en", "de", "ar", "ja")
    for zone in ("UTC", "Asia/Kolkata", "America/New_York", "Pacific/Apia")
]
MOMENTS = [datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 7, 4, 0, 5, tzinfo=UTC)]


@pytest.mark.parametrize("at", MOMENTS)
def test_each_reader_reads_a_moment_in_their_own_language_and_zone(app: Flask, at: datetime) -> None:
    for locale, zone in READERS * 2:
        there = ZoneInfo(zone)
        with app.app_context(), reading_as(locale, zone):
            assert moment(at) == format_datetime(at, "d MMMM yyyy, HH:mm", tzinfo=there, locale=locale)
            assert clock_time(at) == format_datetime(at, "HH:mm", tzinfo=there, locale=locale)
            assert day(at) == format_datetime(at, "d MMMM yyyy", tzinfo=there, locale=locale)
            assert short_day(at) == format_datetime(at, "d MMM", tzinfo=there, locale=locale)
            assert zone_name() == get_timezone_name(there, locale=locale)


def test_a_day_is_the_same_in_every_zone(app: Flask) -> None:
    on = date(2026, 12, 31)

    for locale, zone in READERS:
        with app.app_context(), reading_as(locale, zone):
            assert day(on) == format_date(on, "d MMMM yyyy", locale=locale)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (2, "Friday 1 January 2027, 10:30–12:30 (Eastern Time)"),
        (20, "Friday 1 January 2027, 10:30–Saturday 2 January 2027, 06:30 (Eastern Time)"),
    ],
)
def test_a_span_names_the_second_day_where_there_is_one(app: Flask, hours: int, words: str) -> None:
    begins = datetime(2027, 1, 1, 15, 30, tzinfo=UTC)

    with app.app_context(), reading_as("en", "UTC"):
        said = word(Span(begins, begins + timedelta(hours=hours), "America/New_York"))

    assert said == words
