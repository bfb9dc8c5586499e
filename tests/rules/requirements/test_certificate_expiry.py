"""When certificates end, and how they are renewed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.requirements import (
    Credential,
    Door,
    DoorRule,
    Expiry,
    Fact,
    Facts,
    Renewal,
    World,
    expires_on,
    renewal_standing,
    requirement_from_json,
)

CYCLES = (date(2028, 12, 31), date(2032, 12, 31), date(2036, 12, 31))
CYCLED = Credential("level-1", "Level 1", expires=Expiry("quad_end"))
ZONE = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("issued_on", "ends_on"),
    [
        ("2025-01-01", "2028-12-31"),
        ("2027-12-31", "2028-12-31"),
        ("2028-01-01", "2032-12-31"),
        ("2028-12-31", "2032-12-31"),
        ("2029-01-01", "2032-12-31"),
    ],
)
def test_a_certificate_of_the_last_twelve_months_is_carried_to_the_next_cycle(issued_on: str, ends_on: str) -> None:
    assert expires_on(CYCLED, date.fromisoformat(issued_on), CYCLES) == date.fromisoformat(ends_on)


@given(st.dates(date(2024, 1, 1), date(2035, 12, 31)))
def test_a_certificate_lasts_from_one_to_five_years_and_ends_with_a_cycle(issued_on: date) -> None:
    ends_on = expires_on(CYCLED, issued_on, CYCLES)

    assert ends_on in CYCLES
    assert timedelta(days=365) <= ends_on - issued_on <= timedelta(days=5 * 366)


@given(st.dates(date(2024, 1, 1), date(2035, 12, 30)))
def test_a_later_certificate_never_ends_earlier(issued_on: date) -> None:
    earlier, later = (expires_on(CYCLED, day, CYCLES) for day in (issued_on, issued_on + timedelta(days=1)))

    assert earlier is not None
    assert later is not None
    assert earlier <= later


@given(st.dates(date(2024, 1, 1), date(2090, 12, 31)), st.integers(1, 10))
def test_a_certificate_of_some_years_ends_on_the_eve_of_its_anniversary(issued_on: date, years: int) -> None:
    credential = Credential("c", "C", expires=Expiry("years", years))

    ends_on = expires_on(credential, issued_on, ())

    assert ends_on is not None
    eve = ends_on + timedelta(days=1)
    assert (eve.year, (eve.month, eve.day)) == (issued_on.year + years, (issued_on.month, issued_on.day)) or (
        issued_on.month,
        issued_on.day,
    ) == (2, 29)


def test_a_certificate_may_have_no_end() -> None:
    assert expires_on(Credential("c", "C"), date(2027, 1, 1), CYCLES) is None


def test_a_certificate_beyond_the_last_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="No cycle"):
        expires_on(CYCLED, date(2036, 6, 1), CYCLES)


RENEWAL = Renewal(
    requires=Door((DoorRule(requirement_from_json({"counting_course": "level-1"})),)),
    opens_days_before=365,
    on_time_days_after=31,
    late_days_after=181,
    exempt_if=requirement_from_json({"certificate": {"id": "level-1", "or_above": True, "status": "current"}}),
)
PLAIN = Renewal(RENEWAL.requires, 365, 31, 181)
HELD = Fact("c", "certificate", "level-1", since=date(2026, 3, 1), until=date(2028, 12, 31))
WORLD = World(ranks={"level-1": 1, "level-2": 2}, counting={"level-1": ("course",)}, zone=ZONE.key)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2027-12-31", "not_yet"),
        ("2028-01-01", "open"),
        ("2028-12-31", "open"),
        ("2029-01-01", "ended"),
        ("2029-01-31", "ended"),
        ("2029-02-01", "late"),
        ("2029-06-30", "late"),
        ("2029-07-01", "lapsed"),
    ],
)
def test_renewal_opens_ends_grows_late_and_lapses(on: str, state: str) -> None:
    at = datetime.fromisoformat(on).replace(tzinfo=ZONE)

    assert renewal_standing(PLAIN, HELD, Facts((HELD,)), at, WORLD).state == state


@pytest.mark.parametrize(("completed_on", "counts"), [("2026-03-01", False), ("2026-03-02", True)])
def test_only_courses_completed_after_the_certificate_count(completed_on: str, counts: bool) -> None:
    course = Fact("p", "program", "course", since=date.fromisoformat(completed_on))
    at = datetime(2028, 6, 1, tzinfo=ZONE)

    assert renewal_standing(PLAIN, HELD, Facts((HELD, course)), at, WORLD).decision.met is counts


def test_who_holds_more_is_exempt() -> None:
    higher = Fact("h", "certificate", "level-2", since=date(2027, 1, 1), until=date(2032, 12, 31))
    at = datetime(2029, 3, 1, tzinfo=ZONE)

    assert renewal_standing(RENEWAL, HELD, Facts((HELD, higher)), at, WORLD).state == "exempt"
    assert renewal_standing(RENEWAL, HELD, Facts((HELD,)), at, WORLD).state == "late"
