"""What is tried on accounts: guessing, listing who has one, locking people out, stolen browsers, twins of addresses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts import services
from lms.accounts.models import Account, RoleGrant, SignInFailure
from lms.accounts.rules import FAILURES_PER_ACCOUNT, email_key, read_email
from lms.foundation import clock
from lms.foundation.database import db
from lms.usecases import registering
from lms.web.limits import limiter
from tests.support.amounts import WHOLE
from tests.support.browser import Browser
from tests.support.cast import PASSWORD, Cast, Member
from tests.support.mails import mails, secret_of
from tests.support.sittings import sit

TWINS = [
    "LEARNER@EXAMPLE.ORG",
    "Learner@Example.Org",
    " learner@example.org\t",
    "learner@example.org.",
    "learner@EXAMPLE。org",
    "ｌｅａｒｎｅｒ@example.org",
    "learner@ｅｘａｍｐｌｅ.org",
    "lеarner@example.org",  # the second letter is Cyrillic
    "learner@exаmple.org",  # so is one here
    "learner@example.org\u200b",
    "\u202elearner@example.org",
    "lea\u00adrner@example.org",
    "learner@exam\u00adple.org",
    "learner\x00@example.org",
    '"learner"@example.org',
    "learner@example.org\r\nBcc: a@example.org",
    "learner@[127.0.0.1]",
    "learner@example.org, other@example.org",
    "Lena <learner@example.org>",
]
FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP")


def sign_in(client: Browser, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post_form("/signin", {"email": email, "password": password}, **more)


def cookie(client: Browser) -> str:
    found = client.get_cookie("baton", domain="localhost")
    assert found is not None
    return found.value


def thief_with(app: Flask, value: str) -> Browser:
    thief = app.test_client()
    assert isinstance(thief, Browser)
    thief.set_cookie("baton", value, domain="localhost")
    return thief


# ---- twins


def test_no_twin_of_an_address_becomes_an_account_that_looks_the_same(app: Flask, cast: Cast) -> None:
    """It is the same account, or no address at all, or an address that is spelled out so that it looks different."""
    for twin in TWINS:
        if (address := read_email(twin)) is not None:
            registering.sign_up("Twin", address, "a hash", zone="UTC", now=clock.now())

    keys = db.session.scalars(select(Account.email_key)).all()
    assert len(keys) > len(cast.everyone())
    assert all(re.fullmatch(r"[!-~]+@[a-z0-9.-]+", key) for key in keys)
    assert keys.count(cast.learner.email) == 1


def test_the_form_takes_no_twin_either(client: Browser, cast: Cast) -> None:
    for twin in TWINS[:: 1 if WHOLE else 6]:
        limiter.reset()
        form = {"name": "Twin", "email": twin, "password": "water jump after the barrier"}
        assert client.post_form("/signup", form).status_code in {303, 422}

    assert db.session.scalar(select(func.count()).where(Account.email_key == cast.learner.email)) == 1


@pytest.mark.parametrize(
    "word", ["ﬁnn@example.org", "İlker@example.org", "ılker@example.org", "straße@example.org", "K@example.org"]
)
def test_letters_that_fold_into_others_stand_for_no_other_account(word: str) -> None:
    read = read_email(word)

    assert read is None or (read.isascii() and email_key(read) == read.lower())


def test_whoever_signs_up_with_a_twin_domain_gets_the_letters_spelled_out(client: Browser, cast: Cast) -> None:
    client.post_form(
        "/signup", {"name": "Twin", "email": "learner@exаmple.org", "password": "water jump after the barrier"}
    )

    made = db.session.scalars(select(Account.email).order_by(Account.id.desc())).first()
    assert made == "learner@xn--exmple-4nf.org"


# ---- guessing, and whom it locks out


def test_a_forwarded_address_buys_no_further_tries(client: Browser, cast: Cast) -> None:
    fail(cast.learner, FAILURES_PER_ACCOUNT, "127.0.0.1")

    answers = {
        header: sign_in(client, cast.learner.email, headers={header: "203.0.113.200"}).status_code
        for header in FORWARDED
    }

    assert set(answers.values()) == {429}


def test_a_failure_is_counted_for_the_address_that_truly_asked(client: Browser, cast: Cast) -> None:
    sign_in(client, cast.learner.email, "wrong", headers=dict.fromkeys(FORWARDED, "203.0.113.200"))

    assert db.session.scalars(select(SignInFailure.address)).all() == ["127.0.0.1"]


def test_no_spelling_of_an_address_buys_further_tries(client: Browser, cast: Cast) -> None:
    """A spelling that finds the account counts for it; one that does not finds nobody, so it cannot guess."""
    fail(cast.learner, FAILURES_PER_ACCOUNT, "192.0.2.9")
    spellings = [*TWINS[:: 1 if WHOLE else 3], "learner+1@example.org", "lear.ner@example.org"]

    opens = [spelling for spelling in spellings if sign_in(client, spelling).status_code == 303]

    assert opens == []


def fail(member: Member, times: int, address: str) -> None:
    for _try in range(times):
        services.record_failure(member.email, address, now=clock.now())


def test_tries_from_elsewhere_lock_nobody_out_of_an_exam_in_progress(
    app: Flask, as_learner: Browser, cast: Cast
) -> None:
    """Whoever is signed in goes on, answers and hands in, however often others fail in their name."""
    attempt = sit(cast, cast.learner, now=clock.now())
    token = attempt.token
    fail(cast.learner, 5 * FAILURES_PER_ACCOUNT, "203.0.113.9")

    saved = as_learner.post_form(f"/exams/attempts/{token}/items/1", {"sequence": "1", "answer": "0"})
    handed_in = as_learner.post_form(f"/exams/attempts/{token}/submission")

    assert (saved.status_code, handed_in.status_code) == (303, 303)


def test_a_browser_that_lost_its_session_in_an_exam_gets_back_in_whoever_else_fails(
    client: Browser, cast: Cast
) -> None:
    """It is known by a cookie of its own, so that a stranger's guesses do not count there."""
    assert sign_in(client, cast.learner.email).status_code == 303
    client.delete_cookie("baton", domain="localhost")
    fail(cast.learner, 5 * FAILURES_PER_ACCOUNT, "203.0.113.9")

    assert sign_in(client, cast.learner.email).status_code == 303


def test_a_browser_that_is_known_for_one_person_guesses_no_other(client: Browser, cast: Cast) -> None:
    assert sign_in(client, cast.stranger.email).status_code == 303
    client.post_form("/signout")
    fail(cast.learner, FAILURES_PER_ACCOUNT, "127.0.0.1")

    assert sign_in(client, cast.learner.email).status_code == 429


# ---- stolen browsers


def test_a_cookie_that_was_planted_before_signing_in_opens_nothing_after(
    app: Flask, client: Browser, cast: Cast
) -> None:
    client.get("/signin")
    client.form_token()
    planted = cookie(client)

    sign_in(client, cast.learner.email)

    assert cookie(client) != planted
    assert thief_with(app, planted).get("/account").status_code == 302


@pytest.mark.parametrize("ends", ["signing out", "a changed password", "a reset password", "a suspension"])
def test_a_stolen_cookie_ends_with(app: Flask, client: Browser, cast: Cast, ends: str) -> None:
    sign_in(client, cast.learner.email)
    thief = thief_with(app, cookie(client))
    assert thief.get("/account").status_code == 200

    end_it(ends, client if ends == "signing out" else second_browser(app, cast.learner), cast.learner)

    assert thief.get("/account").status_code == 302
    assert thief.get("/account/privacy/export.json").status_code == 302


def second_browser(app: Flask, member: Member) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser.sign_in(member)


def end_it(how: str, browser: Browser, member: Member) -> None:
    new = "water jump after the third barrier"
    if how == "signing out":
        browser.post_form("/signout")
    elif how == "a changed password":
        assert browser.post_form("/account/security", {"current": PASSWORD, "password": new}).status_code == 303
    elif how == "a reset password":
        registering.request_reset(member.email, now=clock.now())
        db.session.flush()
        secret = secret_of(mails("reset_password")[-1])
        assert browser.post_form(f"/reset/{secret}", {"password": new}).status_code == 303
    else:
        db.session.get_one(Account, member.account_id).suspended_at = clock.now()


def test_a_role_that_was_taken_away_opens_nothing_on_the_next_request(as_staff: Browser, cast: Cast) -> None:
    assert as_staff.get("/staff/people").status_code == 200

    for grant in db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == cast.staff.person_id)):
        grant.withdrawn_at = clock.now()

    assert as_staff.get("/staff/people").status_code == 404
    assert as_staff.get("/staff/people?format=csv").status_code == 404
