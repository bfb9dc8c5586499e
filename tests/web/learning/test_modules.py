"""A module, and addresses that name a lesson or module alone."""

from __future__ import annotations

import pytest
from flask import Flask

from lms.content.models import DocumentKind, FormerId
from lms.foundation.database import db
from lms.pathway.models import StandingRow
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.studying import FIRST_MODULE, LESSON, be_member_of_age, enrolled, pass_quiz, read

MODULE = "/learn/starter/warming-up"


def test_a_module_lists_its_lessons_and_its_quiz(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = as_learner.get(MODULE).text

    assert "What a warm-up is for" in page
    assert "Begin with" in page
    assert f'href="{LESSON}"' in page
    assert "Not tried yet" in page
    assert "Put the parts of a warm-up in order" in page


def test_what_is_done_is_marked_and_the_button_goes_on(as_learner: Browser, cast: Cast) -> None:
    read(enrolled(cast.learner), "warm-up-order")

    page = as_learner.get(MODULE).text

    assert "1 of 2 done" in page
    assert "Go on with" in page


def test_the_best_result_of_the_quiz_stands_there(as_learner: Browser, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)
    pass_quiz(enrollment, FIRST_MODULE, right=0)
    assert "Best so far 0 %" in as_learner.get(MODULE).text

    pass_quiz(enrollment, FIRST_MODULE, right=1)

    assert "Passed, best 50 %" in as_learner.get(MODULE).text


@pytest.mark.parametrize("address", ["/learn/starter/no-such", "/learn/judge/warming-up", "/learn/no-such/warming-up"])
def test_a_module_that_is_not_of_this_program_is_not_found(as_learner: Browser, cast: Cast, address: str) -> None:
    enrolled(cast.learner)
    enrolled(cast.learner, "judge")

    assert as_learner.get(address).status_code == 404


def test_who_is_not_enrolled_is_led_to_the_program(as_stranger: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert as_stranger.get(MODULE).location == "/programs/starter"


def test_a_shut_stage_says_what_opens_it_and_shows_no_content(as_learner: Browser, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)
    row = db.session.get_one(StandingRow, enrollment.id)
    row.reachable = []

    for address in (MODULE, LESSON):
        page = as_learner.get(address)

        assert page.status_code == 200
        assert "is not open to you yet" in page.text
        assert "A warm-up goes from" not in page.text


# ---- finding


def test_a_lesson_alone_leads_into_my_program(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert as_learner.get("/learn/lessons/warm-up-order").location == LESSON
    assert as_learner.get("/learn/modules/warming-up").location == MODULE


def test_the_program_one_is_in_wins(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    enrolled(cast.learner, "coach")

    assert as_learner.get("/learn/lessons/clear-sector").location == "/learn/coach/throwing-safely/clear-sector"


def test_who_is_in_none_is_led_to_one_that_has_it(as_stranger: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert as_stranger.get("/learn/lessons/warm-up-order").location == "/programs/coach"
    assert as_stranger.get("/learn/modules/warming-up").location == "/programs/coach"


def test_a_former_id_is_followed(as_learner: Browser, app: Flask, cast: Cast) -> None:
    enrolled(cast.learner)
    db.session.add(FormerId(kind=DocumentKind.LESSON, former_id="old-order", document_id="warm-up-order"))
    db.session.add(FormerId(kind=DocumentKind.MODULE, former_id="heating-up", document_id="warming-up"))

    assert as_learner.get("/learn/lessons/old-order").location == LESSON
    assert as_learner.get("/learn/modules/heating-up").location == MODULE
    assert as_learner.get("/learn/starter/warming-up/old-order").location == LESSON


@pytest.mark.parametrize("address", ["/learn/lessons/no-such", "/learn/modules/no-such", "/learn/lessons/%00"])
def test_what_nobody_has_is_not_found(as_learner: Browser, cast: Cast, address: str) -> None:
    enrolled(cast.learner)

    assert as_learner.get(address).status_code == 404


def test_strangers_sign_in_first(client: Browser) -> None:
    assert client.get("/learn/lessons/warm-up-order").location == "/signin?next=/learn/lessons/warm-up-order"
