"""Every route, for every role, on one's own things and on another's: `every_route.txt` says what each must answer.

A route without a line there fails, and so does a line without a route.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.accounts import services as accounts
from lms.accounts.models import Account
from lms.cli import store as schema
from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.database import Base, db
from lms.web.limits import limiter
from tests.support import campus, stores
from tests.support.browser import Browser
from tests.support.cast import Member, create_cast
from tests.support.everything import Everything, Values, one_of_everything
from tests.support.moments import NOON
from tests.support.pages import masked
from tests.support.real_campus import let_go, make_app, settings_for

TABLE = Path(__file__).with_name("every_route.txt")
ROLES = ("anonymous", "owner", "other", "instructor", "colleague", "author", "staff", "administrator")
TO_SIGN_IN = "in"
NO_METHODS_OF_OURS = {"HEAD", "OPTIONS"}
Snapshot = Mapping[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Row:
    """One line: a route, the thing its address names, and the answer to each role."""

    endpoint: str
    method: str
    thing: str
    expected: Mapping[str, str]

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


def read_table() -> list[Row]:
    lines = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return [
        Row(endpoint, method, thing, dict(zip(ROLES, answers, strict=True)))
        for endpoint, method, thing, *answers in lines
    ]


ROWS = read_table()
CHANGING = [row for row in ROWS if row.changes]
NAMING = [row for row in ROWS if row.thing != "-"]


@dataclass(frozen=True)
class World:
    """An app with one of everything, and a browser for each role whose session is in the template."""

    app: Flask
    store: stores.Store
    everything: Everything
    secrets: Mapping[str, str]

    def restore(self) -> None:
        let_go(self.app)
        self.store.make_fresh()

    def address(self, row: Row, values: Values) -> str:
        return str(self.app.url_map.bind("").build(row.endpoint, dict(values), method=row.method))

    def browser(self, role: str) -> Browser:
        browser = self.app.test_client()
        assert isinstance(browser, Browser)
        if role in self.secrets:
            with self.app.app_context(), browser.session_transaction() as session:
                session["_user_id"] = self.secrets[role]
                session["_fresh"] = True
        return browser

    def ask(self, row: Row, role: str, *, absent: bool = False, token: bool = True) -> TestResponse:
        """One request; what changes something is sent as an empty form."""
        limiter.reset()
        things = self.everything.absent if absent else self.everything.things
        address, browser = self.address(row, things[row.thing]), self.browser(role)
        if not row.changes:
            return browser.get(address, buffered=True)
        return browser.post_form(address) if token else browser.post(address)

    def snapshot(self) -> Snapshot:
        with self.app.app_context():
            return {
                table.name: [tuple(line) for line in db.session.execute(select(table).order_by(*table.primary_key))]
                for table in Base.metadata.sorted_tables
            }


@pytest.fixture(scope="session")
def built(run_folder: Path, worker_name: str, password_hash: str) -> Iterator[World]:
    store = stores.open_store(stores.SQLITE, run_folder, f"routes_{worker_name}")
    store.make_empty()
    settings = settings_for(store.url, run_folder, campus.TREE)
    schema.upgrade(settings)
    app = make_app(settings)
    with app.app_context():
        content.forget()
        cast = create_cast(password_hash)
        db.session.commit()
        campus.publish()
        everything = one_of_everything(cast)
        roles = {
            "owner": cast.learner,
            "other": cast.stranger,
            "instructor": cast.instructor,
            "colleague": everything.colleague,
            "author": cast.author,
            "staff": cast.staff,
            "administrator": cast.administrator,
        }
        secrets = {role: signed_in(member) for role, member in roles.items()}
        db.session.commit()
    let_go(app)
    store.keep_as_template()
    store.make_fresh()
    yield World(app, store, everything, secrets)
    let_go(app)
    store.remove()


def signed_in(member: Member) -> str:
    secret, _session = accounts.open_session(
        db.session.get_one(Account, member.account_id), device="Test browser", now=NOON
    )
    return secret


@pytest.fixture
def world(built: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    built.restore()
    return built


def seen(answer: TestResponse) -> str:
    location = answer.headers.get("Location", "")
    return TO_SIGN_IN if location.startswith("/signin") else str(answer.status_code)


def test_every_route_has_its_line(built: World) -> None:
    routes = {
        (rule.endpoint, method)
        for rule in built.app.url_map.iter_rules()
        for method in (rule.methods or set()) - NO_METHODS_OF_OURS
    }

    assert {(row.endpoint, row.method) for row in ROWS} == routes
    assert len(ROWS) == len(routes)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_role_is_answered_as_the_table_says_and_looking_changes_nothing(world: World, row: Row) -> None:
    before, answers = world.snapshot(), {}
    for role in ROLES:
        answers[role] = seen(world.ask(row, role))
        if row.changes:
            world.restore()

    assert answers == row.expected
    assert world.snapshot() == before


@pytest.mark.parametrize("row", CHANGING, ids=str)
def test_without_its_token_a_form_changes_nothing(world: World, row: Row) -> None:
    before = world.snapshot()

    answers = {role: world.ask(row, role, token=False).status_code for role in ROLES}

    assert answers == dict.fromkeys(ROLES, 400)
    assert world.snapshot() == before


@pytest.mark.parametrize("row", NAMING, ids=str)
def test_what_is_refused_looks_as_if_it_did_not_exist(world: World, row: Row) -> None:
    before = world.snapshot()
    refused = [role for role, answer in row.expected.items() if answer == "404"]

    for role in refused:
        assert shown(world, row, role, absent=False) == shown(world, row, role, absent=True)

    assert world.snapshot() == before


def shown(world: World, row: Row, role: str, *, absent: bool) -> tuple[object, ...]:
    """All that a refusal says, without the token of its form and what the asking address itself held."""
    answer = world.ask(row, role, absent=absent)
    things = world.everything.absent if absent else world.everything.things
    headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
    own_words = [str(value) for value in things[row.thing].values() if len(str(value)) > 3]
    length = [(name, value) for name, value in headers if name != "Content-Length"]
    return answer.status_code, length, masked(answer, *own_words)
