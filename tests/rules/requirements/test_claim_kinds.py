"""What may be claimed: parsing campus.yaml's list, and taking what people say."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.foundation.yaml_source import load
from lms.requirements.claim_kinds import (
    Asks,
    ClaimKind,
    Part,
    Stated,
    fact_value,
    parse_claim_kinds,
    stated,
)

TODAY = date(2026, 11, 23)
MEMBERSHIP = "- {kind: membership, title: Membership, hint: The number., asks: number, verified_by: staff}\n"
BIRTH_DATE = "- {kind: birth_date, title: Date of birth, asks: date, verified_by: nobody}\n"


def parsed(text: str) -> tuple[tuple[ClaimKind, ...], list[tuple[str, int]]]:
    node, problems = load(text, "campus.yaml")
    assert problems == ()
    kinds, problems = parse_claim_kinds(node, "campus.yaml")
    return kinds, [(problem.code, problem.line) for problem in problems]


def test_kinds_are_read_in_the_order_in_which_they_stand() -> None:
    kinds, problems = parsed(MEMBERSHIP + BIRTH_DATE)

    assert problems == []
    assert kinds == (
        ClaimKind("membership", "Membership", "number", "staff", "The number."),
        ClaimKind("birth_date", "Date of birth", "date", "nobody"),
    )
    assert [kind.self_declared for kind in kinds] == [False, True]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MEMBERSHIP + MEMBERSHIP, ("duplicate-kind", 2)),
        (BIRTH_DATE.replace("asks: date", "asks: text"), ("claim-asks", 1)),
        (MEMBERSHIP.replace("membership", "shoe_size", 1), ("bad-value", 1)),
        (MEMBERSHIP.replace("staff", "anybody"), ("bad-value", 1)),
        (MEMBERSHIP.replace("hint", "hnt"), ("unknown-key", 1)),
        (BIRTH_DATE.replace("title: Date of birth, ", ""), ("missing-key", 1)),
        ("membership\n", ("bad-value", 1)),
    ],
)
def test_what_cannot_be_is_told_with_its_line(text: str, problem: tuple[str, int]) -> None:
    kinds, problems = parsed(text)

    assert kinds == ()
    assert problems == [problem]


@pytest.mark.parametrize(
    ("asks", "value", "since", "until", "kept"),
    [
        ("number", " 44 17 ", None, TODAY, Stated("44 17", None, TODAY)),
        ("number", "4417", None, date(2036, 11, 23), Stated("4417", None, date(2036, 11, 23))),
        ("date", "1990-05-17", None, None, Stated("1990-05-17", date(1990, 5, 17))),
        ("date", "2026-11-23", None, None, Stated("2026-11-23", TODAY)),
        ("date_range", "", date(2026, 1, 1), TODAY, Stated("", date(2026, 1, 1), TODAY)),
        ("text", "A letter", date(2020, 1, 1), None, Stated("A letter", date(2020, 1, 1))),
        ("text", "A letter", None, None, Stated("A letter")),
        ("years", "08", None, None, Stated("8", TODAY)),
    ],
)
def test_what_can_be_taken_is_kept_in_one_form(
    asks: Asks, value: str, since: date | None, until: date | None, kept: Stated
) -> None:
    assert stated(asks, value, since, until, today=TODAY) == kept


@pytest.mark.parametrize(
    ("asks", "value", "since", "until", "parts"),
    [
        ("number", "", None, None, ["value", "valid_until"]),
        ("number", "4417", None, date(2026, 11, 22), ["valid_until"]),
        ("number", "4417", None, date(2036, 11, 24), ["valid_until"]),
        ("number", "4" * 301, None, TODAY, ["value"]),
        ("date", "", None, None, ["value"]),
        ("date", "2026-02-30", None, None, ["value"]),
        ("date", "2026-11-24", None, None, ["value"]),
        ("date", "1906-11-22", None, None, ["value"]),
        ("date_range", "", None, None, ["valid_from", "valid_until"]),
        ("date_range", "", date(2026, 11, 24), date(2026, 12, 1), ["valid_from"]),
        ("date_range", "", TODAY, date(2300, 1, 1), ["valid_until"]),
        ("text", "  ", date(2027, 1, 1), None, ["value", "valid_from"]),
        ("years", "-1", None, None, ["value"]),
        ("years", "٣", None, None, ["value"]),
        ("years", "81", None, None, ["value"]),
        ("years", "1.5", None, None, ["value"]),
    ],
)
def test_every_part_that_cannot_be_taken_is_named(
    asks: Asks, value: str, since: date | None, until: date | None, parts: list[Part]
) -> None:
    faults = stated(asks, value, since, until, today=TODAY)

    assert isinstance(faults, tuple)
    assert [fault.part for fault in faults] == parts


@given(
    asks=st.sampled_from(["number", "date", "date_range", "text", "years"]),
    value=st.text(max_size=400),
    since=st.none() | st.dates(),
    until=st.none() | st.dates(),
)
def test_anything_at_all_is_kept_or_refused(asks: Asks, value: str, since: date | None, until: date | None) -> None:
    found = stated(asks, value, since, until, today=TODAY)

    if isinstance(found, Stated):
        fact_value(asks, found.value)
        assert stated(asks, found.value, found.valid_from, found.valid_until, today=TODAY) == found
    else:
        assert found


def test_values_are_read_as_the_requirements_want_them() -> None:
    assert fact_value("date", "1990-05-17") == date(1990, 5, 17)
    assert fact_value("years", "8") == 8
    assert fact_value("number", "20261231") == "20261231"


@pytest.mark.parametrize(("asks", "value"), [("years", "2019-03-01"), ("date", "8"), ("date", "eight"), ("years", "")])
def test_what_was_kept_while_its_kind_asked_for_something_else_stays_words(asks: Asks, value: str) -> None:
    assert fact_value(asks, value) == value
