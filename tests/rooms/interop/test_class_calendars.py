"""Calendars of a class, up to the hours that a zone skips or lives twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from icalendar import Calendar

from lms.interop.calendars import CalendarSession, class_calendar
from tests.support.amounts import one_in

START = datetime(2027, 3, 6, 14, 0, tzinfo=UTC)
SESSION = CalendarSession(
    uid="session-7f3a@baton.example.org",
    sequence=2,
    summary="Level 1 class: theory",
    starts_at=START,
    ends_at=START + timedelta(hours=2),
    zone="America/New_York",
    changed_at=datetime(2027, 1, 4, 8, 0, tzinfo=UTC),
    location="Hall 3, Albany",
    url="https://baton.example.org/classes/7f3a?tab=join&x=1",
    description="Bring spikes.\nDoors open at 8:30.",
)
AROUND_A_TRANSITION = [timedelta(seconds=s) for s in (-3600, -1, 0, 1800)]


def parsed(calendar: bytes) -> Any:
    return Calendar.from_ical(calendar)


def test_a_session_becomes_one_event_with_the_clocks_of_its_zone() -> None:
    calendar = parsed(class_calendar("Level 1, March", [SESSION]))

    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["X-WR-CALNAME"] == "Level 1, March"
    assert event["UID"] == SESSION.uid
    assert event["SEQUENCE"] == 2
    assert event["SUMMARY"] == SESSION.summary
    assert event["LOCATION"] == SESSION.location
    assert event["URL"] == SESSION.url
    assert event["DESCRIPTION"] == SESSION.description
    assert event["STATUS"] == "CONFIRMED"
    assert event["DTSTAMP"].dt == SESSION.changed_at
    assert event["DTSTART"].params["TZID"] == "America/New_York"
    assert event["DTSTART"].dt.hour == 9
    assert event["DTSTART"].dt == SESSION.starts_at
    assert event["DTEND"].dt == SESSION.ends_at
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["America/New_York"]


def test_a_cancelled_session_stays_in_the_calendar_and_says_so() -> None:
    cancelled = replace(SESSION, cancelled=True, sequence=3)

    (event,) = parsed(class_calendar("Class", [cancelled])).walk("VEVENT")

    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (SESSION.uid, 3, "CANCELLED")


def test_equal_sessions_give_equal_bytes() -> None:
    assert class_calendar("Class", [SESSION]) == class_calendar("Class", [replace(SESSION)])


def test_a_class_without_sessions_is_an_empty_calendar() -> None:
    assert parsed(class_calendar("Class", [])).walk("VEVENT") == []


def test_a_session_in_utc_needs_no_zone() -> None:
    calendar = parsed(class_calendar("Class", [replace(SESSION, zone="UTC")]))

    (event,) = calendar.walk("VEVENT")
    assert event["DTSTART"].dt == START
    assert calendar.walk("VTIMEZONE") == []


def test_texts_cannot_add_lines_of_their_own() -> None:
    forged = "Theory\r\nEND:VEVENT\nATTACH:file:///etc/passwd\x85X:1\u2028Y:1\x00"

    calendar = class_calendar(forged, [replace(SESSION, summary=forged, location=forged, description=forged)])

    (event,) = parsed(calendar).walk("VEVENT")
    lines = calendar.replace(b"\r\n ", b"").split(b"\r\n")
    assert "ATTACH" not in event
    assert not [line for line in lines if line.startswith((b"ATTACH", b"X:", b"Y:"))]
    assert event["SUMMARY"] == "Theory END:VEVENT ATTACH:file:///etc/passwd X:1 Y:1"


@pytest.mark.parametrize(
    "change",
    [
        {"url": "javascript:alert(1)"},
        {"url": "https://example.org/\r\nX-EVIL:1"},
        {"zone": "Atlantis/Capital"},
        {"zone": "../../etc/passwd"},
        {"starts_at": START.replace(tzinfo=None)},
        {"ends_at": START - timedelta(minutes=1)},
    ],
)
def test_a_session_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"link|zone|end before"):
        class_calendar("Class", [replace(SESSION, **change)])


def test_lines_are_at_most_75_octets() -> None:
    long = replace(SESSION, summary="Überlänge " * 30)

    assert max(len(line) for line in class_calendar("Class", [long]).split(b"\r\n")) <= 75


@pytest.fixture(scope="module")
def zones_with_transitions(corpus: Any) -> dict[str, list[datetime]]:
    entries = sorted(corpus("tz_transitions"), key=lambda entry: str(entry["zone"]))
    return {
        str(zone): [datetime.fromisoformat(entry["utc"]) for entry in group]
        for zone, group in groupby(entries, key=lambda entry: entry["zone"])
    }


def sessions_around(zone: str, moments: list[datetime]) -> dict[str, CalendarSession]:
    sessions = {}
    for number, moment in enumerate(moments):
        for step in AROUND_A_TRANSITION:
            uid = f"{number}-{int(step.total_seconds())}@baton"
            starts_at = moment + step
            sessions[uid] = replace(
                SESSION, uid=uid, zone=zone, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90)
            )
    return sessions


def onsets(zone_component: Any) -> list[tuple[datetime, timedelta]]:
    """When each observance begins (UTC), and its offset, read by RFC 5545 alone: local start minus TZOFFSETFROM."""
    return sorted(
        ((part["DTSTART"].dt - part["TZOFFSETFROM"].td).replace(tzinfo=UTC), part["TZOFFSETTO"].td)
        for part in zone_component.subcomponents
    )


def instant(moment: Any, observances: list[tuple[datetime, timedelta]]) -> datetime:
    """What a reader that knows no zone by name makes of a local time; of two passes it takes the first."""
    if "TZID" not in moment.params:
        in_utc: datetime = moment.dt.astimezone(UTC)
        return in_utc
    naive: datetime = moment.dt.replace(tzinfo=None)
    candidates = []
    for index, (begins, offset) in enumerate(observances):
        ends = observances[index + 1][0] if index + 1 < len(observances) else datetime.max.replace(tzinfo=UTC)
        candidate = (naive - offset).replace(tzinfo=UTC)
        if begins <= candidate < ends:
            candidates.append(candidate)
    return min(candidates)


def test_every_session_around_a_change_of_clocks_keeps_its_instant(
    zones_with_transitions: dict[str, list[datetime]],
) -> None:
    for zone, moments in list(zones_with_transitions.items())[:: one_in(8)]:
        sessions = sessions_around(zone, moments)

        calendar = parsed(class_calendar("Class", list(sessions.values())))

        components = {str(part["TZID"]): onsets(part) for part in calendar.walk("VTIMEZONE")}
        for event in calendar.walk("VEVENT"):
            session = sessions[str(event["UID"])]
            for moment, expected in ((event["DTSTART"], session.starts_at), (event["DTEND"], session.ends_at)):
                assert moment.dt.astimezone(UTC) == expected, f"{zone}: by a reader that knows its name"
                observances = components.get(str(moment.params.get("TZID")), [])
                assert instant(moment, observances) == expected, f"{zone}: by the VTIMEZONE alone"


def test_every_transition_stands_in_the_calendar(zones_with_transitions: dict[str, list[datetime]]) -> None:
    for zone, moments in list(zones_with_transitions.items())[:: one_in(4)]:
        whole = [replace(SESSION, zone=zone, starts_at=moment, ends_at=moment) for moment in (moments[0], moments[-1])]
        noon = [replace(SESSION, zone=zone)]

        (component,) = parsed(class_calendar("Class", whole + noon)).walk("VTIMEZONE")

        assert set(moments) <= {begins for begins, _ in onsets(component)}, zone
