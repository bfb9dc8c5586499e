"""Forgotten and changed passwords, and the list of browsers that are signed in."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts import services
from lms.accounts.models import Account, SignInFailure, SignInSession
from lms.accounts.rules import FAILURES_IN_KNOWN_BROWSER
from lms.accounts.services import password_matches
from lms.foundation import clock
from lms.foundation.database import db
from lms.usecases import registering
from tests.support.browser import Browser
from tests.support.cast import PASSWORD, Cast, Member
from tests.support.mails import mails, secret_of
from tests.support.moments import DAY
from tests.support.pages import masked
from tests.support.statements import statements

NEW_PASSWORD = "water jump after the third barrier"
CHANGE = {"current": PASSWORD, "password": NEW_PASSWORD}


def account_of(member: Member) -> Account:
    account = db.session.get_one(Account, member.account_id)
    db.session.refresh(account)
    return account


def mailed_reset(member: Member) -> str:
    registering.request_reset(member.email, now=clock.now())
    db.session.commit()
    return secret_of(mails("reset_password")[-1])


def sessions(member: Member) -> dict[str, SignInSession]:
    rows = db.session.scalars(select(SignInSession).where(SignInSession.account_id == member.account_id))
    return {row.device: row for row in rows}


def open_session(member: Member, device: str) -> SignInSession:
    row = services.open_session(account_of(member), device=device, now=clock.now())[1]
    db.session.commit()
    return row


def test_asking_for_a_link_is_the_same_for_known_and_unknown_addresses(app: Flask, client: Browser, cast: Cast) -> None:
    client.get("/reset")
    answers, work = [], []
    for email in (cast.learner.email, "nobody@example.org"):
        with statements(app) as sent:
            answers.append(client.post_form("/reset", {"email": email}))
        work.append([statement.split()[:3] for statement in sent])

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/signin")] * 2
    assert answers[0].data == answers[1].data
    assert work[0] == work[1]


@pytest.mark.parametrize("typed", ["", "nobody", "nobody@", "n\x00@example.org"])
def test_what_is_no_address_is_refused(client: Browser, typed: str) -> None:
    page = client.post_form("/reset", {"email": typed})

    assert page.status_code == 422
    assert 'href="#email"' in page.text


def test_the_host_of_a_request_has_no_say_in_what_is_mailed(client: Browser, cast: Cast) -> None:
    client.post_form(
        "/reset", {"email": cast.learner.email}, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    )

    assert "evil" not in str(mails("reset_password"))
    assert mailed_reset(cast.learner)
    assert mails("reset_password")[0]["path"].startswith("/reset/")


def test_a_mailed_link_lets_its_reader_choose_a_password(client: Browser, cast: Cast) -> None:
    secret = mailed_reset(cast.learner)
    session = open_session(cast.learner, "Phone")

    page = client.get(f"/reset/{secret}")
    answer = client.post_form(f"/reset/{secret}", {"password": NEW_PASSWORD})

    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert 'autocomplete="new-password"' in page.text
    assert (answer.status_code, answer.location) == (303, "/signin")
    assert password_matches(account_of(cast.learner).password_hash, NEW_PASSWORD)
    db.session.refresh(session)
    assert session.ended_at is not None


@pytest.mark.parametrize("password", ["", "short", "x" * 201, "lindqvistlindqvist"])
def test_a_weak_password_comes_back_and_the_link_still_works(client: Browser, cast: Cast, password: str) -> None:
    secret = mailed_reset(cast.learner)

    page = client.post_form(f"/reset/{secret}", {"password": password})

    assert page.status_code == 422
    assert 'href="#password"' in page.text
    assert client.get(f"/reset/{secret}").status_code == 200


def test_a_link_works_once_and_then_looks_as_if_it_never_was(client: Browser, cast: Cast) -> None:
    secret = mailed_reset(cast.learner)
    client.post_form(f"/reset/{secret}", {"password": NEW_PASSWORD})
    client.get("/signin")  # reads the message of success away

    used, never = client.get(f"/reset/{secret}"), client.get("/reset/never")
    again = client.post_form(f"/reset/{secret}", {"password": "a third password of mine"})

    assert [used.status_code, never.status_code, again.status_code] == [404, 404, 404]
    assert masked(used) == masked(never) == masked(again)
    assert password_matches(account_of(cast.learner).password_hash, NEW_PASSWORD)


def test_an_old_link_opens_nothing(client: Browser, cast: Cast) -> None:
    registering.request_reset(cast.learner.email, now=clock.now() - DAY)
    db.session.commit()

    assert client.get(f"/reset/{secret_of(mails('reset_password')[-1])}").status_code == 404


def test_without_the_forms_token_no_password_changes(client: Browser, as_learner: Browser, cast: Cast) -> None:
    secret = mailed_reset(cast.learner)

    assert client.post(f"/reset/{secret}", data={"password": NEW_PASSWORD}).status_code == 400
    assert as_learner.post("/account/security", data=CHANGE).status_code == 400
    assert password_matches(account_of(cast.learner).password_hash, PASSWORD)


def test_changing_the_password_keeps_this_browser_alone(as_learner: Browser, cast: Cast) -> None:
    other = open_session(cast.learner, "Phone")

    answer = as_learner.post_form("/account/security", CHANGE)

    assert (answer.status_code, answer.location) == (303, "/account/security")
    assert password_matches(account_of(cast.learner).password_hash, NEW_PASSWORD)
    db.session.refresh(other)
    assert other.ended_at is not None
    assert as_learner.get("/account/security").status_code == 200


def test_a_wrong_current_password_changes_nothing_and_counts_as_a_failure(as_learner: Browser, cast: Cast) -> None:
    page = as_learner.post_form("/account/security", {**CHANGE, "current": "a wrong password"})

    assert page.status_code == 422
    assert 'href="#current"' in page.text
    assert NEW_PASSWORD not in page.text
    assert password_matches(account_of(cast.learner).password_hash, PASSWORD)
    assert len(db.session.scalars(select(SignInFailure)).all()) == 1


def test_guessing_the_current_password_is_throttled(as_learner: Browser, cast: Cast) -> None:
    for _ in range(FAILURES_IN_KNOWN_BROWSER):
        services.record_failure(cast.learner.email, "127.0.0.1", now=clock.now())

    page = as_learner.post_form("/account/security", CHANGE)

    assert page.status_code == 429
    assert password_matches(account_of(cast.learner).password_hash, PASSWORD)


def test_the_list_of_browsers_names_each_and_says_which_is_this(as_learner: Browser, cast: Cast) -> None:
    open_session(cast.learner, "Firefox, Windows")
    open_session(cast.stranger, "Opera, Linux")

    page = as_learner.get("/account/security")

    assert "Firefox, Windows" in page.text
    assert page.text.count("This browser") == 1
    assert "Opera" not in page.text


def test_one_browser_can_be_signed_out(as_learner: Browser, cast: Cast) -> None:
    phone, laptop = open_session(cast.learner, "Phone"), open_session(cast.learner, "Laptop")

    answer = as_learner.post_form(f"/account/security/sessions/{phone.token}/end")

    for row in (phone, laptop):
        db.session.refresh(row)
    assert (answer.status_code, answer.location) == (303, "/account/security")
    assert phone.ended_at is not None
    assert laptop.ended_at is None


def test_all_others_can_be_signed_out_at_once(as_learner: Browser, cast: Cast) -> None:
    open_session(cast.learner, "Phone")
    theirs = open_session(cast.stranger, "Laptop")

    as_learner.post_form("/account/security/sessions/others/end")

    db.session.expire_all()
    ended = {device: row.ended_at is not None for device, row in sessions(cast.learner).items()}
    assert ended == {"Test browser": False, "Phone": True}
    assert theirs.ended_at is None


def test_another_persons_browser_does_not_exist(as_stranger: Browser, cast: Cast) -> None:
    phone = open_session(cast.learner, "Phone")

    theirs = as_stranger.post_form(f"/account/security/sessions/{phone.token}/end")
    never = as_stranger.post_form("/account/security/sessions/never/end")

    db.session.refresh(phone)
    assert theirs.status_code == never.status_code == 404
    assert masked(theirs) == masked(never)
    assert phone.ended_at is None
