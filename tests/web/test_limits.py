"""How much one person may send: generous to hands, closed to loops, and never in the way of an exam."""

from __future__ import annotations

import pytest
from flask import Flask
from limits import parse
from sqlalchemy import select

from lms.accounts.models import Claim
from lms.foundation.database import db
from lms.web import limits
from tests.support.browser import Browser
from tests.support.cast import Cast

FORM = "/account"


@pytest.fixture
def three_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WRITES", (parse("3 per minute"),))


@pytest.mark.usefixtures("three_a_minute")
def test_who_sends_too_much_is_refused_and_told_when_to_come_back(as_learner: Browser) -> None:
    born = {"kind": "birth_date", "value-day": "1", "value-month": "2", "value-year": "1990"}
    answers = [as_learner.post_form("/account/claims/new", born) for _time in range(4)]

    assert [answer.status_code for answer in answers][3] == 429
    assert answers[3].headers["Retry-After"] == "60"
    assert len(db.session.scalars(select(Claim)).all()) <= 3


@pytest.mark.usefixtures("three_a_minute")
def test_another_person_from_the_same_address_is_not_counted_with_them(
    as_learner: Browser, as_stranger: Browser
) -> None:
    for _time in range(4):
        as_learner.post_form(FORM)

    assert as_stranger.post_form(FORM).status_code == 422


@pytest.mark.usefixtures("three_a_minute")
def test_an_answer_of_an_exam_is_counted_apart_and_signing_out_not_at_all(as_learner: Browser) -> None:
    for _time in range(4):
        as_learner.post_form(FORM)

    assert as_learner.post_form(FORM).status_code == 429
    assert as_learner.post_form("/exams/attempts/nothing/items/1").status_code == 404
    assert as_learner.post_form("/signout").status_code == 303


@pytest.mark.usefixtures("three_a_minute")
def test_reading_is_not_counted(as_learner: Browser) -> None:
    assert {as_learner.get(FORM).status_code for _time in range(6)} == {200}


def test_a_whole_exam_saved_every_second_stays_within_its_limit() -> None:
    assert all(limit.amount / limit.get_expiry() >= 20 for limit in limits.FREQUENT_WRITES)


def test_the_endpoints_that_are_counted_apart_exist(app: Flask, cast: Cast) -> None:
    assert set(app.view_functions) >= {*limits.SENT_WHILE_ONE_WORKS, limits.SIGN_OUT}
