"""What every answer carries: nothing but ours runs or embeds it, nobody guesses what it is, and what is personal is not kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from pydantic import SecretStr
from werkzeug.test import TestResponse

from lms.app import create_app
from lms.foundation.settings import Environment, Settings
from lms.web.assets import STYLE_SHEET, names
from lms.web.security import READING
from tests.support import campus
from tests.support.browser import CSRF_FIELD, Browser
from tests.support.cast import PASSWORD, Cast
from tests.support.real_campus import let_go
from tests.support.world import LOOKING, ROLES, ROWS, Row, World

FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
ONE_YEAR_SECONDS = 31_536_000
HTTPS = "https://campus.example.org"
OUR_NAME = re.compile(r'(attachment|inline); filename="[\w.-]+"', re.ASCII)
TAKEN_HOME = {"text/csv", "application/pdf", "text/calendar"}
KEPT_BY_ANYBODY = {"assets.show_asset", "credentials.show_picture"}  # files that say the same to everyone


def directives(answer: TestResponse) -> dict[str, str]:
    policy = answer.headers["Content-Security-Policy"]
    return {name: sources for name, _, sources in (part.strip().partition(" ") for part in policy.split(";"))}


def seeing(row: Row) -> str:
    """Somebody signed in to whom the page opens."""
    return next((role for role in ROLES[1:] if row.expected[role] not in {"404", "in"}), "staff")


def wrong_in(answer: TestResponse) -> list[str]:
    """What an answer lacks of that which none may lack."""
    said, policy = answer.headers, directives(answer)
    expected = {
        "nosniff": said.get("X-Content-Type-Options") == "nosniff",
        "referrer": said.get("Referrer-Policy") == "same-origin",
        "embedding by other sites": said.get("Cross-Origin-Resource-Policy") == "same-origin",
        "default-src": policy.get("default-src") == "'none'",
        "base-uri": policy.get("base-uri") == "'none'",
        "frame-ancestors": policy.get("frame-ancestors") == "'none'",
        "no inline code": "unsafe" not in said["Content-Security-Policy"]
        and "*" not in said["Content-Security-Policy"],
        "no permission for other origins": "Access-Control-Allow-Origin" not in said,
        "how long to keep": "Cache-Control" in said,
    }
    if answer.mimetype == "text/html":
        expected["objects"] = policy.get("object-src") == "'none'"
        expected["opener"] = said.get("Cross-Origin-Opener-Policy") == "same-origin"
        expected["permissions"] = "camera=()" in said.get("Permissions-Policy", "")
    if answer.mimetype and (answer.mimetype.startswith("text/") or answer.mimetype.endswith("+xml")):
        expected["charset"] = said["Content-Type"].lower().endswith("charset=utf-8")
    return [name for name, is_there in expected.items() if not is_there]


# ---- on every answer


def test_every_route_answers_with_all_of_them(world: World) -> None:
    wrong = {}
    for row in ROWS:
        for role in ("anonymous", seeing(row)):
            if found := wrong_in(world.ask(row, role)):
                wrong[f"{row} as {role}"] = found

    assert wrong == {}


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("GET", "/static/x/nothing.css", 404),
        ("DELETE", "/", 405),
        ("TRACE", "/", 405),
        ("TRACE", "/account", 405),
        ("POST", "/signin", 400),
        ("GET", "/programs?x=%00", 404),
    ],
)
def test_refusals_answer_with_all_of_them(client: Browser, method: str, address: str, status: int) -> None:
    answer = client.open(address, method=method)

    assert answer.status_code == status
    assert wrong_in(answer) == []


def test_failures_answer_with_all_of_them(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(client.application.view_functions, "public.help", lambda: 1 // 0)

    answer = client.get("/help")

    assert answer.status_code == 500
    assert wrong_in(answer) == []
    assert "ZeroDivisionError" not in answer.text


def test_every_static_file_says_what_it_is(client: Browser) -> None:
    wrong = {}
    for name in sorted(names()):
        answer = client.get(f"/static/x/{name}")
        if found := wrong_in(answer) or answer.mimetype in {"text/html", "application/octet-stream"}:
            wrong[name] = found

    assert len(names()) > 10
    assert wrong == {}


def test_nothing_but_our_own_files_is_loaded_and_forms_go_nowhere_else(client: Browser) -> None:
    policy = directives(client.get("/"))

    assert set(policy.values()) == {"'none'", "'self'"}
    assert policy["form-action"] == "'self'"
    assert policy["script-src"] == "'self'"


def test_tracing_echoes_nothing(client: Browser) -> None:
    answer = client.open("/", method="TRACE", headers={"Cookie": "baton=secret-of-mine"})

    assert answer.status_code == 405
    assert "secret-of-mine" not in answer.text


def test_what_other_sites_ask_from_a_browser_is_not_shared_with_them(as_learner: Browser) -> None:
    for address in ("/account", "/learn", "/account/data.json"):
        answer = as_learner.get(address, headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})

        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert not [name for name in answer.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118  # pairs


def test_no_script_holds_anything_of_a_person(client: Browser, as_learner: Browser, as_staff: Browser) -> None:
    """The same bytes for everybody, so that another site that includes them learns nothing."""
    scripts = [name for name in names() if name.endswith(".js")]

    assert scripts
    for name in scripts:
        address = f"/static/x/{name}?callback=steal"
        bodies = {browser.get(address).data for browser in (client, as_learner, as_staff)}
        assert len(bodies) == 1
        assert b"steal(" not in bodies.pop()


def test_what_is_taken_home_has_a_name_of_ours(world: World) -> None:
    """Whatever is no page and no part of one, and lists as files: named by us, in signs that break no header."""
    unnamed: list[Row] = []
    names_given: list[Row] = []
    for row in LOOKING:
        address = world.address(row, world.everything.things[row.thing])
        world.forgive()
        answer = world.browser(seeing(row)).get(f"{address}?format=csv", buffered=True)
        if answer.status_code == 200 and answer.mimetype in TAKEN_HOME:
            (names_given if OUR_NAME.fullmatch(answer.headers.get("Content-Disposition", "")) else unnamed).append(row)

    assert unnamed == []
    assert len(names_given) >= 8


# ---- what is personal


def test_what_is_shown_to_who_is_signed_in_is_not_kept(world: World) -> None:
    personal = [row for row in LOOKING if row.endpoint not in READING | KEPT_BY_ANYBODY]

    kept = [str(row) for row in personal if world.ask(row, seeing(row)).headers["Cache-Control"] != "no-store"]

    assert len(personal) > 40
    assert kept == []


def test_lessons_are_kept_for_their_reader_alone(world: World) -> None:
    for row in LOOKING:
        if row.endpoint in READING:
            assert world.ask(row, "owner").headers["Cache-Control"] == "private, no-cache"


def test_an_answer_to_a_form_is_not_kept(as_learner: Browser, cast: Cast) -> None:
    saved = as_learner.post_form("/account", {"name": cast.learner.name, "zone": "UTC"})
    refused = as_learner.post_form("/account", {"name": "", "zone": "UTC"})

    assert (saved.status_code, refused.status_code) == (303, 422)
    assert saved.headers["Cache-Control"] == refused.headers["Cache-Control"] == "no-store"


def test_signing_out_lets_the_browser_forget(as_learner: Browser) -> None:
    answer = as_learner.post_form("/signout")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    with as_learner.session_transaction() as session:
        assert "_user_id" not in session


# ---- in production


@pytest.fixture
def production(world: World) -> Iterator[World]:
    """The same campus as it would be served: under https, with production's settings."""
    app = create_app(
        Settings(
            env=Environment.PRODUCTION,
            database_url=world.store.url,
            base_url=HTTPS,
            secret_key=SecretStr("a secret that only tests know, long enough"),
            mail_url="file:/nowhere",
            content=campus.TREE,
        )
    )
    app.test_client_class = Browser
    yield replace(world, app=app)
    let_go(app)


def test_browsers_stay_with_https_for_a_year_on_every_answer(production: World) -> None:
    answers = [production.ask(row, seeing(row)) for row in LOOKING[::5]]
    answers += [production.browser("anonymous").get(address) for address in ("/nothing", f"/static/x/{STYLE_SHEET}")]

    for answer in answers:
        assert answer.headers["Strict-Transport-Security"] == f"max-age={ONE_YEAR_SECONDS}; includeSubDomains"


def test_every_cookie_is_bound_to_this_host_and_hidden_from_scripts(world: World, production: World) -> None:
    browser = production.browser("anonymous")
    page = browser.get("/signin", base_url=HTTPS)
    [token] = FORM_TOKEN.findall(page.text)
    form = {"email": world.cast.learner.email, "password": PASSWORD, CSRF_FIELD: token}
    entered = browser.post("/signin", data=form, base_url=HTTPS, headers={"Referer": f"{HTTPS}/signin"})

    cookies = [*page.headers.getlist("Set-Cookie"), *entered.headers.getlist("Set-Cookie")]
    assert entered.status_code == 303
    assert len(cookies) >= 2
    for cookie in cookies:
        name, *attributes = cookie.split("; ")
        assert name.startswith(("__Host-baton=", "__Host-known="))
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
        assert not [each for each in attributes if each.startswith("Domain")]


def test_in_production_nothing_is_debugged(production: World) -> None:
    app: Flask = production.app

    assert not app.debug
    assert not app.testing
    assert not app.config["TEMPLATES_AUTO_RELOAD"]
    assert app.config.get("PROPAGATE_EXCEPTIONS") is None
    assert not [rule for rule in app.url_map.iter_rules() if "debug" in rule.rule or "console" in rule.rule]
