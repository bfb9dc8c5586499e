"""What authors are told about the rules and programs they write."""

from __future__ import annotations

from datetime import date

import pytest

from lms.foundation.problems import Problem
from lms.foundation.yaml_source import load
from lms.requirements import World, parse_campus, parse_program, parse_requirement, problems_of, requirement_from_json


def told(text: str) -> list[str]:
    node, problems = load(text, "f")
    assert not problems
    return [problem.as_line().split(": ", 1)[0] + " " + problem.code for problem in parse_requirement(node, "f")[1]]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("memberhip: current", "f:1:1 unknown-requirement"),
        ("membership: lapsed", "f:1:13 bad-value"),
        ("min_age: '18'", "f:1:10 bad-value"),
        ("min_age: 200", "f:1:1 cannot-be-met"),
        ("certificate: {id: level-1, statu: current}", "f:1:28 unknown-key"),
        ("certificate: {id: Level 1}", "f:1:19 bad-value"),
        ("certificate: {status: current}", "f:1:14 missing-key"),
        ("all_of: {min_age: 18}", "f:1:9 not-a-list"),
        ("any_of: [{program: a}]\nat_least: 2", "f:1:1 cannot-be-met"),
        ("any_of: [{program: a}]\nat_lest: 2", "f:2:1 unknown-key"),
        ("any_of: [{program: a}]\nat_least: many", "f:2:11 bad-value"),
        ("date_window: {from: 2027-02-31}", "f:1:21 bad-value"),
        ("date_window: {from: 2027-02-02, until: 2027-02-01}", "f:1:1 cannot-be-met"),
        ("unless: {program: a}", "f:1:1 missing-key"),
        ("{min_age: 18, membership: current}", "f:1:15 several-requirements"),
        ("[min_age]", "f:1:1 not-a-requirement"),
        ("all_of: [min_age]", "f:1:10 not-a-requirement"),
        ("any_of: [{preferred: {program: a}}]", "f:1:1 cannot-be-met"),
    ],
)
def test_a_mistake_in_a_rule_is_told_where_it_stands(text: str, complaint: str) -> None:
    assert told(text) == [complaint]


def test_every_mistake_is_told_and_not_only_the_first() -> None:
    assert len(told("all_of:\n  - memberhip: current\n  - min_age: eighteen\n  - program: {}\n")) == 3


@pytest.mark.parametrize(
    ("rule", "is_impossible"),
    [
        ({"all_of": [{"program": "a"}, {"not": {"program": "a"}}]}, True),
        ({"all_of": [{"program": "a"}, {"not": {"program": "b"}}]}, False),
        ({"all_of": [{"date_window": {"until": "2027-01-01"}}, {"date_window": {"from": "2027-01-02"}}]}, True),
        ({"all_of": [{"date_window": {"until": "2027-01-01"}}, {"date_window": {"from": "2027-01-01"}}]}, False),
        ({"not": {"any_of": []}}, True),
        ({"coaching_experience_years": 90}, True),
        ({"certificate": {"id": "a", "max_age_days": -1}}, True),
    ],
)
def test_a_tree_that_cannot_be_met_is_found(rule: dict[str, object], is_impossible: bool) -> None:
    assert bool(problems_of(requirement_from_json(rule))) is is_impossible


PROGRAM = """\
id: example
title: Example
family: pathway
delivery: online
summary: A program.
audience: Everyone.
requirements:
  - {rule: {min_age: 16}}
  - {effective_from: 2027-01-01, rule: {min_age: 18}}
stages:
  - {id: one, module_set: first, credit: {certificate: {id: old}, max_age_days: 90}}
  - {id: two, class: {formats: [zoom]}, hours: 1.5}
"""


def read(text: str) -> tuple[Problem, ...]:
    node, problems = load(text, "p.yaml")
    assert not problems
    return parse_program(node, "p.yaml")[1]


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        ((16,), "At least one of these: At least 16 years old"),
        ((16, 18), "At least one of these: At least 16 years old or At least 18 years old"),
        (
            (16, 18, 21),
            "At least one of these: At least 16 years old, At least 18 years old or At least 21 years old",
        ),
    ],
)
def test_alternatives_are_read_with_an_or(ages: tuple[int, ...], said: str) -> None:
    rule = requirement_from_json({"any_of": [{"min_age": age} for age in ages]})

    assert rule.phrase(World()).in_english() == said


def test_a_program_is_judged_by_the_rule_in_force_on_the_day() -> None:
    program, problems = parse_program(load(PROGRAM, "p.yaml")[0], "p.yaml")

    assert problems == ()
    assert program is not None
    asked = [program.requirements.rule_at(day).to_json() for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert asked == [{"min_age": 16}, {"min_age": 18}]


def test_a_credit_may_be_limited_to_what_is_recent() -> None:
    program, _ = parse_program(load(PROGRAM, "p.yaml")[0], "p.yaml")

    assert program is not None
    assert program.stages[0].credit is not None
    assert program.stages[0].credit.to_json() == {"certificate": {"id": "old", "max_age_days": 90}}
    assert program.stages[1].length_minutes == 90


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("family: pathway", "family: pathways"), "p.yaml:3:9"),
        (("delivery: online", "delivry: online"), "p.yaml:4:1"),
        (("- {id: two", "- {id: one"), "p.yaml:12:10"),
        (("class: {formats: [zoom]}, ", ""), "p.yaml:12:5"),
        (("class: {formats: [zoom]}", "class: {formats: [radio]}"), "p.yaml:12:33"),
        (("{min_age: 18}", "{min_aeg: 18}"), "p.yaml:9:41"),
        (("2027-01-01", "2027-13-01"), "p.yaml:9:22"),
        (("certificate: {id: old}", "certificat: {id: old}"), "p.yaml:11:43"),
        (("hours: 1.5", "hours: long"), "p.yaml:12:48"),
    ],
)
def test_a_mistake_in_a_program_is_told_where_it_stands(change: tuple[str, str], complaint: str) -> None:
    problems = read(PROGRAM.replace(*change))

    assert complaint in {f"{problem.path}:{problem.line}:{problem.column}" for problem in problems}


def test_rules_out_of_order_are_refused() -> None:
    problems = read(PROGRAM.replace("{rule: {min_age: 16}}", "{effective_from: 2028-01-01, rule: {min_age: 16}}"))

    assert [problem.code for problem in problems] == ["rule-order"]


def test_a_campus_with_an_unknown_zone_is_refused() -> None:
    node, _ = load("zone: America/Springfield\n", "campus.yaml")

    campus, problems = parse_campus(node, "campus.yaml")

    assert campus is None
    assert any(problem.line == 1 and problem.column == 7 for problem in problems)
