"""The time zones that people may choose, by region, under the names that their clocks know."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

REGIONS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


@cache
def zones_by_region() -> dict[str, list[tuple[str, str]]]:
    """Region → (zone, its place in words), both in order; UTC stands last."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(available_timezones()):
        region, _, place = zone.partition("/")
        if place and region in REGIONS:
            regions.setdefault(region, []).append((zone, place.replace("_", " ").replace("/", ", ")))
    return regions | {"UTC": [("UTC", "UTC")]}
