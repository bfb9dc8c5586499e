"""The laws of the requirement language, held for trees and histories that nobody thought of."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.requirements import (
    AllOf,
    AnyOf,
    Decision,
    Fact,
    Facts,
    Leaf,
    Not,
    OnlyIf,
    Preferred,
    Requirement,
    Unless,
    Verdict,
    Waiver,
    decide,
    requirement_from_json,
    say,
)
from tests.rules.requirements.requirement_oracle import judge
from tests.rules.requirements.requirement_strategies import (
    WORLD,
    ZONE,
    Case,
    cases,
    facts_for,
    open_requirements,
)
from tests.support.amounts import WHOLE

widely = settings(deadline=None, max_examples=70 if WHOLE else 40, suppress_health_check=[HealthCheck.too_slow])
slowly = settings(deadline=None, max_examples=25 if WHOLE else 15, suppress_health_check=[HealthCheck.too_slow])
AS_NUMBER = {Verdict.MET: 1, Verdict.UNKNOWN: 0.5, Verdict.UNMET: 0}


@widely
@given(cases())
def test_the_verdict_is_that_of_a_second_evaluator_written_apart(case: Case) -> None:
    rule, facts, at = case
    decision = decide(rule, facts, at, WORLD)

    assert AS_NUMBER[decision.verdict] == judge(rule.to_json(), facts, at, WORLD)


@widely
@given(cases(open_requirements), st.data())
def test_an_established_fact_never_closes_what_was_open(case: Case, data: st.DataObject) -> None:
    rule, facts, at = case
    read = st.one_of([facts_for(node) for node in _leaves(rule)])
    added = replace(data.draw(read), id="more", state="established")

    if decide(rule, facts, at, WORLD).met:
        assert decide(rule, facts.plus(added), at, WORLD).met


@widely
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_children_never_matters(case: Case, chance: Random) -> None:
    rule, facts, at = case
    decision = decide(rule, facts, at, WORLD)
    mixed = decide(_shuffled(rule, chance), facts, at, WORLD)

    assert mixed.verdict is decision.verdict
    assert mixed.next_change_at == decision.next_change_at
    assert _keys(mixed.missing()) == _keys(decision.missing())
    assert set(mixed.cites) == set(decision.cites)


@widely
@given(cases(), st.randoms(use_true_random=False))
def test_what_is_decided_in_spite_of_pending_facts_holds_however_they_are_decided(case: Case, chance: Random) -> None:
    rule, facts, at = case
    decision = decide(rule, facts, at, WORLD)
    resolved = replace(facts, facts=tuple(_resolved(facts.facts, chance)))

    if decision.verdict is not Verdict.UNKNOWN:
        assert decide(rule, resolved, at, WORLD).verdict is decision.verdict


@widely
@given(cases())
def test_replaying_only_what_a_decision_cites_gives_the_same_decision(case: Case) -> None:
    rule, facts, at = case
    decision = decide(rule, facts, at, WORLD)

    cited = Facts(facts.only(decision.cites).facts, facts.waivers)

    assert decide(rule, cited, at, WORLD) == decision


@widely
@given(cases())
def test_a_waiver_that_no_decision_names_changes_no_verdict(case: Case) -> None:
    rule, facts, at = case
    decision = decide(rule, facts, at, WORLD)

    assert decide(rule, facts.only((*decision.cites, *decision.waivers())), at, WORLD).verdict is decision.verdict


@slowly
@given(cases())
def test_nothing_changes_before_next_change_at_and_something_does_then(case: Case) -> None:
    rule, facts, at = case
    for decision, node in _nodes(decide(rule, facts, at, WORLD), rule):
        later = [m for m in _ahead(at, facts) if node.verdict(facts, m, WORLD) is not decision.verdict]
        assert decision.next_change_at == (min(later) if later else None)


@widely
@given(cases())
def test_waiving_everything_that_is_missing_opens_the_door(case: Case) -> None:
    rule, facts, at = case
    missing = decide(rule, facts, at, WORLD).missing()

    waivers = tuple(Waiver(f"w-{leaf.key}", leaf.key) for leaf in missing)

    assert decide(rule, replace(facts, waivers=facts.waivers + waivers), at, WORLD).met


@widely
@given(cases())
def test_what_is_missing_blocks_and_has_a_remedy(case: Case) -> None:
    rule, facts, at = case
    decision = decide(rule, facts, at, WORLD)

    assert decision.met is not bool(decision.missing())
    assert all(leaf.blocking and not leaf.met and leaf.remedy is not None for leaf in decision.missing())


@widely
@given(cases())
def test_decisions_trees_and_facts_survive_json(case: Case) -> None:
    rule, facts, at = case
    decision = decide(rule, facts, at, WORLD)

    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision
    assert requirement_from_json(json.loads(json.dumps(rule.to_json()))) == rule
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


@widely
@given(cases())
def test_everything_can_be_said_in_english(case: Case) -> None:
    rule, facts, at = case
    decision = decide(rule, facts, at, WORLD)
    said = [say(rule, WORLD), *(leaf.asked for leaf in decision.leaves())]
    said += [leaf.found for leaf in decision.leaves() if leaf.found]
    said += [leaf.remedy.message for leaf in decision.leaves() if leaf.remedy]

    assert all(message.in_english().strip() for message in said)


def _leaves(rule: Requirement) -> list[Leaf]:
    if isinstance(rule, Leaf):
        return [rule]
    return [leaf for child in rule.children for leaf in _leaves(child)]


def _shuffled(rule: Requirement, chance: Random) -> Requirement:
    match rule:
        case AllOf(parts) | AnyOf(parts):
            return replace(rule, parts=_mixed(parts, chance))
        case Not(part) | Preferred(part):
            return replace(rule, part=_shuffled(part, chance))
        case Unless(condition, part) | OnlyIf(condition, part):
            return replace(rule, condition=_shuffled(condition, chance), part=_shuffled(part, chance))
    return rule


def _mixed(parts: tuple[Requirement, ...], chance: Random) -> tuple[Requirement, ...]:
    mixed = [_shuffled(part, chance) for part in parts]
    chance.shuffle(mixed)
    return tuple(mixed)


def _keys(decisions: tuple[Decision, ...]) -> Counter[str]:
    return Counter(decision.key for decision in decisions)


def _resolved(facts: tuple[Fact, ...], chance: Random) -> list[Fact]:
    """Every pending fact either established or gone."""
    kept = [fact for fact in facts if fact.established or chance.random() < 0.5]
    return [replace(fact, state="established") for fact in kept]


def _nodes(decision: Decision, rule: Requirement) -> list[tuple[Decision, Requirement]]:
    """The root alone and the leaves that waivers reach: inside `not` and conditions waivers are laid aside."""
    found = [(decision, rule)]
    if isinstance(rule, AllOf | AnyOf):
        for child, part in zip(decision.children, rule.children, strict=True):
            found += _nodes(child, part)
    return found


def _ahead(at: datetime, facts: Facts) -> list[datetime]:
    """Every midnight for three winters, later ones on anniversaries, and the moments at which facts begin within a day."""
    midnights = [datetime(2026, 12, 1, tzinfo=ZONE) + timedelta(days=day) for day in range(800)]
    days = {value for fact in facts.facts for value in (fact.value, fact.since) if type(value) is date}
    midnights += [
        datetime(year, 1, 1, tzinfo=ZONE) + timedelta(days=(day.replace(year=2028) - date(2028, 1, 1)).days + shift)
        for day in days
        for year in range(2029, 2070)
        for shift in (-1, 0, 1)
    ]
    begun = [fact.since.astimezone(ZONE) for fact in facts.facts if isinstance(fact.since, datetime)]
    return sorted({moment for moment in [*midnights, *begun] if moment > at})
