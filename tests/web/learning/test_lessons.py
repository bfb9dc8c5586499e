"""A lesson: read, its checks tried, marked as read."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import insert, select

from lms.foundation.database import db
from lms.learning.models import CheckAnswer, LessonCompletion
from lms.usecases import enrolling
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.moments import NOON
from tests.support.statements import rows_fetched, statements
from tests.support.studying import FIRST_MODULE, LESSON, be_member_of_age, enrolled, pass_modules, pass_quiz, read

THREE = 3
TIME = "/learn/starter/warming-up/warm-up-time"
SECTOR = "/learn/starter/throwing-safely/clear-sector"


def answers() -> list[CheckAnswer]:
    return list(db.session.scalars(select(CheckAnswer).order_by(CheckAnswer.id)))


def completions() -> list[str]:
    return list(db.session.scalars(select(LessonCompletion.lesson_id)))


def check(browser: Browser, item_id: str, *values: str, lesson: str = LESSON) -> str:
    """Answer a check, and read the page one is led to."""
    answer = browser.post_form(f"{lesson}/checks/{item_id}", {"answer": list(values)})
    assert (answer.status_code, answer.location) == (303, f"{lesson}#check-{item_id}")
    return browser.get(lesson).text


# ---- reading


def test_a_lesson_shows_its_text_its_figure_and_its_checks_in_order(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = as_learner.get(LESSON).text

    assert page.index("<strong>easy</strong>") < page.index("<svg", page.index("<article")) < page.index("Check 1 of 2")
    assert "Check 2 of 2" in page
    assert "after this you can put the parts of a warm-up in order" in page
    assert "Lesson 1 of 2" in page


def test_nothing_of_a_key_stands_in_an_unanswered_page(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = as_learner.get(LESSON).text + as_learner.get(SECTOR).text

    assert "Easy movement warms" not in page
    assert "Muscles are still cold" not in page
    assert "retrieve" not in page


def test_a_lesson_takes_three_statements(app: Flask, as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    as_learner.get(LESSON)

    with statements(app) as sent:
        as_learner.get(LESSON)

    assert len(sent) <= THREE


def test_it_still_takes_three_once_its_checks_are_answered(app: Flask, as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    check(as_learner, "order-first", "o1")
    check(as_learner, "order-jog-before-drills", "o1")

    with statements(app) as sent:
        as_learner.get(LESSON)

    assert len(sent) <= THREE


def test_a_lesson_page_is_light(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = as_learner.get(LESSON).text

    assert page.count("<script") == 1
    assert "htmx" not in page
    assert " style=" not in page


def test_reading_changes_nothing(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    as_learner.get(LESSON)

    assert completions() == []
    assert answers() == []


def test_who_is_not_enrolled_is_led_to_the_program(as_stranger: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    answer = as_stranger.get(LESSON)

    assert (answer.status_code, answer.location) == (302, "/programs/starter")


def test_who_left_reads_no_more(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    enrolling.withdraw(cast.learner.person_id, "starter", now=NOON)

    assert as_learner.get(LESSON).location == "/programs/starter"


@pytest.mark.parametrize(
    "address",
    [
        "/learn/starter/warming-up/no-such",
        "/learn/starter/no-such/warm-up-order",
        "/learn/starter/throwing-safely/warm-up-order",
        "/learn/no-such/warming-up/warm-up-order",
        "/learn/judge/warming-up/warm-up-order",
        "/learn/starter/warming-up/%00",
    ],
)
def test_what_does_not_belong_together_is_not_found(as_learner: Browser, cast: Cast, address: str) -> None:
    enrolled(cast.learner)
    enrolled(cast.learner, "judge")

    assert as_learner.get(address).status_code == 404


def test_a_completed_program_can_still_be_read_but_not_marked(as_learner: Browser, cast: Cast) -> None:
    pass_modules(enrolled(cast.learner))

    page = as_learner.get(LESSON)

    assert page.status_code == 200
    assert "Mark as read" not in page.text
    assert as_learner.post_form(f"{LESSON}/completion").status_code == 409


# ---- checks


def test_a_wrong_answer_is_met_with_what_the_author_says_to_it(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = check(as_learner, "order-first", "o1")

    assert 'data-state="not-yet"' in page
    assert "Muscles are still cold." in page
    assert "Easy movement warms" not in page
    assert "Try again" in page


def test_a_right_answer_is_met_with_the_explanation(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = check(as_learner, "order-first", "o2")

    assert 'data-state="right"' in page
    assert "Easy movement warms the muscles" in page


def test_what_an_option_says_is_not_said_twice(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert "Look again at the text above" not in check(as_learner, "order-first", "o1")
    assert "Look again at the text above" in check(as_learner, "sector-call", "stop", lesson=SECTOR)


def test_a_typed_answer_is_kept_as_it_was_typed(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = check(as_learner, "sector-call", '"><script>', lesson=SECTOR)

    assert 'value="&#34;&gt;&lt;script&gt;"' in page
    assert "Not yet" in page


def test_an_empty_answer_is_no_try(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = as_learner.post_form(f"{LESSON}/checks/order-first")

    assert page.status_code == 422
    assert "Answer the question first" in page.text
    assert answers() == []


def test_a_refused_answer_is_read_where_it_was_given(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = as_learner.get(LESSON).text

    assert f'id="check-order-first" method="post" action="{LESSON}/checks/order-first#check-order-first"' in page


@pytest.mark.parametrize("value", ["o9", "\x00", "x" * 20_000])
def test_what_no_page_sends_is_refused(as_learner: Browser, cast: Cast, value: str) -> None:
    enrolled(cast.learner)

    assert as_learner.post_form(f"{LESSON}/checks/order-first", {"answer": value}).status_code == 422
    assert answers() == []


@pytest.mark.parametrize("item_id", ["sector-call", "bank-last", "no-such"])
def test_a_check_of_another_lesson_is_not_found(as_learner: Browser, cast: Cast, item_id: str) -> None:
    enrolled(cast.learner)

    assert as_learner.post_form(f"{LESSON}/checks/{item_id}", {"answer": "o1"}).status_code == 404


def test_strangers_answer_nothing(as_stranger: Browser, client: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert as_stranger.post_form(f"{LESSON}/checks/order-first", {"answer": "o2"}).status_code == 404
    assert client.post_form(f"{LESSON}/checks/order-first", {"answer": "o2"}).location == "/signin"
    assert answers() == []


def test_an_answer_is_mine_alone(as_learner: Browser, as_stranger: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    enrolled(cast.stranger)

    check(as_learner, "order-first", "o1")

    assert "Muscles are still cold." not in as_stranger.get(LESSON).text


# ---- marking as read


def test_marking_waits_for_the_checks_and_says_which(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    check(as_learner, "order-first", "o2")

    page = as_learner.post_form(f"{LESSON}/completion")

    assert page.status_code == 422
    assert "One check of this lesson is still to be answered rightly." in page.text
    assert re.findall(r'<li><a href="#(check-[^"]+)">', page.text) == ["check-order-jog-before-drills"]
    assert completions() == []


def test_marking_goes_on_to_the_first_lesson_not_done(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    check(as_learner, "order-first", "o2")
    check(as_learner, "order-jog-before-drills", "o1")

    answer = as_learner.post_form(f"{LESSON}/completion")

    assert (answer.status_code, answer.location) == (303, TIME)
    assert completions() == ["warm-up-order"]


def test_a_lesson_skipped_comes_before_the_quiz(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert as_learner.post_form(f"{TIME}/completion").location == LESSON


def test_after_the_last_lesson_comes_the_quiz(as_learner: Browser, cast: Cast) -> None:
    read(enrolled(cast.learner), "warm-up-order")

    assert as_learner.post_form(f"{TIME}/completion").location == "/exams/starter/warming-up-quiz"


def test_with_the_quiz_passed_comes_the_track(as_learner: Browser, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)
    read(enrollment, "warm-up-order")
    pass_quiz(enrollment, FIRST_MODULE)

    assert as_learner.post_form(f"{TIME}/completion").location == "/learn/starter"


def test_a_done_lesson_only_leads_on(as_learner: Browser, cast: Cast) -> None:
    read(enrolled(cast.learner), "warm-up-order")

    page = as_learner.get(LESSON).text

    assert "Mark as read" not in page
    assert f'rel="next" href="{TIME}"' in page
    assert 'data-state="done"' in page


def test_nobody_marks_for_another(as_stranger: Browser, client: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert as_stranger.post_form(f"{TIME}/completion").status_code == 404
    assert client.post_form(f"{TIME}/completion").location == "/signin"
    assert completions() == []


def test_without_its_token_nothing_is_marked(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert as_learner.post(f"{TIME}/completion").status_code == 400
    assert completions() == []


def test_the_same_lesson_in_another_program_is_its_own(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    enrolled(cast.learner, "coach")
    read(enrolled(cast.learner), "warm-up-order")

    assert "Mark as read" in as_learner.get(LESSON.replace("starter", "coach")).text


def test_a_lesson_reads_no_more_of_five_hundred_tries_than_of_five(app: Flask, as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    check(as_learner, "order-first", "o1")

    def tries(count: int) -> None:
        known = db.session.scalars(select(CheckAnswer).order_by(CheckAnswer.id)).first()
        assert known is not None
        kept = {c.name: getattr(known, c.name) for c in CheckAnswer.__table__.columns if c.name != "id"}
        db.session.execute(insert(CheckAnswer), [kept] * count)
        db.session.commit()

    tries(4)
    with statements(app) as few, rows_fetched() as few_rows:
        as_learner.get(LESSON)
    tries(495)
    with statements(app) as many, rows_fetched() as many_rows:
        as_learner.get(LESSON)

    assert (len(many), sum(many_rows)) == (len(few), sum(few_rows))
