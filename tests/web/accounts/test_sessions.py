"""A session is a secret that only we can make: it dies with its account, can't be written anew, and is there to be ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts.models import Account, Person, RoleGrant, SignInFailure, SignInSession
from lms.app import create_app
from lms.cli import run, store
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.settings import ROOT
from lms.foundation.tokens import digest
from tests.support import campus
from tests.support.browser import Browser
from tests.support.cast import PASSWORD, Cast
from tests.support.real_campus import let_go, make_app, settings_for
from tests.support.world import LOOKING, ROLES, World

FEW = 6
TO_SIGN_IN = "/signin?next=/account"
SIGN_OUT = re.compile(r'<form[^>]*action="/signout"')
PASSWORD_FIELD = re.compile(r'<input[^>]*name="(?:password|current)"[^>]*>')
ACCOUNT = re.compile(r'<a[^>]*href="/account"')
SITTING = {"assessment.show_item", "assessment.show_submission"}  # nobody leaves an exam by a slip of the hand


def sign_in(client: Browser, email: str) -> None:
    assert client.post_form("/signin", {"email": email, "password": PASSWORD}).status_code == 303


def test_the_cookie_holds_a_secret_of_which_we_keep_only_the_digest(client: Browser, cast: Cast) -> None:
    sign_in(client, cast.learner.email)

    with client.session_transaction() as session:
        secret = session["_user_id"]
    row = db.session.scalars(select(SignInSession)).one()
    assert len(secret) >= 22  # 128 bits in base 64
    assert row.token_digest == digest(secret)
    assert secret not in {row.token, row.token_digest}


def test_a_suspended_account_is_shut_out_of_every_browser_at_once(as_learner: Browser, cast: Cast) -> None:
    before = as_learner.get("/account")
    db.session.get_one(Account, cast.learner.account_id).suspended_at = clock.now()

    assert before.status_code == 200
    assert as_learner.get("/account").location == TO_SIGN_IN
    assert as_learner.post_form("/account", {"name": "Still Me", "zone": "UTC"}).location == "/signin"


def test_signing_in_anew_ends_the_session_that_this_browser_had(client: Browser, cast: Cast) -> None:
    sign_in(client, cast.learner.email)
    sign_in(client, cast.stranger.email)

    first, second = db.session.scalars(select(SignInSession).order_by(SignInSession.id))
    assert first.ended_at is not None
    assert second.ended_at is None
    assert cast.stranger.name in client.get("/account").text


@pytest.mark.parametrize("place", [0, 5, -1, -10, -30])
def test_a_cookie_that_was_changed_is_nobodys(client: Browser, cast: Cast, place: int) -> None:
    sign_in(client, cast.learner.email)
    cookie = client.get_cookie("baton", domain="localhost")
    assert cookie is not None
    signs = list(cookie.value)
    signs[place] = "A" if signs[place] != "A" else "B"

    client.set_cookie("baton", "".join(signs), domain="localhost")

    assert client.get("/account").location == TO_SIGN_IN


def test_a_cookie_signed_with_another_key_is_nobodys(app: Flask, client: Browser, cast: Cast) -> None:
    sign_in(client, cast.learner.email)
    with client.session_transaction() as session:
        held = dict(session)
    other = Flask("other")
    other.secret_key = "another key, which is not ours at all"
    other.session_interface = app.session_interface
    signer = app.session_interface.get_signing_serializer(other)  # type: ignore[attr-defined]  # flask's own kind
    own = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # flask's own kind

    client.set_cookie("baton", own.dumps(held), domain="localhost")
    with_ours = client.get("/account").status_code
    client.set_cookie("baton", signer.dumps(held), domain="localhost")

    assert with_ours == 200
    assert client.get("/account").location == TO_SIGN_IN
    assert own.signer_kwargs["digest_method"]().name == "sha256"


def test_every_page_of_who_is_signed_in_leads_out(world: World) -> None:
    """By a button; where one reads or writes a text, the page that has it is one step away."""
    missing: list[str] = []
    focused: list[str] = []
    for row in LOOKING:
        role = next((role for role in ROLES[1:] if row.expected[role] == "200"), None)
        page = world.ask(row, role) if role else None
        if page is not None and page.mimetype == "text/html" and not SIGN_OUT.search(page.text):
            (focused if ACCOUNT.search(page.text) else missing).append(row.endpoint)

    assert set(missing) == SITTING
    assert len(focused) <= FEW, focused


def test_passwords_are_hidden_while_typed_and_may_be_pasted(world: World) -> None:
    """On every page that asks for one."""
    found: list[str] = []
    for row in LOOKING:
        role = next((role for role in ROLES if row.expected[role] == "200"), None)
        page = world.ask(row, role) if role else None
        if page is not None and page.mimetype == "text/html":
            found += PASSWORD_FIELD.findall(page.text)

    assert len(found) >= 4
    assert [field for field in found if 'type="password"' not in field] == []
    assert [field for field in found if "onpaste" in field or 'autocomplete="off"' in field] == []


@pytest.fixture
def behind_a_proxy(app: Flask) -> Iterator[Browser]:
    """The same product, told that one proxy stands in front of it."""
    settings = app.extensions["lms_settings"]
    made = create_app(settings.model_copy(update={"trusted_proxies": 1}))
    made.test_client_class = Browser
    browser = made.test_client()
    assert isinstance(browser, Browser)
    yield browser
    let_go(made)


def test_behind_a_proxy_only_what_the_proxy_added_is_believed(behind_a_proxy: Browser) -> None:
    behind_a_proxy.post_form(
        "/signin",
        {"email": "nobody@example.org", "password": "whatever it is"},
        headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Host": "evil.example"},
    )

    assert db.session.scalars(select(SignInFailure.address)).all() == ["198.51.100.7"]


# ---- what comes with it


def test_a_new_installation_has_no_account(run_folder: Path) -> None:
    settings = settings_for(f"sqlite:///{run_folder / 'new.sqlite3'}", run_folder, campus.TREE)
    store.upgrade(settings)
    app = make_app(settings)

    with app.app_context():
        found = [db.session.scalar(select(func.count()).select_from(table)) for table in (Account, Person, RoleGrant)]
    let_go(app)

    assert found == [0, 0, 0]


def test_the_demo_does_not_run_in_production(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "LMS_ENV": "production",
        "LMS_BASE_URL": "https://campus.example.org",
        "LMS_SECRET_KEY": "a secret that only tests know, long enough",
        "LMS_MAIL_URL": "file:/nowhere",
    }.items():
        monkeypatch.setenv(name, value)

    assert run(["demo", "--prepare-only"]) != 0
    assert "does not run as production" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    [
        "/.git/config",
        "/.git/HEAD",
        "/static/x/../../../.git/config",
        "/pyproject.toml",
        "/wsgi.py",
        "/.env",
        "/instance/",
    ],
)
def test_what_stands_beside_the_product_is_not_served(client: Browser, address: str) -> None:
    assert (ROOT / "pyproject.toml").exists()

    answer = client.get(address)

    assert answer.status_code == 404
    assert "[core]" not in answer.text
