"""Checks tried and lessons done."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.content import queries as content
from lms.content.documents import LessonView
from lms.foundation.database import db
from lms.foundation.errors import NotFound
from lms.items import BadResponse
from lms.learning.models import CheckAnswer, LessonCompletion
from lms.learning.queries import lesson_facts
from lms.learning.services import ChecksMissing
from lms.pathway.models import StandingRow
from lms.pathway.queries import LessonDoor, lesson_door
from lms.usecases import enrolling, studying
from lms.usecases.studying import LessonShut
from tests.support.cast import Cast, Member
from tests.support.moments import MINUTE, NOON
from tests.support.statements import statements
from tests.support.studying import enrolled

MODULE, LESSON = "warming-up", "warm-up-order"


def door_of(member: Member, lesson_id: str = LESSON) -> tuple[LessonDoor, LessonView]:
    door = lesson_door(member.person_id, "starter", MODULE, lesson_id)
    assert door is not None
    assert door.lesson_revision_id is not None
    return door, content.lesson_of_revision(door.lesson_revision_id)


def check(member: Member, item_id: str, *values: str) -> bool:
    door, lesson = door_of(member)
    return studying.answer_check(member.person_id, door, lesson, item_id, values, now=NOON).answer.right


def complete(member: Member, lesson_id: str = LESSON) -> None:
    door, lesson = door_of(member, lesson_id)
    studying.complete_lesson(member.person_id, door, lesson, now=NOON)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_check_may_be_tried_until_it_is_right(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)

    tries = [check(cast.learner, "order-first", option) for option in ("o1", "o3", "o2")]

    assert tries == [False, False, True]
    assert count(CheckAnswer) == 3
    assert lesson_facts(enrollment.id, LESSON).answers["order-first"].right


def test_what_was_right_once_stays_so_after_a_worse_try(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)

    check(cast.learner, "order-first", "o2")
    check(cast.learner, "order-first", "o1")

    facts = lesson_facts(enrollment.id, LESSON)
    assert facts.answered_rightly == {"order-first"}
    assert not facts.answers["order-first"].right


@pytest.mark.parametrize("values", [("o9",), ("o1", "o2")])
def test_what_no_page_sends_is_refused(app: Flask, cast: Cast, values: tuple[str, ...]) -> None:
    enrolled(cast.learner)

    with pytest.raises(BadResponse):
        check(cast.learner, "order-first", *values)

    assert count(CheckAnswer) == 0


@pytest.mark.parametrize("item_id", ["sector-call", "bank-last", "no-such"])
def test_a_check_of_another_lesson_is_not_found(app: Flask, cast: Cast, item_id: str) -> None:
    enrolled(cast.learner)

    with pytest.raises(NotFound):
        check(cast.learner, item_id, "o1")


def test_a_lesson_waits_for_its_checks_and_says_how_many(app: Flask, cast: Cast) -> None:
    enrolled(cast.learner)
    check(cast.learner, "order-first", "o2")

    with pytest.raises(ChecksMissing) as refusal:
        complete(cast.learner)

    assert refusal.value.message.in_english() == "One check of this lesson is still to be answered rightly."
    assert count(LessonCompletion) == 0


def test_a_lesson_without_that_rule_asks_for_none(app: Flask, cast: Cast) -> None:
    enrolled(cast.learner)

    complete(cast.learner, "warm-up-time")

    assert count(LessonCompletion) == 1


def test_a_lesson_done_moves_the_standing_and_is_done_once(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)

    complete(cast.learner, "warm-up-time")
    complete(cast.learner, "warm-up-time")

    row = db.session.get_one(StandingRow, enrollment.id)
    assert count(LessonCompletion) == 1
    assert row.share > 0
    assert row.summary["next"]["target"] == LESSON


def test_who_left_has_no_door_any_more(app: Flask, cast: Cast) -> None:
    enrolled(cast.learner)
    door, lesson = door_of(cast.learner)

    enrolling.withdraw(cast.learner.person_id, "starter", now=NOON + MINUTE)

    assert lesson_door(cast.learner.person_id, "starter", MODULE, LESSON) is None
    assert lesson_door(cast.stranger.person_id, "starter", MODULE, LESSON) is None
    assert lesson.id == LESSON
    assert door.is_open


def test_nothing_is_marked_behind_a_shut_door(app: Flask, cast: Cast) -> None:
    enrolled(cast.learner)
    door, lesson = door_of(cast.learner)
    shut = LessonDoor(
        door.enrollment_id, door.release_id, True, False, door.lesson_revision_id, None, None
    )  # the door's own order

    with pytest.raises(LessonShut):
        studying.complete_lesson(cast.learner.person_id, shut, lesson, now=NOON)
    with pytest.raises(LessonShut):
        studying.answer_check(cast.learner.person_id, shut, lesson, "order-first", ["o2"], now=NOON)


def test_the_person_is_locked_before_the_lesson_is_noted(app: Flask, cast: Cast) -> None:
    """A row that refers to a person holds them a little: two such rows at once would then wait for each other's person."""
    enrolled(cast.learner)
    door, lesson = door_of(cast.learner, "warm-up-time")

    with statements(app) as sent:
        studying.complete_lesson(cast.learner.person_id, door, lesson, now=NOON)

    noted = next(place for place, statement in enumerate(sent) if statement.startswith("INSERT INTO lesson_completion"))
    assert any("FROM person" in statement for statement in sent[:noted])
