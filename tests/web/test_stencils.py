"""Pages drawn once and filled in for each reader: the same as drawn whole, and nothing of one reader in another's."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.accounts.models import Person
from lms.foundation.database import db
from lms.web import stencils
from lms.web.stencils import EDGE, Stencil
from tests.support.browser import Browser
from tests.support.cast import Cast, Member
from tests.support.studying import LESSON, enrolled, read

HOSTILE = '<b>O\'Neil</b> & "co"'
TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


def call(member: Member, name: str) -> None:
    db.session.get_one(Person, member.person_id).name = name
    db.session.commit()


def page_of(browser: FlaskClient) -> str:
    return TOKEN.sub("", browser.get(LESSON).text)


def answer_both(browser: Browser) -> None:
    for item in ("order-first", "order-jog-before-drills"):
        browser.post_form(f"{LESSON}/checks/{item}", {"answer": "o1"})


@pytest.mark.parametrize("state", ["fresh", "answered", "read"])
def test_a_filled_page_is_the_page_that_is_drawn_whole(
    as_learner: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    call(cast.learner, HOSTILE)
    enrollment = enrolled(cast.learner)
    if state != "fresh":
        answer_both(as_learner)
    if state == "read":
        read(enrollment, "warm-up-order")
    filled = page_of(as_learner)
    monkeypatch.setattr(stencils, "can_be_filled", lambda: False)

    assert filled == page_of(as_learner)
    assert EDGE not in filled


def test_every_form_of_a_filled_page_has_the_readers_own_token(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = as_learner.get(LESSON).text

    forms, tokens = page.count("<form"), set(TOKEN.findall(page))
    assert len(TOKEN.findall(page)) == page.count('method="post"') <= forms
    assert len(tokens) == 1
    token = next(iter(tokens)).split('value="')[1].rstrip('"')
    answer = as_learner.post(f"{LESSON}/completion", data={"csrf_token": token})
    assert answer.status_code in {303, 422}


def test_two_readers_of_one_lesson_share_nothing_of_their_own(app: Flask, cast: Cast) -> None:
    pages = []
    for member, name in ((cast.learner, "Ana Quiroga"), (cast.stranger, "Uwe Zander")):
        call(member, name)
        enrolled(member)
        with app.test_client() as browser:
            assert isinstance(browser, Browser)
            pages.append(browser.sign_in(member).get(LESSON).text)

    first, second = pages
    assert "Ana Quiroga" in first
    assert "Ana Quiroga" not in second
    assert "Uwe Zander" in second
    assert not set(TOKEN.findall(first)) & set(TOKEN.findall(second))
    assert TOKEN.sub("", first).replace("Ana Quiroga", "").replace("AQ", "") == TOKEN.sub("", second).replace(
        "Uwe Zander", ""
    ).replace("UZ", "")


def test_what_the_last_action_said_is_told_once(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    with as_learner.session_transaction() as session:
        session["_flashes"] = [("info", "Your place was kept.")]

    assert "Your place was kept." in as_learner.get(LESSON).text
    assert "Your place was kept." not in as_learner.get(LESSON).text


def test_who_has_a_desk_sees_its_door_and_nobody_else(app: Flask, cast: Cast) -> None:
    doors: list[bool] = []
    for member in (cast.learner, cast.staff, cast.learner):
        if not doors or member is cast.staff:
            enrolled(member)
        with app.test_client() as browser:
            assert isinstance(browser, Browser)
            doors.append('href="/staff"' in browser.sign_in(member).get(LESSON).text)

    assert doors == [False, True, False]


def test_the_theme_of_one_reader_is_not_anothers(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    plain = as_learner.get(LESSON).text
    as_learner.set_cookie("theme", "dark")

    assert 'data-theme="dark"' in as_learner.get(LESSON).text
    as_learner.delete_cookie("theme")
    assert 'data-theme="dark"' not in as_learner.get(LESSON).text
    assert 'data-theme="dark"' not in plain


# ---- the stencil itself


def test_values_are_escaped_unless_they_are_markup() -> None:
    stencil = Stencil(("<p>", "</p>"), ("name",))

    assert stencil.filled({"name": "<b>"}) == "<p>&lt;b&gt;</p>"
    assert stencil.filled({"name": stencils.blank("x")}) == f"<p>{EDGE}x{EDGE}</p>"


def test_a_blank_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Stencil(("<p>", "</p>"), ("name",)).filled({})
