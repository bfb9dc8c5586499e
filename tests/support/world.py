"""One of everything behind an app, a browser for each role, and the table of what each route answers to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Row as Line
from sqlalchemy import Table, TextClause, select, text
from werkzeug.test import TestResponse

from lms.accounts import services as accounts
from lms.accounts.models import Account
from lms.cli import store as schema
from lms.content import queries as content
from lms.foundation.database import Base, db
from lms.web.limits import limiter
from tests.support import campus, stores
from tests.support.browser import Browser
from tests.support.cast import Cast, Member, create_cast
from tests.support.everything import Everything, Values, one_of_everything
from tests.support.moments import NOON
from tests.support.real_campus import let_go, make_app, settings_for

TABLE = Path(__file__).parents[1] / "web" / "every_route.txt"
ROLES = ("anonymous", "owner", "other", "instructor", "colleague", "author", "staff", "administrator")
Snapshot = Mapping[str, Sequence[Line[Any]]]


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
LOOKING = [row for row in ROWS if not row.changes]
NAMING = [row for row in ROWS if row.thing != "-"]


@dataclass(frozen=True)
class World:
    """An app with one of everything, and a browser for each role whose session is in the template."""

    app: Flask
    store: stores.Store
    cast: Cast
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

    def forgive(self) -> None:
        """Forget how much was asked in the last minutes, so that the flood limits do not answer."""
        limiter.reset()

    def ask(self, row: Row, role: str, *, absent: bool = False, token: bool = True) -> TestResponse:
        """One request; what changes something is sent as an empty form."""
        self.forgive()
        things = self.everything.absent if absent else self.everything.things
        address, browser = self.address(row, things[row.thing]), self.browser(role)
        if not row.changes:
            return browser.get(address, buffered=True)
        return browser.post_form(address) if token else browser.post(address)

    def snapshot(self) -> Snapshot:
        """Every row as the database holds it: what nobody reads need not be made into objects."""
        with self.app.app_context():
            connection = db.session.connection()
            return {table.name: connection.execute(everything_of(table)).all() for table in Base.metadata.sorted_tables}

    def contents(self) -> Snapshot:
        """The same as the product reads it: lists and mappings, not their text."""
        with self.app.app_context():
            connection = db.session.connection()
            return {
                table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
                for table in Base.metadata.sorted_tables
            }


@cache
def everything_of(table: Table) -> TextClause:
    order = ", ".join(column.name for column in table.primary_key)
    return text(f"SELECT * FROM {table.name} ORDER BY {order}")  # noqa: S608  # the names are our own


@contextmanager
def built_world(
    kind: str,
    folder: Path,
    worker_name: str,
    password_hash: str,
    *,
    name: str = "routes",
    publish: Callable[[], None] = campus.publish,
    prepare: Callable[[Cast], None] = lambda _cast: None,
) -> Iterator[World]:
    """Make it once on an engine; whoever changes something restores it.

    `publish` gives the campus its content, and `prepare` meets the cast before they do anything.
    """
    store = stores.open_store(kind, folder, f"{name}_{worker_name}")
    store.make_empty()
    settings = settings_for(store.url, folder, campus.TREE)
    schema.upgrade(settings)
    app = make_app(settings)
    with app.app_context():
        content.forget()
        cast = create_cast(password_hash)
        prepare(cast)
        db.session.commit()
        publish()
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
    yield World(app, store, cast, everything, secrets)
    let_go(app)
    store.remove()


def signed_in(member: Member) -> str:
    secret, _session = accounts.open_session(
        db.session.get_one(Account, member.account_id), device="Test browser", now=NOON
    )
    return secret
