"""An installation with the real `content/`, published once per run and engine; each test gets a copy.

Times are travelled to: what the product believes the time to be comes from `lms.foundation.clock.now`,
and replacing that one function is the only thing done behind the product's back.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from lms import worker
from lms.accounts.models import Account, Person
from lms.accounts.services import hash_password
from lms.app import create_app
from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.database import Base, db
from lms.foundation.settings import ROOT, Environment, Settings
from lms.usecases import publishing
from tests.support import stores
from tests.support.browser import Browser
from tests.support.cast import PASSWORD, Cast, Member, create_cast
from tests.support.moments import LONG_AGO, NOON
from tests.support.templates import COMPILED_ONCE
from tests.support.walking import Walker

CONTENT = ROOT / "content"
ORIGIN = "http://campus.example.org"


class Clock:
    """What time the product believes it is. It stands until it is told to go on."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def go_on(self, **amount: float) -> None:
        self.moment += timedelta(**amount)

    def go_to(self, moment: datetime) -> None:
        assert moment >= self.moment, "Time does not run backwards."
        self.moment = moment


@dataclass(frozen=True)
class RealCampus:
    """The product with real content, its staff, its clock and its mail."""

    app: Flask
    cast: Cast
    clock: Clock
    mail: Path

    def member(self, word: str) -> Walker:
        """One of the cast, signed in through the form."""
        member = getattr(self.cast, word)
        walker = Walker(self.app, member.name, member.email, PASSWORD)
        sign_in(walker)
        return walker

    def work(self) -> None:
        """Let the worker do what is due by now."""
        with self.app.app_context():
            worker.run_once(self.clock.now())

    def letters_to(self, address: str) -> list[EmailMessage]:
        """What lies in the mail folder for this address, oldest first."""
        letters = [_letter(path) for path in self.mail.glob("*.eml")]
        mine = [letter for letter in letters if address in str(letter["To"])]
        return sorted(mine, key=lambda letter: letter["Date"].datetime)


def sign_in(walker: Walker) -> None:
    walker.open("/signin")
    walker.press("Sign in", {"email": walker.email, "password": walker.password})
    assert walker.page.path != "/signin"


def _letter(path: Path) -> EmailMessage:
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    return letter


def text_of(letter: EmailMessage) -> str:
    plain = letter.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


# ---- installing it


@dataclass(frozen=True)
class Installed:
    """The app of one engine and the store that gives every test its copy."""

    app: Flask
    store: stores.Store
    cast: Cast
    mail: Path

    @contextmanager
    def fresh(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealCampus]:
        """A copy of the template, at noon of the first day."""
        self.store.make_fresh()
        with self.app.app_context():
            content.forget()
        for letter in self.mail.glob("*.eml"):
            letter.unlink()
        time = Clock()
        monkeypatch.setattr(clock, "now", time.now)
        yield RealCampus(self.app, self.cast, time, self.mail)
        let_go(self.app)


def install(kind: str, folder: Path, worker_name: str, *, tree: Path = CONTENT, name: str = "real") -> Installed:
    """Publish a tree, if no other worker did so before, and make an app on a copy of what came of it."""
    shared = kind == stores.SQLITE or "LMS_TEST_DATABASE_URL" not in os.environ
    template = name if shared else f"{name}_{worker_name}"
    mail = folder / f"mail-{name}-{kind}-{worker_name}"
    mail.mkdir(exist_ok=True)
    with (folder / f"{template}-{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        published = folder / f"{template}-{kind}.published"
        if not published.exists():
            _publish(kind, folder, template, tree)
            published.touch()
    store = stores.open_store(kind, folder, f"{name}_{worker_name}", template=template)
    store.make_fresh()
    app = make_app(settings_for(store.url, mail, tree))
    with app.app_context():
        cast = read_cast()
    let_go(app)
    return Installed(app, store, cast, mail)


def _publish(kind: str, folder: Path, name: str, tree: Path) -> None:
    store = stores.open_store(kind, folder, name)
    store.make_empty()
    app = make_app(settings_for(store.url, folder, tree))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        create_cast(hash_password(PASSWORD))
        db.session.commit()
        publishing.publish_tree(tree, message="For the journeys", base_id=None, by=None, now=lambda: LONG_AGO)
    let_go(app)
    store.keep_as_template()


def read_cast() -> Cast:
    """The cast as whoever published made it."""
    rows = db.session.execute(
        select(Account.email, Account.id, Person.id, Person.name, Person.zone).join(
            Person, Person.id == Account.person_id
        )
    )
    members = {
        email.partition("@")[0]: Member(person_id, account_id, name, email, zone)
        for email, account_id, person_id, name, zone in rows
    }
    return Cast(**members)


def make_app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.test_client_class = Browser
    app.jinja_env.bytecode_cache = COMPILED_ONCE
    return app


def settings_for(database_url: str, mail: Path, tree: Path) -> Settings:
    return Settings(
        env=Environment.TEST,
        database_url=database_url,
        base_url=ORIGIN,
        secret_key=SecretStr("a secret that only tests know, long enough"),
        mail_url=f"file:{mail}",
        content=tree,
    )


def let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
