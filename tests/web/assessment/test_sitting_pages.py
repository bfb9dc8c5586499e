"""The sitting as its learner walks it, with a browser that has no script."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lms.assessment import queries
from lms.assessment.models import AnswerEntry, Attempt, AttemptStatus
from lms.assessment.queries import Place
from lms.foundation import clock
from lms.foundation.database import db
from lms.usecases import starting, submitting
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.sittings import answer_all, enrol, open_forms, sit, values_of
from tests.support.statements import statements

JUDGE = "/exams/judge/judges-exam"


@pytest.fixture
def attempt(app: Flask, cast: Cast) -> Attempt:
    return sit(cast, cast.learner, now=clock.now())


def at(attempt: Attempt, rest: str = "") -> str:
    return f"/exams/attempts/{attempt.token}{rest}"


def sequence_on(page: TestResponse) -> str:
    found = re.search(r'name="sequence" value="(\d+)"', page.text)
    assert found
    return found[1]


def place_of(attempt: Attempt, position: int) -> Place:
    place = queries.sitting(attempt).place(position)
    assert place is not None
    return place


def run_out(attempt: Attempt) -> None:
    assert attempt.deadline_at is not None
    hour = timedelta(hours=1)
    moments = {"started_at": attempt.started_at - hour, "deadline_at": attempt.deadline_at - hour}
    db.session.execute(update(Attempt).values(**moments))
    db.session.commit()


# --- before it ---


def test_the_page_before_an_exam_says_its_rules_and_starts_it(app: Flask, cast: Cast, as_learner: Browser) -> None:
    enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam")

    page = as_learner.get(JUDGE)
    started = as_learner.post_form(JUDGE)

    assert page.status_code == 200
    for said in (
        "You have 30 minutes",
        "You pass with 75 %",
        "You have 3 attempts",
        "3 of 3 attempts left",
        "Start the exam",
    ):
        assert said in page.text
    attempt = db.session.scalars(select(Attempt)).one()
    assert (started.status_code, started.location) == (303, at(attempt))


def test_a_shut_exam_lists_everything_that_is_missing_and_offers_no_button(
    app: Flask, cast: Cast, as_learner: Browser
) -> None:
    enrollment = enrol(cast.learner, "starter")
    enrollment.program_id = "coach"  # enrolled without a membership, as after it lapsed

    page = as_learner.get("/exams/coach/coach-exam")
    refused = as_learner.post_form("/exams/coach/coach-exam")

    assert "What opens it" in page.text
    assert "Start the exam" not in page.text
    assert refused.status_code == 409
    assert "What opens it" in refused.text
    assert db.session.scalars(select(Attempt)).all() == []


def test_a_refused_start_explains_itself_on_the_page(app: Flask, cast: Cast, as_learner: Browser) -> None:
    enrol(cast.learner, "judge")

    page = as_learner.get(JUDGE)
    refused = as_learner.post_form(JUDGE)

    assert ">No form of this exam is open yet.<" in page.text
    assert refused.status_code == 409
    assert "No form of this exam is open yet." in refused.text


def test_who_is_not_enrolled_finds_nothing(app: Flask, cast: Cast, as_stranger: Browser) -> None:
    for path in (JUDGE, "/exams/judge/no-such-exam", "/exams/nowhere/judges-exam", "/exams/find/judges-exam"):
        assert as_stranger.get(path).status_code == 404
        assert as_stranger.post_form(path).status_code in {404, 405}


def test_a_remedy_that_names_the_exam_alone_leads_to_it(app: Flask, cast: Cast, as_learner: Browser) -> None:
    enrol(cast.learner, "judge")

    assert as_learner.get("/exams/find/judges-exam").location == JUDGE


def test_nobody_sits_without_signing_in(attempt: Attempt, client: Browser) -> None:
    page = client.get(at(attempt, "/items/1"))
    save = client.post_json(at(attempt, "/items/1"), {"sequence": 1, "answer": ["0"]})

    assert page.status_code == 302
    assert "/signin" in page.location
    assert save.status_code == 401


# --- the sitting ---


def test_an_item_shows_its_options_by_place_and_never_by_id(attempt: Attempt, as_learner: Browser) -> None:
    page = as_learner.get(at(attempt, "/items/1"))

    assert page.status_code == 200
    assert re.findall(r'type="radio" name="answer" value="(\w+)"', page.text) == ["0", "1", "2", "3"]
    assert "judge-item" not in page.text.replace("judge-item-1: Which", "")
    assert page.headers["Cache-Control"] == "no-store"


def test_a_button_saves_and_goes_on(attempt: Attempt, as_learner: Browser) -> None:
    place = place_of(attempt, 1)
    page = as_learner.get(at(attempt, "/items/1"))

    saved = as_learner.post_form(
        at(attempt, "/items/1"),
        {"sequence": sequence_on(page), "answer": values_of(place, right=True), "next": "1"},
    )
    again = as_learner.get(at(attempt, "/items/1"))

    assert (saved.status_code, saved.location) == (303, at(attempt, "/items/2"))
    assert re.search(r'value="\d" checked', again.text)
    assert "1 of 4 answered" in again.text
    assert int(sequence_on(again)) > int(sequence_on(page))


def test_every_button_saves_before_it_leads_away(attempt: Attempt, as_learner: Browser) -> None:
    ways: list[tuple[dict[str, str], str]] = [
        ({"next": "1"}, "/items/3"),
        ({"previous": "1"}, "/items/1"),
        ({"goto": "4"}, "/items/4"),
        ({"goto": "4 or so"}, ""),
        ({"review": "1"}, "/submission"),
        ({}, ""),
    ]
    for number, (button, leads_to) in enumerate(ways, start=1):
        saved = as_learner.post_form(at(attempt, "/items/2"), {"sequence": str(number), "answer": ["0"], **button})

        assert saved.location == at(attempt, leads_to)
        assert len(db.session.scalars(select(AnswerEntry)).all()) == number


def test_a_flag_stays_until_it_is_taken_away(attempt: Attempt, as_learner: Browser) -> None:
    as_learner.post_form(at(attempt, "/items/1"), {"sequence": "1", "flagged": "1"})
    flagged = as_learner.get(at(attempt, "/items/1"))
    as_learner.post_form(at(attempt, "/items/1"), {"sequence": sequence_on(flagged)})
    plain = as_learner.get(at(attempt, "/items/1"))

    assert "Flagged 1" in flagged.text
    assert "Flagged 1" not in plain.text


def test_an_old_window_is_told_that_another_answer_stands(attempt: Attempt, as_learner: Browser) -> None:
    old = sequence_on(as_learner.get(at(attempt, "/items/1")))
    as_learner.post_form(at(attempt, "/items/1"), {"sequence": str(int(old) + 5000), "answer": ["1"]})

    late = as_learner.post_form(at(attempt, "/items/1"), {"sequence": old, "answer": ["2"], "next": "1"})

    assert late.location == at(attempt, "/items/1")
    assert "in another window" in as_learner.get(late.location).text


def test_what_no_page_sends_comes_back_with_its_reason(attempt: Attempt, as_learner: Browser) -> None:
    for answer in (["o1"], ["9"], ["0", "1"]):
        page = as_learner.post_form(at(attempt, "/items/1"), {"sequence": "1", "answer": answer, "next": "1"})

        assert page.status_code == 422
        assert "This is not saved yet" in page.text
    assert db.session.scalars(select(AnswerEntry)).all() == []


def test_a_text_that_can_not_be_saved_comes_back_as_it_was_typed(attempt: Attempt, as_learner: Browser) -> None:
    typed = "3000 <m> and so on " * 600

    page = as_learner.post_form(at(attempt, "/items/3"), {"sequence": "1", "answer": typed})

    assert page.status_code == 422
    assert typed.replace("<", "&lt;").replace(">", "&gt;").strip() in page.text


def test_a_save_without_a_number_is_refused(attempt: Attempt, as_learner: Browser) -> None:
    for sequence in ("", "0", "-1", "1000000001", "now"):
        page = as_learner.post_form(at(attempt, "/items/1"), {"sequence": sequence, "answer": ["0"]})

        assert page.status_code == 422
    assert db.session.scalars(select(AnswerEntry)).all() == []


def test_a_position_beyond_the_sitting_is_not_found(attempt: Attempt, as_learner: Browser) -> None:
    for position in ("0", "5", "999999999999"):
        assert as_learner.get(at(attempt, f"/items/{position}")).status_code == 404
        assert as_learner.post_form(at(attempt, f"/items/{position}"), {"sequence": "1"}).status_code == 404


def test_the_script_gets_a_receipt(attempt: Attempt, as_learner: Browser) -> None:
    first = as_learner.post_json(at(attempt, "/items/1"), {"sequence": 20, "answer": ["0"]})
    stale = as_learner.post_json(at(attempt, "/items/1"), {"sequence": 10, "answer": ["1"]})

    assert first.status_code == stale.status_code == 200
    assert (first.json["sequence"], first.json["stands"]) == (20, True)  # type: ignore[index]  # a receipt
    assert (stale.json["sequence"], stale.json["stands"]) == (20, False)  # type: ignore[index]  # it is JSON, or the test fails here
    assert stale.json["saved_at"] == first.json["saved_at"]  # type: ignore[index]  # it is JSON, or the test fails here
    assert 1700 < first.json["remaining_seconds"] <= 1800  # type: ignore[index]  # it is JSON, or the test fails here
    assert set(first.json) == {"sequence", "saved_at", "stands", "remaining_seconds"}  # type: ignore[arg-type]


def test_a_save_takes_three_statements_the_viewers_included(app: Flask, attempt: Attempt, as_learner: Browser) -> None:
    token = as_learner.form_token()
    address = at(attempt, "/items/1")
    as_learner.get(address)

    with statements(app) as sent:
        saved = as_learner.post(
            address,
            data={"sequence": "900", "answer": "0", "csrf_token": token},
            headers={"Accept": "application/json"},
        )

    assert saved.status_code == 200
    assert len(sent) <= 3, sent


def test_a_page_of_a_sitting_takes_as_many_statements_for_any_number_of_answers(
    app: Flask, attempt: Attempt, as_learner: Browser
) -> None:
    address = at(attempt, "/items/2")
    as_learner.get(address)
    with statements(app) as before:
        as_learner.get(address)
    answer_all(attempt, now=clock.now())

    with statements(app) as after:
        as_learner.get(address)

    assert len(after) == len(before) <= 5, after


def test_the_address_of_a_sitting_leads_to_where_it_goes_on(attempt: Attempt, as_learner: Browser) -> None:
    first = as_learner.get(at(attempt)).location
    answer_all(attempt, now=clock.now())

    assert first == at(attempt, "/items/1")
    assert as_learner.get(at(attempt)).location == at(attempt, "/submission")


# --- its end ---


def test_the_summary_says_what_submitting_means(attempt: Attempt, as_learner: Browser) -> None:
    as_learner.post_form(at(attempt, "/items/1"), {"sequence": "1", "answer": ["0"]})

    page = as_learner.get(at(attempt, "/submission"))

    assert "3 of 4 items have no answer yet" in page.text
    assert "After you submit, nothing can be changed" in page.text


def test_one_item_without_an_answer_is_said_in_the_singular(attempt: Attempt, as_learner: Browser) -> None:
    for position in (1, 2, 3):
        as_learner.post_form(at(attempt, f"/items/{position}"), {"sequence": "1", "answer": ["0"]})

    assert "1 of 4 items has no answer yet" in as_learner.get(at(attempt, "/submission")).text


def test_submitting_leads_to_the_result_and_again_to_the_same(attempt: Attempt, as_learner: Browser) -> None:
    answer_all(attempt, now=clock.now())

    first = as_learner.post_form(at(attempt, "/submission"))
    again = as_learner.post_form(at(attempt, "/submission"))
    page = as_learner.get(first.location)

    assert first.status_code == again.status_code == 303
    assert first.location == again.location == at(attempt, "/result")
    assert page.text.index("Passed") < page.text.index("4 of 4")
    assert "Your certificate is issued" in page.text


def test_a_failed_exam_says_what_comes_next_and_what_to_read_again(attempt: Attempt, as_learner: Browser) -> None:
    answer_all(attempt, right=1, now=clock.now())
    as_learner.post_form(at(attempt, "/submission"))

    page = as_learner.get(at(attempt, "/result"))

    assert "Not passed" in page.text
    assert "2 of 3 attempts left" in page.text
    assert "Read again" in page.text
    assert "Worth reading again" not in page.text, "the profile has said it"
    assert "Your answers" not in page.text


def test_a_quiz_shows_what_was_right_and_why(app: Flask, cast: Cast, as_learner: Browser) -> None:
    enrol(cast.learner, "starter")
    attempt = starting.start(cast.learner.person_id, "starter", "warming-up-quiz", now=clock.now())
    answer_all(attempt, right=1, now=clock.now())
    explanation = place_of(attempt, 1).document.explanation_html

    sitting = as_learner.get(at(attempt, "/items/1"))
    as_learner.post_form(at(attempt, "/submission"))
    page = as_learner.get(at(attempt, "/result"))

    assert "There is no time limit." in sitting.text
    assert "countdown" not in sitting.text
    assert "Your answers" in page.text
    assert page.text.count("Not right") == 1
    assert explanation
    assert explanation in page.text


def test_an_unreadable_answer_after_the_time_does_not_open_the_question_again(
    attempt: Attempt, as_learner: Browser
) -> None:
    run_out(attempt)

    refused = as_learner.post_form(at(attempt, "/items/1"), {"answer": ["0"]})

    assert (refused.status_code, refused.location) == (303, at(attempt))


def test_a_time_that_is_over_is_shown_as_closing_and_the_next_post_closes_it(
    attempt: Attempt, as_learner: Browser
) -> None:
    answer_all(attempt, now=clock.now())
    run_out(attempt)
    # the answers were given before the deadline
    db.session.execute(update(AnswerEntry).values(saved_at=clock.now() - timedelta(minutes=45)))
    db.session.commit()

    pages = [as_learner.get(at(attempt, rest)) for rest in ("", "/items/1", "/submission")]
    late = as_learner.post_form(at(attempt, "/items/1"), {"sequence": "900000000", "answer": ["0"], "next": "1"})
    late_script = as_learner.post_json(at(attempt, "/items/1"), {"sequence": 900000001, "answer": ["0"]})
    still_open = db.session.scalars(select(Attempt)).one().status
    as_learner.post_form(at(attempt, "/submission"))
    page = as_learner.get(at(attempt, "/result"))

    assert all("Everything you saved counts" in one.text for one in pages)
    assert (late.status_code, late.location) == (303, at(attempt))
    assert (late_script.status_code, late_script.json["code"]) == (409, "attempt-closed")  # type: ignore[index]  # it is JSON, or the test fails here
    assert still_open is AttemptStatus.IN_PROGRESS
    assert len(db.session.scalars(select(AnswerEntry)).all()) == 4
    assert "ended by the clock" in page.text
    assert "4 of 4" in page.text


def test_a_closed_sitting_leads_to_its_result(attempt: Attempt, as_learner: Browser) -> None:
    submitting.submit(attempt, now=clock.now())

    assert as_learner.get(at(attempt)).location == at(attempt, "/result")
    assert as_learner.get(at(attempt, "/submission")).location == at(attempt, "/result")
    assert as_learner.get(at(attempt, "/items/1")).status_code == 302
    assert as_learner.post_json(at(attempt, "/items/1"), {"sequence": 1, "answer": ["0"]}).status_code == 409


def test_an_open_sitting_has_no_result_yet(attempt: Attempt, as_learner: Browser) -> None:
    assert as_learner.get(at(attempt, "/result")).location == at(attempt)
