"""A program as a track, and leaving it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.foundation import clock
from lms.foundation.database import db
from lms.usecases import booking
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.classes import COACH_CLASS, announce, end_membership
from tests.support.moments import LONG_AGO, NOON
from tests.support.studying import FIRST_MODULE, be_member_of_age, enrolled, pass_modules, pass_quiz, read


def states(page: str) -> list[str]:
    return re.findall(r'<section class="stage" data-state="([^"]+)"', page)


def test_the_track_draws_the_stages_and_the_runner(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    read(enrolled(cast.learner, "coach"), "warm-up-order")

    page = as_learner.get("/learn/coach").text

    assert 'class="lap lap-page"' in page
    assert 'class="lap lap-phone"' in page
    assert states(page) == ["in_progress", "shut", "shut"]
    assert "You are here" in page
    assert "Next: How long a warm-up lasts" in page


def test_a_shut_stage_says_what_opens_it(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    enrolled(cast.learner, "coach")

    page = as_learner.get("/learn/coach").text

    assert "Basics: 2 of 2 modules still to do" in page
    assert "Live class: attend all of it" in page
    assert "Current membership" in page


def test_an_open_class_leads_to_the_classes(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    pass_modules(enrolled(cast.learner, "coach"))

    page = as_learner.get("/learn/coach").text

    assert states(page) == ["complete", "open", "shut"]
    assert 'href="/classes?stage=coach-class"' in page


def test_a_class_with_a_seat_in_it_leads_to_that_class(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    pass_modules(enrolled(cast.learner, "coach"))
    offering = announce(stage=COACH_CLASS, starts_at=clock.now() + timedelta(days=7))
    booking.book(cast.learner.person_id, offering.token, now=clock.now())
    db.session.commit()

    page = as_learner.get("/learn/coach").text

    assert states(page) == ["complete", "in_progress", "shut"]
    assert "See my class" in page
    assert "book a seat" not in page


def test_one_module_of_two_still_to_do_is_counted_in_words_that_agree(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    enrollment = enrolled(cast.learner, "coach")
    read(enrollment, "warm-up-order", "warm-up-time")
    pass_quiz(enrollment, FIRST_MODULE)

    assert "Basics: 1 of 2 modules still to do" in as_learner.get("/learn/coach").text


def test_an_open_exam_leads_to_its_page(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner, "judge")

    assert 'href="/exams/judge/judges-exam"' in as_learner.get("/learn/judge").text


def test_a_completed_program_leads_to_its_certificate(as_learner: Browser, cast: Cast) -> None:
    pass_modules(enrolled(cast.learner))

    page = as_learner.get("/learn/starter").text

    assert states(page) == ["complete"]
    assert re.search(r'href="/certificates/[0-9A-Z]{26}"', page)
    assert "Leave this program" not in page


def test_an_ended_membership_shows_at_the_door_that_asks_for_it(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    pass_modules(enrolled(cast.learner, "coach"))
    end_membership(cast.learner, LONG_AGO.date())

    page = as_learner.get("/learn/coach").text

    assert "What its door asks on the day" in page
    assert 'data-verdict="unmet"' in page


def test_who_is_not_enrolled_is_led_to_the_program(as_stranger: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    answer = as_stranger.get("/learn/starter")

    assert (answer.status_code, answer.location) == (302, "/programs/starter")
    assert "Enroll first" in as_stranger.get("/programs/starter").text


@pytest.mark.parametrize("address", ["/learn/no-such", "/learn/%00", "/learn/no-such/withdrawal"])
def test_there_is_no_track_of_a_program_that_does_not_exist(as_learner: Browser, address: str) -> None:
    assert as_learner.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/learn/starter", "/learn/starter/withdrawal", "/learn/starter/warming-up"])
def test_strangers_sign_in_first(client: Browser, address: str) -> None:
    assert client.get(address).location == f"/signin?next={address}"


# ---- leaving


def test_leaving_asks_once_and_then_does_it(as_learner: Browser, cast: Cast) -> None:
    enrollment_id = enrolled(cast.learner).id
    asked = as_learner.get("/learn/starter/withdrawal")
    assert "What you did stays on record" in asked.text

    answer = as_learner.post_form("/learn/starter/withdrawal")

    assert (answer.status_code, answer.location) == (303, "/learn")
    assert db.session.get_one(Enrollment, enrollment_id).status is EnrollmentStatus.WITHDRAWN
    assert as_learner.get("/learn/starter").location == "/programs/starter"


def test_asking_changes_nothing(as_learner: Browser, cast: Cast) -> None:
    enrollment_id = enrolled(cast.learner).id

    as_learner.get("/learn/starter/withdrawal")

    assert db.session.get_one(Enrollment, enrollment_id).status is EnrollmentStatus.ACTIVE


def test_nobody_leaves_for_another(as_stranger: Browser, cast: Cast) -> None:
    enrollment_id = enrolled(cast.learner).id

    assert as_stranger.post_form("/learn/starter/withdrawal").status_code == 404
    assert db.session.get_one(Enrollment, enrollment_id).status is EnrollmentStatus.ACTIVE


def test_a_completed_program_can_not_be_left(as_learner: Browser, cast: Cast) -> None:
    pass_modules(enrolled(cast.learner))

    assert as_learner.get("/learn/starter/withdrawal").location == "/learn/starter"
    assert as_learner.post_form("/learn/starter/withdrawal").status_code == 409


def test_an_ended_enrollment_says_why(as_learner: Browser, app: Flask, cast: Cast) -> None:
    enrolled(cast.learner, "judge").end(at=NOON, reason="The attempts are used up.")

    page = as_learner.get("/learn/judge").text

    assert "This enrollment has ended" in page
    assert "The attempts are used up." in page
