"""When the database can't take a write: what people are told, and that nothing they typed is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import errors as postgres
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError, OperationalError

from lms.assessment import queries
from lms.assessment.models import AnswerEntry, Attempt
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Busy, DomainError
from lms.foundation.refusals import DatabaseAway, NoRoom, ReadOnlyDatabase, refusal_of
from tests.support import sittings, stores
from tests.support.browser import Browser, settle
from tests.support.cast import Cast
from tests.support.markup import forms_of, read
from tests.support.studying import LESSON, enrolled

TYPED = "2999"
Fault = Callable[[Flask, pytest.MonkeyPatch], AbstractContextManager[None]]


@contextmanager
def locked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else writes for longer than anyone waits."""
    settle()
    monkeypatch.setattr(unit_of_work, "LOCK_PATIENCE_SECONDS", 0.05)
    with app.app_context(), db.engine.connect() as other:
        if db.engine.dialect.name == stores.SQLITE:
            other.exec_driver_sql("SELECT 1")  # begins in write mode: holds the lock
        else:
            other.exec_driver_sql(
                "LOCK TABLE attempt, account, person, sign_in_session, sign_in_failure IN EXCLUSIVE MODE"
            )
        yield


@contextmanager
def read_only(app: Flask, _monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with _prepared(app, sqlite="PRAGMA query_only=ON", postgresql="SET default_transaction_read_only = on"):
        yield


@contextmanager
def full(app: Flask, _monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """SQLite may take no further page. (A disk of PostgreSQL is filled in the soak alone.)"""
    settle()
    with app.app_context():
        file = db.engine.url.database or ""
        db.engine.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM")  # nor is a page left that was used before
    with _prepared(app, sqlite="PRAGMA max_page_count=1", postgresql="SELECT 1"):
        yield


@contextmanager
def _prepared(app: Flask, **statements: str) -> Iterator[None]:
    """Each connection is set so, from its opening on."""
    with app.app_context():
        engine = db.engine

    def prepare(connection: Any, _record: object) -> None:
        connection.execute(statements[engine.dialect.name])
        connection.commit()

    settle()
    engine.dispose()
    event.listen(engine, "connect", prepare)
    try:
        yield
    finally:
        event.remove(engine, "connect", prepare)
        engine.dispose()


FAULTS: dict[str, tuple[Fault, int, str]] = {
    "locked": (locked, 503, "Many people are saving at this moment"),
    "read-only": (read_only, 503, "can be read, but not written"),
    "full": (full, 507, "no room left"),
}
faults = pytest.mark.parametrize("fault", FAULTS)


@pytest.fixture
def sitting(cast: Cast) -> Attempt:
    return sittings.sit(cast, cast.learner, now=clock.now())


@pytest.fixture
def item(sitting: Attempt) -> str:
    """The address of an item that asks for something typed."""
    place = next(one for one in queries.sitting(sitting).places if one.document.item.type == "numeric")
    return f"/exams/attempts/{sitting.token}/items/{place.position}"


def saved() -> int:
    return db.session.scalar(select(func.count()).select_from(AnswerEntry)) or 0


@pytest.fixture(autouse=True)
def _full_is_sqlites(request: pytest.FixtureRequest) -> None:
    params = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    if params.get("fault") == "full" and params.get("engine_kind") == stores.POSTGRESQL:
        pytest.skip("a full disk of PostgreSQL is part of the soak")


@faults
def test_an_exams_page_comes_back_with_what_was_typed(
    app: Flask, as_learner: Browser, item: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it, status, sentence = FAULTS[fault]
    with break_it(app, monkeypatch):
        answer = fill_up_to(as_learner, item, status) if fault == "full" else send(as_learner, item)

    assert answer.status_code == status
    assert answer.headers["Retry-After"].isdecimal()
    assert sentence in answer.text
    assert "This is not saved yet" in answer.text
    [form] = [one for one in forms_of(read(answer.text)) if one.action == item]
    assert form.fields["answer"] == [TYPED]


def send(browser: Browser, item: str, sequence: int = 1) -> Any:
    return browser.post_form(item, {"sequence": str(sequence), "answer": TYPED, "next": "1"})


def fill_up_to(browser: Browser, item: str, status: int) -> Any:
    """Save until the page that takes the journal's lines is full."""
    for sequence in range(1, 400):
        answer = send(browser, item, sequence)
        if answer.status_code == status:
            return answer
        assert answer.status_code == 303, answer.text
    raise AssertionError("It never filled up.")


@faults
def test_a_script_is_told_in_its_own_words(
    app: Flask, as_learner: Browser, item: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it, status, sentence = FAULTS[fault]
    with break_it(app, monkeypatch):
        if fault == "full":
            fill_up_to(as_learner, item, status)
        answer = as_learner.post_form(
            item, {"sequence": "1000", "answer": TYPED}, headers={"Accept": "application/json"}
        )

    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert sentence in answer.get_json()["title"]
    assert answer.headers["Retry-After"].isdecimal()


@pytest.mark.parametrize("fault", ["locked", "read-only"])
def test_any_other_form_is_kept_on_the_page_that_says_so(
    app: Flask, cast: Cast, as_learner: Browser, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {"name": "Lena “Lou” Lindqvist", "zone": "Europe/Vienna"}
    break_it, status, sentence = FAULTS[fault]
    with break_it(app, monkeypatch):
        refused = as_learner.post_form("/account", typed)
    [form] = [one for one in forms_of(read(refused.text)) if one.button("Send it again")]
    again = as_learner.post("/account", data=form.fields)

    assert refused.status_code == status
    assert sentence in refused.text
    assert cast.learner.name in refused.text  # in the frame of all pages: who is signed in
    assert form.action == "/account"
    assert {name: form.fields[name] for name in typed} == {name: [value] for name, value in typed.items()}
    assert again.status_code == 303
    assert typed["name"] in as_learner.get("/account").text


@pytest.mark.parametrize("fault", ["locked", "read-only"])
def test_a_password_is_never_kept_on_a_page(
    app: Flask, cast: Cast, client: Browser, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it, status, sentence = FAULTS[fault]
    with break_it(app, monkeypatch):
        refused = client.post_form("/signin", {"email": cast.learner.email, "password": "canary of the password"})

    assert refused.status_code == status
    assert sentence in refused.text
    assert "canary" not in refused.text
    assert not [one for one in forms_of(read(refused.text)) if one.button("Send it again")]


@pytest.mark.parametrize("fault", ["locked", "read-only"])
def test_pages_are_read_meanwhile(
    app: Flask, as_learner: Browser, item: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FAULTS[fault][0](app, monkeypatch):
        statuses = [as_learner.get(address).status_code for address in ("/", "/learn", item, "/account/notices")]

    assert statuses == [200, 200, 200, 200]


def test_a_database_that_takes_no_writes_is_not_ready(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.execute(db.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
    db.session.commit()
    with read_only(app, monkeypatch):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["writable"] is False
    assert client.get("/readyz").get_json()["writable"] is True


def test_a_database_that_is_locked_is_ready_all_the_same(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It will be free again: restarting the process would only make it worse."""
    with locked(app, monkeypatch):
        answer = client.get("/readyz")

    assert answer.get_json()["writable"] is True


@pytest.mark.parametrize(
    ("cause", "refusal"),
    [
        (postgres.LockNotAvailable(""), Busy),
        (postgres.SerializationFailure(""), Busy),
        (postgres.DeadlockDetected(""), Busy),
        (postgres.DiskFull(""), NoRoom),
        (postgres.ReadOnlySqlTransaction(""), ReadOnlyDatabase),
        (postgres.AdminShutdown(""), DatabaseAway),
        (postgres.CrashShutdown(""), DatabaseAway),
        (postgres.CannotConnectNow(""), DatabaseAway),
        (postgres.TooManyConnections(""), DatabaseAway),
        (psycopg.OperationalError("the connection is closed"), DatabaseAway),
        (postgres.QueryCanceled(""), None),
        (postgres.UndefinedTable(""), None),
        (postgres.UniqueViolation(""), None),
    ],
)
def test_what_postgresql_says_is_told_apart(cause: Exception, refusal: type[DomainError] | None) -> None:
    kind = OperationalError if isinstance(cause, psycopg.OperationalError) else DBAPIError

    assert type(refusal_of(kind("SELECT 1", {}, cause))) is (refusal or type(None))


def test_a_line_that_breaks_is_said_and_the_next_request_has_a_new_one(
    app: Flask, as_learner: Browser, item: str, engine_kind: str
) -> None:
    if engine_kind != stores.POSTGRESQL:
        pytest.skip("SQLite has no line that could break")
    with app.app_context():
        engine = db.engine

    broken: list[int] = []

    def break_line(connection: Any, *_rest: Any) -> None:
        if broken:
            return
        broken.append(1)
        number = connection.connection.driver_connection.info.backend_pid
        with psycopg.connect(engine.url.set(drivername="postgresql").render_as_string(False), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [number])

    event.listen(engine, "before_cursor_execute", break_line)
    refused = send(as_learner, item)
    again = send(as_learner, item)
    event.remove(engine, "before_cursor_execute", break_line)

    assert refused.status_code == 503
    assert "does not answer" in refused.text
    assert (again.status_code, again.headers["Location"]) == (303, item.replace("/items/3", "/items/4"))
    assert saved() == 1


# ---- the write lock


def test_who_is_refused_before_the_view_never_waits_for_the_lock(
    app: Flask, as_learner: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form without its token, and one of nobody's: both hear at once what is wrong, whoever is writing."""
    enrolled(cast.learner)
    completion, nobody = f"{LESSON}/completion", app.test_client()
    assert isinstance(nobody, Browser)
    with locked(app, monkeypatch):
        assert as_learner.post(completion).status_code == 400
        assert nobody.post_form(completion).status_code == 302
        assert as_learner.post_form(completion).status_code == 503
