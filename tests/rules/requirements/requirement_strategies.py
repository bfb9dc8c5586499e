"""Requirements, facts and moments that meet each other often, all within one winter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from lms.requirements import (
    LEAVES,
    AllOf,
    AnyOf,
    Fact,
    Facts,
    Leaf,
    Not,
    OnlyIf,
    Preferred,
    Requirement,
    Unless,
    Waiver,
    World,
    requirement_from_json,
)
from lms.requirements.leaves.accomplished import Accomplishment
from lms.requirements.leaves.certificates import HoldsCertificate

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
    return st.lists(parts, min_size=2, max_size=4).map(tuple)


def _open_combinations(parts: st.SearchStrategy[Requirement]) -> st.SearchStrategy[Requirement]:
    some = _lists(parts).flatmap(lambda chosen: st.builds(AnyOf, st.just(chosen), st.integers(1, len(chosen))))
    return st.one_of(_lists(parts).map(AllOf), some)


def _all_combinations(parts: st.SearchStrategy[Requirement]) -> st.SearchStrategy[Requirement]:
    conditional = st.builds(Unless, parts, parts) | st.builds(OnlyIf, parts, parts)
    return st.one_of(_open_combinations(parts), conditional, _lists(parts).map(AllOf).map(Not))


_simple = st.one_of(leaves, leaves, leaves, leaves.map(Preferred))
requirements: st.SearchStrategy[Requirement] = st.recursive(_simple | leaves.map(Not), _all_combinations, max_leaves=6)
open_requirements: st.SearchStrategy[Requirement] = st.recursive(_simple, _open_combinations, max_leaves=6)
"""Trees without `not`, `unless` and `only_if`."""

_FACT_OF_LEAF = {"registry_member": "registry", "min_age": "birth_date", "coaching_experience_years": "experience"}
_PLAIN_KINDS = [*sorted({getattr(leaf, "fact_kind", "") for leaf in LEAVES.values()} - {""}), "quiz"]
_birth_dates = st.builds(lambda day, years: day.replace(year=day.year - years), days, st.integers(16, 19))
_first_seasons = st.builds(lambda day, years: day.replace(year=day.year - years), days, st.integers(0, 4))
_VALUES: dict[str, st.SearchStrategy[str | int | date]] = {
    "certificate": st.sampled_from(["", "jumps", "throws"]),
    "birth_date": _birth_dates,
    "experience": _first_seasons | st.integers(0, 4),
    "credits": st.integers(0, 4),
}


@st.composite
def facts_of(draw: st.DrawFn, kind: str, subject: str = "") -> Fact:
    """A fact of the kind; its id is given later."""
    return Fact(
        id="",
        kind=kind,
        subject=subject,
        value=draw(_VALUES[kind]) if kind in _VALUES else None,
        since=draw(st.none() | days | utc_moments),
        until=draw(st.none() | days),
        state=draw(st.sampled_from(["established", "established", "pending"])),
    )


@st.composite
def facts_about_anyone(draw: st.DrawFn) -> Fact:
    kind = draw(st.sampled_from(["membership", "registry", *_VALUES, *_PLAIN_KINDS]))
    if kind == "certificate":
        return draw(facts_of(kind, draw(credentials)))
    return draw(facts_of(kind, draw(st.sampled_from(["m1", "m2", "p1"])) if kind in _PLAIN_KINDS else ""))


@st.composite
def facts_for(draw: st.DrawFn, leaf: Leaf) -> Fact:
    """A fact that the leaf reads."""
    if isinstance(leaf, HoldsCertificate):
        higher = sorted(WORLD.at_or_above(leaf.id)) if leaf.or_above else [leaf.id]
        return draw(facts_of("certificate", draw(st.sampled_from(higher))))
    if isinstance(leaf, Accomplishment):
        return draw(facts_of(leaf.fact_kind, leaf.id))
    if leaf.name in {"module_set", "counting_course"}:
        kind = "module" if leaf.name == "module_set" else draw(st.sampled_from(["program", "partner_course"]))
        return draw(facts_of(kind, draw(st.sampled_from(["m1", "m2", "p1"]))))
    return draw(facts_of(_FACT_OF_LEAF.get(leaf.name, leaf.name)))


Case: TypeAlias = tuple[Requirement, Facts, datetime]


@st.composite
def cases(draw: st.DrawFn, rules: st.SearchStrategy[Requirement] = requirements) -> Case:
    """A rule, a history that has to do with it, and a moment."""
    rule = draw(rules)
    nodes = _nodes(rule)
    read = [draw(facts_for(node)) for node in nodes if isinstance(node, Leaf) for _ in range(draw(st.integers(0, 3)))]
    others = draw(st.lists(facts_about_anyone(), max_size=2))
    waived = draw(st.lists(st.sampled_from(nodes), max_size=1))
    facts = tuple(replace(fact, id=f"f{index}") for index, fact in enumerate([*read, *others]))
    waivers = tuple(Waiver(f"w-{node.key}", node.key, draw(st.none() | days), "because") for node in waived)
    return rule, Facts(facts, waivers), draw(moments)


def _nodes(rule: Requirement) -> list[Requirement]:
    return [rule, *(node for child in rule.children for node in _nodes(child))]
