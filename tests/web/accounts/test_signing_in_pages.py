"""Signing in and out: one answer for every mistake, fresh cookies, and no way off this site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select

from lms.accounts import queries, services
from lms.accounts.models import Account, RoleGrant, SignInFailure, SignInSession
from lms.accounts.rules import (
    FAILURES_HERE,
    FAILURES_IN_KNOWN_BROWSER,
    FAILURES_PER_ACCOUNT,
    FAILURES_PER_ADDRESS,
    OF_LEARNERS,
    WITH_A_ROLE,
    Lifetime,
)
from lms.foundation import clock
from lms.foundation.database import db
from tests.support.amounts import one_in
from tests.support.browser import Browser
from tests.support.cast import PASSWORD, Cast, Member
from tests.support.moments import MINUTE
from tests.support.pages import masked
from tests.support.statements import statements

UNKNOWN = "nobody@example.org"
HERE = "127.0.0.1"  # where the test's browsers are
SITE = "http://campus.example.org"


def sign_in(client: Browser, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post_form("/signin", {"email": email, "password": password}, **more)


def failures() -> int:
    return db.session.scalar(select(func.count()).select_from(SignInFailure)) or 0


def fail(email: str, times: int, *, address: str = "192.0.2.1", minutes_ago: int = 1) -> None:
    for _ in range(times):
        services.record_failure(email, address, now=clock.now() - minutes_ago * MINUTE)


def test_the_form_has_what_password_managers_need(client: Browser) -> None:
    page = client.get("/signin")

    assert page.status_code == 200
    assert 'autocomplete="username"' in page.text
    assert 'autocomplete="current-password"' in page.text


def test_the_right_password_opens_the_way_home(client: Browser, cast: Cast) -> None:
    answer = sign_in(client, cast.learner.email)

    assert (answer.status_code, answer.location) == (303, "/learn")
    assert cast.learner.name in client.get("/account").text


@pytest.mark.parametrize(
    ("who", "desk"),
    [("staff", "/staff"), ("administrator", "/staff"), ("instructor", "/teach"), ("author", "/author")],
)
def test_signing_in_leads_whoever_has_a_desk_to_it(client: Browser, cast: Cast, who: str, desk: str) -> None:
    answer = sign_in(client, getattr(cast, who).email)

    assert answer.location == desk
    assert client.get(desk).status_code == 200
    assert client.get("/signin").location == desk


@pytest.mark.parametrize("spelling", ["LEARNER@example.org", " learner@EXAMPLE.org "])
def test_capitals_and_spaces_around_an_address_do_not_matter(client: Browser, cast: Cast, spelling: str) -> None:
    assert sign_in(client, spelling).status_code == 303


def test_signing_in_brings_people_back_to_where_they_were_going(client: Browser, cast: Cast) -> None:
    asked = client.get("/account/claims?x=1")

    assert asked.location == "/signin?next=/account/claims?x%3D1"
    page = client.get(asked.location)
    answer = client.post_form(
        "/signin", {"email": cast.learner.email, "password": PASSWORD, "next": "/account/claims?x=1"}
    )
    assert 'value="/account/claims?x=1"' in page.text
    assert answer.location == "/account/claims?x=1"


def test_a_wrong_password_and_an_unknown_address_look_the_same_and_cost_the_same(
    app: Flask, client: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[str] = []
    real = PasswordHasher.verify

    def counted(hasher: PasswordHasher, stored: str, typed: str) -> bool:
        checks.append("check")
        return real(hasher, stored, typed)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    client.get("/signin")
    pages, work = [], []
    for email in (cast.learner.email, UNKNOWN):
        with statements(app) as sent:
            pages.append(masked(sign_in(client, email, "a wrong password"), email))
        work.append([statement.split()[:3] for statement in sent])

    assert pages[0] == pages[1]
    assert "do not belong together" in pages[0]
    assert work[0] == work[1]
    assert checks == ["check", "check"]
    assert failures() == 2


def test_a_suspended_account_is_refused_like_a_wrong_password(client: Browser, cast: Cast) -> None:
    wrong = masked(sign_in(client, cast.learner.email, "a wrong password"))
    db.session.get_one(Account, cast.learner.account_id).suspended_at = clock.now()

    refused = sign_in(client, cast.learner.email)

    assert refused.status_code == 422
    assert masked(refused) == wrong


@pytest.mark.parametrize("form", [{}, {"email": "", "password": "x"}, {"email": "x", "password": ""}])
def test_an_empty_field_is_told(client: Browser, form: dict[str, str]) -> None:
    assert client.post_form("/signin", form).status_code == 422
    assert failures() == 0


def test_without_the_forms_token_nobody_signs_in(client: Browser, cast: Cast) -> None:
    answer = client.post("/signin", data={"email": cast.learner.email, "password": PASSWORD})

    assert answer.status_code == 400
    assert db.session.scalars(select(SignInSession)).all() == []


def test_a_cookie_from_before_is_worth_nothing_after(client: Browser, cast: Cast) -> None:
    client.get("/signin")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        before = session.get("csrf_token")
    cookie = client.get_cookie("baton", domain="localhost")

    sign_in(client, cast.learner.email)

    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != before
        assert session.permanent
    assert client.get_cookie("baton", domain="localhost") != cookie


def test_each_sign_in_is_a_session_of_its_own(app: Flask, client: Browser, cast: Cast) -> None:
    sign_in(client, cast.learner.email)
    sign_in(client, cast.learner.email)

    tokens = db.session.scalars(select(SignInSession.token_digest)).all()
    assert len(set(tokens)) == 2


def test_signing_out_kills_a_stolen_cookie(app: Flask, client: Browser, cast: Cast) -> None:
    sign_in(client, cast.learner.email)
    stolen = client.get_cookie("baton", domain="localhost")
    assert stolen is not None

    answer = client.post_form("/signout")

    thief = app.test_client()
    thief.set_cookie("baton", stolen.value, domain="localhost")
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/account").location == "/signin?next=/account"
    assert thief.get("/account").location == "/signin?next=/account"


def test_signing_out_without_being_signed_in_leads_home(client: Browser) -> None:
    assert client.post_form("/signout").location == "/"


def test_signing_out_is_no_get(as_learner: Browser) -> None:
    assert as_learner.get("/signout").status_code == 405
    assert as_learner.get("/account").status_code == 200


def test_a_device_is_named_and_its_user_agent_kept_apart(client: Browser, cast: Cast) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"

    sign_in(client, cast.learner.email, headers={"User-Agent": agent})

    assert db.session.scalars(select(SignInSession.device)).all() == ["Firefox, Windows"]


@pytest.mark.parametrize("spelling", ["learner@example.org", "LEARNER@example.org", " learner@EXAMPLE.ORG"])
def test_after_ten_failures_at_one_place_an_account_must_wait_there(client: Browser, cast: Cast, spelling: str) -> None:
    fail(cast.learner.email, FAILURES_HERE, address=HERE)

    answer = sign_in(client, spelling)

    assert answer.status_code == 429
    assert "Wait a few minutes" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert failures() == FAILURES_HERE


def test_strangers_who_guess_elsewhere_keep_nobody_out(client: Browser, cast: Cast) -> None:
    fail(cast.learner.email, FAILURES_PER_ACCOUNT - 1)

    assert sign_in(client, cast.learner.email).status_code == 303


def test_guesses_from_many_places_stop_all_browsers_but_those_one_signed_in_with(
    app: Flask, client: Browser, cast: Cast
) -> None:
    sign_in(client, cast.learner.email)
    client.post_form("/signout")
    for place in range(FAILURES_PER_ACCOUNT):
        fail(cast.learner.email, 1, address=f"192.0.2.{place}")
    elsewhere = app.test_client()
    assert isinstance(elsewhere, Browser)

    assert sign_in(elsewhere, cast.learner.email).status_code == 429
    assert sign_in(client, cast.learner.email).status_code == 303


def test_a_known_browser_may_not_guess_for_ever_and_knows_nobody_else(client: Browser, cast: Cast) -> None:
    sign_in(client, cast.learner.email)
    client.post_form("/signout")
    fail(cast.learner.email, FAILURES_IN_KNOWN_BROWSER, address=HERE)
    fail(cast.stranger.email, FAILURES_HERE, address=HERE)

    assert sign_in(client, cast.learner.email).status_code == 429
    assert sign_in(client, cast.stranger.email).status_code == 429


@pytest.mark.parametrize("forged", ["", "x", "WyJhIl0.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "a" * 3000])
def test_a_browser_can_not_pretend_to_be_known(client: Browser, cast: Cast, forged: str) -> None:
    client.set_cookie("known", forged)
    fail(cast.learner.email, FAILURES_HERE, address=HERE)

    assert sign_in(client, cast.learner.email).status_code == 429


def test_waiting_says_nothing_about_whether_there_is_an_account(client: Browser, cast: Cast) -> None:
    fail(cast.learner.email, FAILURES_HERE, address=HERE)
    fail(UNKNOWN, FAILURES_HERE, address=HERE)

    pages = [sign_in(client, email) for email in (cast.learner.email, UNKNOWN)]

    assert [page.status_code for page in pages] == [429, 429]
    assert masked(pages[0], cast.learner.email) == masked(pages[1], UNKNOWN)


@pytest.mark.parametrize(("times", "minutes_ago"), [(FAILURES_HERE - 1, 1), (FAILURES_HERE, 16)])
def test_fewer_failures_or_older_ones_do_not_count(client: Browser, cast: Cast, times: int, minutes_ago: int) -> None:
    fail(cast.learner.email, times, address=HERE, minutes_ago=minutes_ago)

    assert sign_in(client, cast.learner.email).status_code == 303


def test_somebody_elses_failures_do_not_keep_a_person_out(client: Browser, cast: Cast) -> None:
    fail(cast.stranger.email, FAILURES_HERE, address=HERE)

    assert sign_in(client, cast.learner.email).status_code == 303


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_a_network_address_must_wait_and_cannot_pretend_to_be_another(client: Browser, cast: Cast, header: str) -> None:
    for number in range(FAILURES_PER_ADDRESS):
        fail(f"person{number}@example.org", 1, address="127.0.0.1")

    assert sign_in(client, cast.learner.email, headers={header: "203.0.113.9"}).status_code == 429


def test_failures_lock_nobody_out_who_is_signed_in(as_learner: Browser, cast: Cast) -> None:
    fail(cast.learner.email, 5 * FAILURES_PER_ACCOUNT)

    assert as_learner.get("/account").status_code == 200
    assert as_learner.post_form("/account", {"name": "Lena L", "zone": "UTC"}).status_code == 303


@pytest.mark.parametrize(("who", "lifetime"), [("learner", OF_LEARNERS), ("staff", WITH_A_ROLE)])
@pytest.mark.parametrize("column", ["created_at", "last_used_at"])
def test_a_session_ends_after_a_while_and_after_idleness(
    client: Browser, cast: Cast, who: str, lifetime: Lifetime, column: str
) -> None:
    sign_in(client, getattr(cast, who).email)
    session = db.session.scalars(select(SignInSession)).one()
    length = lifetime.whole if column == "created_at" else lifetime.idle
    setattr(session, column, clock.now() - length + MINUTE)
    before = client.get("/account/security")

    setattr(session, column, clock.now() - length)

    assert before.status_code == 200
    assert client.get("/account/security").location == "/signin?next=/account/security"
    assert client.post_form("/account", {"name": "A Thief", "zone": "UTC"}).location == "/signin"


def test_a_role_makes_a_session_end_sooner() -> None:
    assert WITH_A_ROLE.idle < OF_LEARNERS.idle
    assert WITH_A_ROLE.whole < OF_LEARNERS.whole


def test_sending_a_form_keeps_a_session_from_idleness_but_not_for_ever(client: Browser, cast: Cast) -> None:
    sign_in(client, cast.learner.email)
    session = db.session.scalars(select(SignInSession)).one()
    session.last_used_at = clock.now() - OF_LEARNERS.idle + MINUTE

    client.post_form("/account", {"name": cast.learner.name, "zone": cast.learner.zone})

    db.session.refresh(session)
    assert session.last_used_at > clock.now() - MINUTE
    assert session.created_at < session.last_used_at


def test_a_session_that_is_over_is_not_listed_as_open(as_learner: Browser, cast: Cast) -> None:
    _secret, old = services.open_session(account_of(cast.learner), device="An old phone", now=clock.now())
    before = as_learner.get("/account/security").text
    old.created_at = clock.now() - OF_LEARNERS.whole

    after = as_learner.get("/account/security").text

    assert "An old phone" in before
    assert "An old phone" not in after


def test_a_lost_role_is_lost_on_the_next_request(as_staff: Browser, cast: Cast) -> None:
    secret = services.open_session(account_of(cast.staff), device="", now=clock.now())[0]
    db.session.flush()
    before = queries.viewer_of(secret, clock.now())
    assert before is not None
    assert before.grants
    for grant in db.session.scalars(select(RoleGrant)):
        grant.withdrawn_at = clock.now()
    db.session.flush()

    after = queries.viewer_of(secret, clock.now())

    assert after is not None
    assert after.grants == ()


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "/\t/evil.example", ""],
)
def test_signing_in_leads_nowhere_else(client: Browser, cast: Cast, wanted: str) -> None:
    answer = client.post_form("/signin", {"email": cast.learner.email, "password": PASSWORD, "next": wanted})

    assert answer.location == "/learn"


def test_no_known_trick_leads_off_this_site(as_learner: Browser, corpora_folder: Path) -> None:
    tricks = json.loads((corpora_folder / "open_redirect.json").read_text(encoding="utf-8"))[:: one_in(4)]

    led = {trick["payload"]: as_learner.get("/signin", query_string={"next": trick["payload"]}) for trick in tricks}

    assert len(led) > 50
    assert {page.status_code for page in led.values()} == {302}
    assert [trick for trick, page in led.items() if not stays(page.location)] == []


def stays(location: str) -> bool:
    """Whether a browser that follows this stays: it drops tabs and line ends, and reads \\ as /."""
    seen = location.translate({9: None, 10: None, 13: None}).replace("\\", "/").strip()
    target = urlsplit(urljoin(SITE + "/signin", seen))
    return (target.scheme, target.netloc) == ("http", "campus.example.org")


def account_of(member: Member) -> Account:
    return db.session.get_one(Account, member.account_id)
