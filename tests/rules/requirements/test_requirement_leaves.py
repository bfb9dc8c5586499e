"""What each thing that can be asked answers at its edges."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lms.requirements import (
    Action,
    Decision,
    Fact,
    Facts,
    Verdict,
    Waiver,
    World,
    decide,
    requirement_from_json,
    say,
    say_lines,
)

ZONE = ZoneInfo("America/New_York")
WORLD = World(
    names={"credential:level-1": "Level 1 Coach", "module:jumps": "Jumps", "module:throws": "Throws"},
    ranks={"level-1": 1, "level-2": 2},
    sets={"events": ("jumps", "throws")},
    zone=ZONE.key,
)


def asked(rule: dict[str, Any], *facts: Fact, on: str = "2027-06-01", world: World = WORLD) -> Decision:
    at = datetime.fromisoformat(f"{on}T12:00").replace(tzinfo=ZONE)
    return decide(requirement_from_json(rule), Facts(facts), at, world)


def membership(since: str, until: str) -> Fact:
    return Fact("m", "membership", value="7", since=date.fromisoformat(since), until=date.fromisoformat(until))


def test_a_membership_counts_on_its_last_day_and_not_on_the_next() -> None:
    fact = membership("2027-01-01", "2027-12-31")

    assert asked({"membership": "current"}, fact, on="2027-12-31").met
    assert asked({"membership": "current"}, fact, on="2028-01-01").verdict is Verdict.UNMET


def test_a_decision_tells_when_time_alone_changes_it() -> None:
    decision = asked({"membership": "current"}, membership("2027-01-01", "2027-12-31"))

    assert decision.next_change_at == datetime(2028, 1, 1, tzinfo=ZONE)
    assert (decision.since, decision.until) == (date(2027, 1, 1), date(2027, 12, 31))


def test_an_unmet_membership_says_when_it_ended_and_what_to_do() -> None:
    decision = asked({"membership": "current"}, membership("2026-01-01", "2026-12-31"))

    assert decision.found is not None
    assert decision.found.in_english() == "Ended on 31 December 2026."
    assert decision.remedy is not None
    assert (decision.remedy.action, decision.remedy.target) == (Action.CLAIM, "membership")


def test_a_membership_that_ends_before_the_class_is_told_in_the_future_tense() -> None:
    today = World(zone=ZONE.key, today=date(2027, 5, 1))

    decision = asked({"membership": "current"}, membership("2026-06-01", "2027-05-20"), on="2027-06-01", world=today)

    assert decision.found is not None
    assert decision.found.in_english() == "Ends on 20 May 2027, 12 days before 1 June 2027."


@pytest.mark.parametrize(
    ("born", "on", "verdict"),
    [
        ("2009-06-01", "2027-05-31", Verdict.UNMET),
        ("2009-06-01", "2027-06-01", Verdict.MET),
        ("2008-02-29", "2026-02-28", Verdict.UNMET),
        ("2008-02-29", "2026-03-01", Verdict.MET),
    ],
)
def test_an_age_is_reached_on_the_birthday(born: str, on: str, verdict: Verdict) -> None:
    assert asked({"min_age": 18}, Fact("b", "birth_date", value=date.fromisoformat(born)), on=on).verdict is verdict


def test_an_unknown_birth_date_leaves_the_age_unknown() -> None:
    decision = asked({"min_age": 18})

    assert decision.verdict is Verdict.UNKNOWN
    assert decision.remedy is not None
    assert decision.remedy.target == "birth_date"


def test_nobody_is_let_into_a_youth_program_because_their_age_is_unknown() -> None:
    assert asked({"not": {"min_age": 18}}).verdict is Verdict.UNKNOWN


def test_a_higher_level_stands_for_a_lower_one_only_where_the_rule_says_so() -> None:
    higher = Fact("c", "certificate", "level-2", value="jumps", since=date(2026, 1, 1), until=date(2028, 12, 31))

    assert asked({"certificate": {"id": "level-1", "or_above": True}}, higher).met
    assert not asked({"certificate": "level-1"}, higher).met


def test_a_certificate_in_another_event_group_does_not_count() -> None:
    jumps = Fact("c", "certificate", "level-2", value="jumps", since=date(2026, 1, 1))

    assert asked({"certificate": {"id": "level-2", "track": "jumps"}}, jumps).met
    assert not asked({"certificate": {"id": "level-2", "track": "throws"}}, jumps).met


def test_a_certificate_once_held_counts_where_holding_it_once_is_enough() -> None:
    ended = Fact("c", "certificate", "level-1", since=date(2020, 1, 1), until=date(2024, 12, 31))

    assert asked({"certificate": {"id": "level-1", "status": "held"}}, ended).met
    assert not asked({"certificate": "level-1"}, ended).met


def test_a_certificate_is_named_by_its_title() -> None:
    decision = asked({"certificate": {"id": "level-1", "or_above": True}})

    assert decision.asked.in_english() == "A current Level 1 Coach certificate or a higher one"
    assert decision.key == "certificate:level-1"


@pytest.mark.parametrize(
    ("value", "since", "first_day"),
    [(date(2025, 3, 10), None, "2027-03-10"), (1, date(2026, 9, 1), "2027-09-01")],
)
def test_experience_grows_with_the_years(value: date | int, since: date | None, first_day: str) -> None:
    fact = Fact("e", "experience", value=value, since=since)
    before = date.fromordinal(date.fromisoformat(first_day).toordinal() - 1).isoformat()

    decision = asked({"coaching_experience_years": 2}, fact, on=before)

    assert decision.verdict is Verdict.UNMET
    assert decision.next_change_at == datetime.fromisoformat(first_day).replace(tzinfo=ZONE)
    assert asked({"coaching_experience_years": 2}, fact, on=first_day).met


def test_evidence_under_review_is_unknown_and_absent_evidence_unmet() -> None:
    pending = Fact("e", "evidence", "degree", state="pending")

    assert asked({"evidence": "degree"}, pending).verdict is Verdict.UNKNOWN
    assert asked({"evidence": "degree"}).verdict is Verdict.UNMET


def test_a_set_of_modules_names_those_that_remain() -> None:
    decision = asked({"module_set": "events"}, Fact("j", "module", "jumps", since=date(2027, 1, 1)))

    assert decision.verdict is Verdict.UNMET
    assert decision.found is not None
    assert decision.found.in_english() == "Still to pass: Throws."
    assert decision.remedy is not None
    assert (decision.remedy.action, decision.remedy.target) == (Action.MODULE, "throws")


def test_a_set_whose_modules_are_not_published_cannot_be_passed() -> None:
    assert asked({"module_set": "unwritten"}).verdict is Verdict.UNMET


def test_credits_add_up() -> None:
    first, second = Fact("1", "credits", value=3), Fact("2", "credits", value=2)

    assert asked({"credits": 5}, first, second).met
    assert asked({"credits": 6}, first, second).remedy is not None


def test_a_window_is_open_on_both_of_its_days() -> None:
    rule = {"date_window": {"from": "2027-06-01", "until": "2027-06-02"}}

    opened = [asked(rule, on=f"2027-{day}").met for day in ("05-31", "06-01", "06-02", "06-03")]

    assert opened == [False, True, True, False]


def test_what_is_old_counts_no_more_where_an_age_is_said() -> None:
    fact = Fact("p", "program", "basics", since=date(2027, 1, 1))

    assert asked({"program": {"id": "basics", "max_age_days": 151}}, fact, on="2027-06-01").met
    assert not asked({"program": {"id": "basics", "max_age_days": 150}}, fact, on="2027-06-01").met


@pytest.mark.parametrize(
    "rule", [{"program": {"id": "x", "max_age_days": 30}}, {"certificate": {"id": "x", "max_age_days": 30}}]
)
def test_what_grows_old_tells_on_which_day(rule: dict[str, Any]) -> None:
    fact = Fact("f", next(iter(rule)), "x", since=date(2027, 5, 20))

    assert asked(rule, fact).next_change_at == datetime(2027, 6, 20, tzinfo=ZONE)


def test_all_that_is_unmet_is_reported_and_not_only_the_first() -> None:
    rule = {"all_of": [{"membership": "current"}, {"min_age": 18}, {"any_of": [{"evidence": "a"}, {"program": "b"}]}]}

    missing = asked(rule).missing()

    assert [leaf.key for leaf in missing] == ["membership", "min_age:18", "evidence:a", "program:b"]


def test_a_preference_is_shown_and_blocks_nothing() -> None:
    decision = asked({"all_of": [{"preferred": {"evidence": "degree"}}]})

    assert decision.met
    assert [leaf.verdict for leaf in decision.leaves()] == [Verdict.UNMET]
    assert decision.missing() == ()


def test_a_requirement_for_first_timers_asks_nothing_of_others() -> None:
    rule = {"unless": {"certificate": {"id": "level-2", "status": "held"}}, "then": {"module_set": "events"}}

    assert asked(rule, Fact("c", "certificate", "level-2", since=date(2020, 1, 1), until=date(2021, 1, 1))).met
    assert [leaf.key for leaf in asked(rule).missing()] == ["module_set:events"]


def test_a_waiver_lays_one_leaf_aside_and_is_named() -> None:
    rule = requirement_from_json({"all_of": [{"membership": "current"}, {"min_age": 18}]})
    facts = Facts((), (Waiver("w1", "membership", date(2027, 6, 30), "Lost post"),))
    at = datetime(2027, 6, 1, tzinfo=ZONE)

    decision = decide(rule, facts, at, WORLD)

    assert [leaf.key for leaf in decision.missing()] == ["min_age:18"]
    assert decision.children[0].waived_by == "w1"
    assert decision.children[0].next_change_at == datetime(2027, 7, 1, tzinfo=ZONE)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        decide(requirement_from_json({"min_age": 18}), Facts(), datetime(2027, 6, 1), WORLD)  # noqa: DTZ001 - the point


def test_a_moment_in_another_zone_than_the_issuers_is_refused() -> None:
    with pytest.raises(ValueError, match="New_York"):
        decide(requirement_from_json({"min_age": 18}), Facts(), datetime(2027, 6, 1, tzinfo=UTC), WORLD)


def test_a_rule_says_itself_line_by_line() -> None:
    rule = requirement_from_json(
        {"all_of": [{"membership": "current"}, {"min_age": 18}, {"coaching_experience_years": 2}]}
    )

    assert [line.in_english() for line in say_lines(rule, WORLD)] == [
        "Current membership",
        "At least 18 years old",
        "At least 2 years of coaching experience",
    ]
    assert say(requirement_from_json({"all_of": []}), WORLD).in_english() == "Open to everyone."
