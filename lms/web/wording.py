"""The words of `interop.wording`, as templates call them."""

from __future__ import annotations

from lms.interop.wording import (
    LABELS,
    clock_time,
    day,
    duration,
    label,
    listed,
    minutes,
    moment,
    percent,
    reader_zone,
    say,
    short_day,
    word,
    zone_name,
)

__all__ = [
    "FILTERS",
    "LABELS",
    "clock_time",
    "day",
    "duration",
    "label",
    "listed",
    "minutes",
    "moment",
    "percent",
    "reader_zone",
    "say",
    "short_day",
    "word",
    "zone_name",
]

FILTERS = {
    "say": say,
    "day": day,
    "short_day": short_day,
    "moment": moment,
    "clock_time": clock_time,
    "minutes": minutes,
    "percent": percent,
    "label": label,
}
