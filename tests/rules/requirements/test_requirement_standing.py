"""Where a person stands, from the first lesson to the certificate."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.requirements import (
    Award,
    Fact,
    Facts,
    Part,
    Program,
    ProgramStanding,
    Stage,
    World,
    completion_of,
    credits_due,
    decide,
    modules_passed,
    opens,
    requirement_from_json,
    standing,
    with_parts,
)
from tests.support.amounts import WHOLE

ZONE = ZoneInfo("America/New_York")
NOON = datetime(2027, 6, 1, 12, tzinfo=ZONE)
PARTS = {
    "basics": (
        Part("b1", "First basics", minutes=60, lessons=("b1a", "b1b"), quiz="b1-quiz"),
        Part("b2", "Second basics", minutes=30, lessons=("b2a",), quiz="b2-quiz"),
    ),
    "events": (Part("e1", "Events", minutes=90, lessons=("e1a",), quiz="e1-quiz"),),
}
PROGRAM = with_parts(
    Program(
        id="example",
        title="Example",
        family="pathway",
        delivery="blended",
        stages=(
            Stage("s1", "Basics", "module_set", "basics", credit=requirement_from_json({"certificate": "starter"})),
            Stage("s2", "Events", "module_set", "events"),
            Stage("s3", "Live class", "class", hours=Decimal(2), formats=("zoom",)),
            Stage("s4", "The exam", "exam", "final"),
        ),
        award=Award("badge"),
    ),
    PARTS,
    {"final": 60},
)
EARLY = date(2027, 1, 1)


def done(kind: str, *subjects: str, since: date | None = EARLY) -> tuple[Fact, ...]:
    return tuple(Fact(f"{kind}:{subject}", kind, subject, since=since) for subject in subjects)


def stand(*facts: Fact, program: Program = PROGRAM, at: datetime = NOON) -> ProgramStanding:
    return standing(program, Facts(facts), at, World(zone=ZONE.key))


def states(found: ProgramStanding) -> list[str]:
    return [stage.state for stage in found.stages]


def step(found: ProgramStanding) -> tuple[str, str]:
    assert found.next_action is not None
    return found.next_action.kind, found.next_action.target


MODULES = done("module", "b1", "b2", "e1")


@pytest.mark.parametrize(
    ("facts", "expected", "action"),
    [
        ((), ["open", "shut", "shut", "shut"], ("lesson", "b1a")),
        (done("lesson", "b1a"), ["in_progress", "shut", "shut", "shut"], ("lesson", "b1b")),
        (done("lesson", "b1a", "b1b"), ["in_progress", "shut", "shut", "shut"], ("quiz", "b1-quiz")),
        (done("lesson", "b2a"), ["in_progress", "shut", "shut", "shut"], ("quiz", "b2-quiz")),
        (done("module", "b1", "b2"), ["complete", "open", "shut", "shut"], ("lesson", "e1a")),
        (MODULES, ["complete", "complete", "open", "shut"], ("book_class", "s3")),
        ((*MODULES, *done("seat", "s3")), ["complete", "complete", "in_progress", "shut"], ("attend", "s3")),
        ((*MODULES, *done("attended", "s3")), ["complete", "complete", "complete", "open"], ("exam", "final")),
        (
            (*MODULES, *done("attended", "s3"), Fact("x", "exam_passed", "final", state="pending")),
            ["complete", "complete", "complete", "in_progress"],
            ("wait", "s4"),
        ),
        (
            (*MODULES, *done("attended", "s3"), *done("exam_passed", "final")),
            ["complete"] * 4,
            ("certificate", "badge"),
        ),
        ((*MODULES, *done("attended", "s3"), *done("ended", "s4")), ["complete"] * 3 + ["ended"], ("wait", "s4")),
    ],
)
def test_a_learner_moves_stage_by_stage(facts: tuple[Fact, ...], expected: list[str], action: tuple[str, str]) -> None:
    found = stand(*facts)

    assert states(found) == expected
    assert step(found) == action


def test_a_shut_class_lists_exactly_the_modules_that_remain() -> None:
    live_class = stand(*done("module", "b1")).stage("s3")

    assert live_class is not None
    assert [leaf.key for leaf in live_class.opens.missing()] == ["module:b2", "module:e1"]


def test_the_exam_of_someone_without_anything_lists_everything() -> None:
    exam = stand().stage("s4")

    assert exam is not None
    assert [leaf.key for leaf in exam.opens.missing()] == ["module:b1", "module:b2", "module:e1", "attended:s3"]


def test_a_credited_stage_is_complete_and_names_its_credit() -> None:
    found = stand(*done("credit", "s1"))

    assert states(found)[:2] == ["complete", "open"]
    assert found.stages[0].credited_by == "credit:s1"
    assert found.minutes_done == 90


def test_a_credit_is_due_while_its_certificate_is_current_and_given_once() -> None:
    starter = Fact("c", "certificate", "starter", since=EARLY, until=date(2027, 6, 1))

    due = credits_due(PROGRAM, Facts((starter,)), NOON)
    later = credits_due(PROGRAM, Facts((starter,)), NOON.replace(day=2))
    again = credits_due(PROGRAM, Facts((starter, *done("credit", "s1"))), NOON)

    assert [(stage, decision.cites) for stage, decision in due] == [("s1", ("c",))]
    assert (later, again) == ((), ())


def test_a_stage_that_is_waived_need_not_be_done() -> None:
    first = replace(
        PROGRAM.stages[0], waived_if=requirement_from_json({"certificate": {"id": "old", "status": "held"}})
    )
    program = replace(PROGRAM, stages=(first, *PROGRAM.stages[1:]))

    found = stand(Fact("o", "certificate", "old", since=EARLY, until=date(2027, 2, 1)), program=program)

    assert states(found)[0] == "complete"
    assert found.stages[0].credited_by == "o"


def test_a_stage_opens_by_its_own_rule_where_it_has_one() -> None:
    second = replace(PROGRAM.stages[1], opens=requirement_from_json({"all_of": []}))
    program = replace(PROGRAM, stages=(PROGRAM.stages[0], second, *PROGRAM.stages[2:]))

    assert states(stand(program=program))[:2] == ["open", "open"]


def test_what_is_not_published_is_said_to_be_unavailable() -> None:
    program = replace(PROGRAM, stages=(Stage("s1", "Unwritten", "module_set", "unwritten", available=False),))

    assert step(stand(program=program)) == ("unavailable", "s1")
    assert not stand(program=program).complete


def test_an_attendance_that_has_run_out_ends_its_stage() -> None:
    ended = Fact("a", "attended", "s3", since=EARLY, until=date(2027, 5, 31))

    assert states(stand(*MODULES, ended)) == ["complete", "complete", "ended", "shut"]


def test_the_share_is_weighted_by_minutes() -> None:
    found = stand(*done("module", "b1"))

    assert (found.minutes_done, found.minutes_total) == (60, 360)
    assert found.share == Decimal("0.166")


def test_a_quiz_without_its_lessons_does_not_pass_a_module() -> None:
    facts = Facts((*done("lesson", "b1a"), *done("quiz", "b1-quiz", "b2-quiz")))

    assert modules_passed(PROGRAM.parts, facts, NOON) == ()


def test_a_module_is_passed_since_the_last_of_its_work() -> None:
    quiz = Fact("q", "quiz", "b2-quiz", since=datetime(2027, 3, 1, 9, tzinfo=ZONE))

    passed = modules_passed(PROGRAM.parts, Facts((*done("lesson", "b2a"), quiz)), NOON)

    assert [(fact.kind, fact.subject, fact.since) for fact in passed] == [("module", "b2", quiz.since)]


_WORK = [
    *done("lesson", "b1a", "b1b", "b2a", "e1a"),
    *done("quiz", "b1-quiz", "b2-quiz", "e1-quiz"),
    *MODULES,
    *done("attended", "s3", since=date(2027, 6, 2)),
    *done("exam_passed", "final"),
    *done("credit", "s1"),
]
histories = st.lists(st.sampled_from(_WORK), unique_by=lambda fact: fact.id).map(tuple)
gently = settings(deadline=None, max_examples=60 if WHOLE else 30)


@gently
@given(histories, st.sampled_from(_WORK))
def test_more_work_never_lowers_the_share(facts: tuple[Fact, ...], more: Fact) -> None:
    assert stand(*facts, more).share >= stand(*facts).share


@gently
@given(histories)
def test_the_share_is_whole_exactly_when_everything_is_complete(facts: tuple[Fact, ...]) -> None:
    found = stand(*facts)

    assert (found.share == 1) is found.complete
    assert found.complete is all(stage.state == "complete" for stage in found.stages)
    assert 0 <= found.share <= 1


@gently
@given(histories)
def test_nothing_is_open_before_what_stands_before_it_is_complete(facts: tuple[Fact, ...]) -> None:
    found = states(stand(*facts))

    assert all(set(found[:index]) <= {"complete"} for index, state in enumerate(found) if state == "open")


@gently
@given(histories)
def test_a_standing_survives_json(facts: tuple[Fact, ...]) -> None:
    found = stand(*facts)

    assert ProgramStanding.from_json(json.loads(json.dumps(found.to_json()))) == found


@gently
@given(histories)
def test_a_standing_tells_when_time_changes_it(facts: tuple[Fact, ...]) -> None:
    tomorrow = datetime(2027, 6, 2, tzinfo=ZONE)
    now, then = stand(*facts), stand(*facts, at=tomorrow)

    assert now.next_change_at in {None, tomorrow}
    if states(now) != states(then):
        assert now.next_change_at == tomorrow


@gently
@given(histories)
def test_what_a_standing_says_is_what_its_rules_decide(facts: tuple[Fact, ...]) -> None:
    found = stand(*facts)

    for stage, its in zip(PROGRAM.stages, found.stages, strict=True):
        decided = decide(opens(PROGRAM, stage), Facts(facts), NOON)
        assert (its.opens.verdict, its.opens.next_change_at) == (decided.verdict, decided.next_change_at)
        assert [leaf.key for leaf in its.opens.missing()] == [leaf.key for leaf in decided.missing()]
        assert its.opens.cites == decided.cites
    assert found.completion.verdict is decide(completion_of(PROGRAM), Facts(facts), NOON).verdict
