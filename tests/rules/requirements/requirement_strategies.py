"""Requirements, facts and moments that meet each other often, all within one winter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from lms.requirements import (
    LEAVES,
    AllOf,
    AnyOf,
    Fact,
    Facts,
    Not,
    OnlyIf,
    Preferred,
    Requirement,
    Unless,
    Waiver,
    World,
    requirement_from_json,
)

ZONE = ZoneInfo("America/New_York")
WORLD = World(
    names={"credential:one": "First"},
    ranks={"one": 1, "two": 2, "three": 3},
    sets={"science": ("m1", "m2")},
    counting={"one": ("p1", "m2")},
    zone=ZONE.key,
)

# Few days, so that beginnings, ends, birthdays and moments of decision often fall together.
days = st.sampled_from([date(2026, 12, 1), date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 31)])
years = st.integers(17, 19)
ages = st.sampled_from([None, None, 0, 1, 30])
subjects = st.sampled_from(["m1", "m2"])
credentials = st.sampled_from(["one", "two", "three", "other"])

moments = st.builds(
    lambda day, seconds: datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(seconds=seconds),
    days,
    st.sampled_from([0, 1, 43_200, 86_399]),
)
utc_moments = moments.map(lambda moment: moment.astimezone(UTC))


def _options(**chosen: object) -> dict[str, object]:
    return {name: value for name, value in chosen.items() if value is not None}


_SUBJECT_LEAVES = sorted(name for name, leaf in LEAVES.items() if "fact_kind" in dir(leaf))

leaf_nodes = st.one_of(
    st.sampled_from([{"membership": "current"}, {"registry_member": "current"}, {"module_set": "science"}]),
    st.builds(lambda n: {"min_age": n}, years),
    st.builds(lambda n: {"coaching_experience_years": n}, st.integers(1, 4)),
    st.builds(lambda n: {"credits": n}, st.integers(1, 6)),
    st.just({"counting_course": "one"}),
    st.builds(
        lambda name, status, above, track, age: {
            "certificate": _options(id=name, status=status, or_above=above, track=track, max_age_days=age)
        },
        credentials,
        st.sampled_from(["current", "held"]),
        st.booleans(),
        st.none() | st.sampled_from(["jumps", "throws"]),
        ages,
    ),
    st.builds(
        lambda name, subject, age: {name: _options(id=subject, max_age_days=age)},
        st.just("module") | st.sampled_from(_SUBJECT_LEAVES),
        subjects,
        ages,
    ),
    st.builds(
        lambda first, last: {"date_window": _options(**{"from": first and str(first), "until": last and str(last)})},
        st.none() | days,
        st.none() | days,
    ),
)
leaves = leaf_nodes.map(requirement_from_json)


def _lists(parts: st.SearchStrategy[Requirement]) -> st.SearchStrategy[tuple[Requirement, ...]]:
    return st.lists(parts, min_size=1, max_size=4).map(tuple)


def _open_combinations(parts: st.SearchStrategy[Requirement]) -> st.SearchStrategy[Requirement]:
    some = _lists(parts).flatmap(lambda chosen: st.builds(AnyOf, st.just(chosen), st.integers(1, len(chosen))))
    return st.one_of(_lists(parts).map(AllOf), some, parts.map(Preferred))


def _all_combinations(parts: st.SearchStrategy[Requirement]) -> st.SearchStrategy[Requirement]:
    conditional = st.builds(Unless, parts, parts) | st.builds(OnlyIf, parts, parts)
    return st.one_of(_open_combinations(parts), parts.map(Not), conditional)


requirements: st.SearchStrategy[Requirement] = st.recursive(leaves, _all_combinations, max_leaves=8)
open_requirements: st.SearchStrategy[Requirement] = st.recursive(leaves, _open_combinations, max_leaves=8)
"""Trees without `not`, `unless` and `only_if`."""

_FACT_KINDS = [
    "lesson", "quiz", "exam_passed", "attended", "assignment", "capstone", "observed_teaching", "evidence",
    "partner_course", "paid", "application", "credit", "program",
]  # fmt: skip
_FREQUENT_KINDS = ["membership", "registry", "module", "certificate", "birth_date", "experience", "credits"]
_birth_dates = st.builds(lambda day, years: day.replace(year=day.year - years), days, st.integers(16, 19))
_first_seasons = st.builds(lambda day, years: day.replace(year=day.year - years), days, st.integers(0, 4))


@st.composite
def facts_about_anyone(draw: st.DrawFn) -> Fact:
    kind = draw(st.sampled_from(_FREQUENT_KINDS) | st.sampled_from(_FACT_KINDS))
    values: dict[str, st.SearchStrategy[str | int | date]] = {
        "certificate": st.sampled_from(["", "jumps", "throws"]),
        "birth_date": _birth_dates,
        "experience": _first_seasons | st.integers(0, 4),
        "credits": st.integers(0, 4),
    }
    subject = ""
    if kind == "certificate":
        subject = draw(credentials)
    elif kind not in _FREQUENT_KINDS or kind == "module":
        subject = draw(st.sampled_from(["m1", "m2", "p1"]))
    value = draw(values[kind]) if kind in values else None
    return Fact(
        id="",
        kind=kind,
        subject=subject,
        value=value,
        since=draw(st.none() | days | utc_moments),
        until=draw(st.none() | days),
        state=draw(st.sampled_from(["established", "established", "pending"])),
    )


def _numbered(facts: list[Fact], keys: list[tuple[str, date | None]]) -> Facts:
    numbered = tuple(replace(fact, id=f"f{index}") for index, fact in enumerate(facts))
    waivers = tuple(Waiver(f"w{index}", key, until, "because") for index, (key, until) in enumerate(keys))
    return Facts(numbered, waivers)


_WAIVED = st.sampled_from(["membership", "min_age", "certificate:one", "not:membership", "module:m1", "credits"])
histories: st.SearchStrategy[Facts] = st.builds(
    _numbered,
    st.lists(facts_about_anyone(), max_size=14),
    st.lists(st.tuples(_WAIVED, st.none() | days), max_size=2),
)
