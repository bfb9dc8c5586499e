"""The page of one program, and entering it from there."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.accounts.models import Claim, ClaimStatus
from lms.catalog.models import Enrollment
from lms.content.models import DocumentKind, FormerId
from lms.foundation import clock
from lms.foundation.database import db
from lms.requirements import Part, Program, Stage, Track
from lms.usecases import claiming
from lms.web.catalog.forms import chosen_track, enrol_form
from lms.web.catalog.pages.program import selection_of
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.claims import state
from tests.support.classes import COACH_CLASS, announce
from tests.support.moments import DAY
from tests.support.studying import be_member_of_age, enrolled, pass_modules


def verdicts(page: str) -> list[str]:
    return re.findall(r'<li class="requirement" data-verdict="([^"]+)"', page)


def enrolments() -> list[Enrollment]:
    return list(db.session.scalars(select(Enrollment)))


def test_anyone_reads_what_it_is_and_what_it_asks(client: Browser) -> None:
    page = client.get("/programs/coach").text

    assert "Modules, a live class and an exam, for members of age." in page
    assert "Current membership" in page
    assert "At least 18 years old" in page
    assert "Asked again for each class" in page
    assert verdicts(page) == []


def test_the_outline_names_stages_modules_and_lessons(client: Browser) -> None:
    page = client.get("/programs/coach").text

    assert "1. Basics" in page
    assert "Warming up" in page
    assert "The order of a warm-up" in page
    assert "3. Exam" in page


def test_beside_each_requirement_stands_my_own(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)

    page = as_learner.get("/programs/coach").text

    assert verdicts(page) == ["met", "met"]
    assert 'action="/programs/coach/enrollment"' in page


def test_what_is_missing_stands_in_place_of_the_button_with_its_remedy(as_learner: Browser) -> None:
    page = as_learner.get("/programs/coach").text

    assert "2 things are missing:" in page
    assert "/account/claims/new?kind=membership" in page
    assert 'action="/programs/coach/enrollment"' not in page


def test_next_classes_are_linked(client: Browser, cast: Cast) -> None:
    offering = announce(stage=COACH_CLASS, starts_at=clock.now() + 9 * DAY)

    assert f"/classes/{offering.token}" in client.get("/programs/coach").text


@pytest.mark.parametrize("id_", ["no-such", "%00", "..%2Fcoach", "x" * 300])
def test_there_is_no_page_of_a_program_that_does_not_exist(client: Browser, id_: str) -> None:
    assert client.get(f"/programs/{id_}").status_code == 404


def test_a_former_id_leads_to_the_program(client: Browser, app: Flask) -> None:
    db.session.add(FormerId(kind=DocumentKind.PROGRAM, former_id="trainer", document_id="coach"))

    answer = client.get("/programs/trainer")

    assert (answer.status_code, answer.location) == (301, "/programs/coach")


def test_selection_and_unpublished_parts_are_said_plainly(app: Flask) -> None:
    stages = (Stage("one", "One", "module_set", parts=(Part("m", "M", minutes=90),)), Stage("two", "Two", "exam"))
    program = Program("p", "P", "pathway", "online", hours=Decimal(22), stages=stages, selection=True)

    with app.test_request_context():
        said = selection_of(program)

    assert "1 h 30 min" in said
    assert "22 hours in full" in said


# ---- entering


def test_a_program_with_event_groups_asks_for_one(app: Flask) -> None:
    program = Program("p", "P", "pathway", "online", tracks=(Track("jumps", "Jumps"), Track("throws", "Throws")))

    with app.test_request_context(method="POST", data={"track": "swimming"}):
        form = enrol_form(program)
        form.validate()
    with app.test_request_context(method="POST", data={"track": "throws"}):
        chosen = chosen_track(enrol_form(program))

    assert form.track.errors
    assert chosen == "throws"


def test_enrolling_leads_to_the_track(as_learner: Browser, cast: Cast) -> None:
    answer = as_learner.post_form("/programs/starter/enrollment")

    assert (answer.status_code, answer.location) == (303, "/learn/starter")
    assert [one.person_id for one in enrolments()] == [cast.learner.person_id]


def test_who_is_not_ready_is_refused_with_the_whole_list(as_learner: Browser) -> None:
    answer = as_learner.post_form("/programs/coach/enrollment")

    assert answer.status_code == 409
    assert "2 things are missing:" in answer.text
    assert enrolments() == []


def test_a_second_press_leads_to_the_same_track(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    answer = as_learner.post_form("/programs/starter/enrollment")

    assert (answer.status_code, answer.location) == (303, "/learn/starter")
    assert len(enrolments()) == 1


def test_who_is_not_signed_in_signs_in_and_comes_back(client: Browser) -> None:
    answer = client.post_form("/programs/starter/enrollment")

    assert (answer.status_code, answer.location) == (303, "/signin?next=/programs/starter")
    assert enrolments() == []


def test_without_its_token_nothing_is_entered(as_learner: Browser) -> None:
    assert as_learner.post("/programs/starter/enrollment").status_code == 400
    assert enrolments() == []


def test_an_unknown_program_can_not_be_entered(as_learner: Browser) -> None:
    assert as_learner.post_form("/programs/no-such/enrollment").status_code == 404


def test_who_is_enrolled_goes_on_from_here(as_learner: Browser, as_stranger: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert "You are enrolled" in as_learner.get("/programs/starter").text
    assert "You are enrolled" not in as_stranger.get("/programs/starter").text


def test_who_completed_it_sees_so_and_may_enter_again(as_learner: Browser, cast: Cast) -> None:
    pass_modules(enrolled(cast.learner))

    page = as_learner.get("/programs/starter").text

    assert "You completed it once" in page
    assert "Enroll again" in page


def test_what_the_staff_asked_stands_where_it_is_needed_with_the_way_to_answer(as_learner: Browser, cast: Cast) -> None:
    claim = state(cast.learner.person_id)
    before = as_learner.get("/programs/coach").text
    claiming.decide(claim, cast.staff.viewer(), ClaimStatus.NEEDS_MORE, "Which <b>club</b>?", now=clock.now())
    db.session.commit()

    page = as_learner.get("/programs/coach").text

    assert "You need do nothing" in before
    assert "You need do nothing" not in page
    assert "More is needed" in page
    assert "Which &lt;b&gt;club&lt;/b&gt;?" in page
    assert "/account/claims/new?kind=membership" in page


def test_what_is_being_checked_is_not_called_missing(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    db.session.execute(update(Claim).where(Claim.kind == "membership").values(status=ClaimStatus.SUBMITTED))
    db.session.commit()

    card = as_learner.get("/programs/coach").text.partition('id="enter"')[2]

    assert "Being checked by the staff:" in card
    assert "is missing" not in card
