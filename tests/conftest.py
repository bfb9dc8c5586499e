"""One application per worker and engine, and for every test a fresh copy of a filled database."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy.session import Session
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Playwright, sync_playwright
from pydantic import SecretStr
from sqlalchemy import delete
from sqlalchemy.orm import scoped_session

from lms.accounts.services import hash_password
from lms.foundation import clock
from lms.foundation.audit import AuditEntry
from lms.foundation.database import Base, db
from lms.foundation.outbox import OutboxRow
from lms.foundation.settings import Environment, Settings
from lms.web.limits import limiter
from tests.support import campus, corpora, postgres, stores
from tests.support.amounts import WHOLE
from tests.support.browser import Browser
from tests.support.cast import PASSWORD, Cast, create_cast
from tests.support.moments import NOON
from tests.support.real_campus import make_app
from tests.support.touching import Restorer
from tests.support.world import World, built_world

RUN_FOLDER = "LMS_TEST_RUN_FOLDER"
RUN_PID = "LMS_TEST_RUN_PID"
RUNS = "baton-tests-"
MEMORY = Path("/dev/shm")  # noqa: S108  # Linux's memory file system, used under a fresh name
ROOM_FOR_A_RUN = 500_000_000
EACH_CASE_ON_BOTH = ("tests/rooms/foundation", "tests/operating", "tests/races")  # they are about the database
SQLITE_ONLY = ("tests/browser", *(() if WHOLE else ("tests/hostile",)))  # attacks on both in the long run
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# ---- the run: one folder, made and removed by the process that is not a worker


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=stores.ENGINES, help="run on one database only")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    home = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_FOR_A_RUN else None
    _remove_what_killed_runs_left(home or Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=RUNS, dir=home))
    (folder / "run.pid").write_text(str(os.getpid()))
    os.environ[RUN_FOLDER] = str(folder)
    os.environ[RUN_PID] = str(os.getpid())


def _remove_what_killed_runs_left(home: Path) -> None:
    for pid in home.glob(f"{RUNS}*/run.pid"):
        if not postgres.is_alive(int(pid.read_text() or os.getpid())):
            shutil.rmtree(pid.parent, ignore_errors=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    folder = Path(os.environ.pop(RUN_FOLDER))
    postgres.end_run(folder)
    shutil.rmtree(folder)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the database that was not asked for, and in the fast run what PostgreSQL would only say again."""
    wanted, met = config.getoption("--engine"), set[str]()
    kept = [item for item in items if _wanted(item, wanted) and not _said_before(item, met)]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


def _wanted(item: pytest.Item, engine: str | None) -> bool:
    kind = _engine_of(item)
    if kind is None:
        return True
    if item.nodeid.startswith(SQLITE_ONLY) and kind != stores.SQLITE:
        return False
    return engine in (None, kind)


def _said_before(item: pytest.Item, met: set[str]) -> bool:
    """A test of many cases runs all of them on SQLite, and on PostgreSQL the first; in the long run all on both."""
    if WHOLE or _engine_of(item) != stores.POSTGRESQL or item.nodeid.startswith(EACH_CASE_ON_BOTH):
        return False
    test = item.nodeid.partition("[")[0]
    again = test in met
    met.add(test)
    return again


def _engine_of(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("engine_kind") if callspec else None


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """A folder in memory, where there is one, that goes when the run ends; shared by all workers."""
    return Path(os.environ[RUN_FOLDER])


# ---- the application


@dataclass(frozen=True)
class Installation:
    """An application with its database, of which a filled template is kept."""

    app: Flask
    store: stores.Store
    cast: Cast
    restorer: Restorer | None

    def make_fresh(self) -> None:
        """As after it was installed; nobody has sent anything yet."""
        limiter.reset()
        if self.restorer is not None and self.restorer.restore():
            return
        _let_go(self.app)
        self.store.make_fresh()
        if self.restorer is not None:
            self.restorer.made_fresh()

    def let_go(self) -> None:
        """Hand back what a test held. Where tables are filled again, connections stay for the next test."""
        if self.restorer is None:
            _let_go(self.app)
        else:
            with self.app.app_context():
                db.session.remove()


Installations = dict[str, Installation]


@pytest.fixture(scope="session")
def installations() -> Iterator[Installations]:
    made: Installations = {}
    yield made
    for installation in made.values():
        _let_go(installation.app)
        installation.store.remove()


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture(scope="session", params=stores.ENGINES)
def engine_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`: every test with an app runs on both."""
    return str(request.param)


@pytest.fixture
def installation(
    engine_kind: str, installations: Installations, run_folder: Path, password_hash: str, worker_name: str
) -> Installation:
    if engine_kind not in installations:
        installations[engine_kind] = _install(engine_kind, run_folder, worker_name, password_hash)
    return installations[engine_kind]


@pytest.fixture(scope="session")
def worker_name() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture
def app(installation: Installation) -> Iterator[Flask]:
    """The product on a database of this test's own, holding the cast and the test campus. Its context is open."""
    installation.make_fresh()
    with installation.app.app_context():
        campus.forget()
        yield installation.app
    installation.let_go()


def _install(kind: str, folder: Path, name: str, password_hash: str) -> Installation:
    store = stores.open_store(kind, folder, name)
    store.make_empty()
    app = make_app(settings_of_tests(store.url, folder))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        cast = create_cast(password_hash)
        db.session.commit()
        campus.publish()
        _forget_how_it_came_about()
    _let_go(app)
    store.keep_as_template()
    restorer = Restorer(store) if isinstance(store, stores.PostgresStore) else None
    return Installation(app, store, cast, restorer)


def _forget_how_it_came_about() -> None:
    """Tests count what they caused: publishing the campus left a job and lines in the audit trail."""
    db.session.execute(delete(OutboxRow))
    db.session.execute(delete(AuditEntry))
    db.session.commit()


def settings_of_tests(database_url: str, folder: Path) -> Settings:
    return Settings(
        env=Environment.TEST,
        database_url=database_url,
        base_url="http://campus.example.org",
        secret_key=SecretStr("a secret that only tests know, long enough"),
        mail_url=f"file:{folder / 'mail'}",
        content=campus.TREE,
    )


def _let_go(app: Flask) -> None:
    """Close every connection, so that the database may be copied over and none is left to warn of."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


# ---- what tests ask for


@pytest.fixture
def db_session(app: Flask) -> scoped_session[Session]:
    """The session of the test itself. What it holds is committed before each request of a browser."""
    return db.session


@pytest.fixture
def cast(app: Flask, installation: Installation) -> Cast:
    return installation.cast


@pytest.fixture
def client(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return _browser(app)


@pytest.fixture
def as_learner(app: Flask, cast: Cast) -> Browser:
    return _browser(app).sign_in(cast.learner)


@pytest.fixture
def as_stranger(app: Flask, cast: Cast) -> Browser:
    return _browser(app).sign_in(cast.stranger)


@pytest.fixture
def as_instructor(app: Flask, cast: Cast) -> Browser:
    return _browser(app).sign_in(cast.instructor)


@pytest.fixture
def as_author(app: Flask, cast: Cast) -> Browser:
    return _browser(app).sign_in(cast.author)


@pytest.fixture
def as_staff(app: Flask, cast: Cast) -> Browser:
    return _browser(app).sign_in(cast.staff)


@pytest.fixture
def as_staff2(app: Flask, cast: Cast) -> Browser:
    return _browser(app).sign_in(cast.staff2)


@pytest.fixture
def as_administrator(app: Flask, cast: Cast) -> Browser:
    return _browser(app).sign_in(cast.administrator)


def _browser(app: Flask) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


# ---- one of everything


@pytest.fixture(scope="session", params=stores.ENGINES if WHOLE else [stores.SQLITE])
def built(request: pytest.FixtureRequest, run_folder: Path, worker_name: str, password_hash: str) -> Iterator[World]:
    with built_world(request.param, run_folder, worker_name, password_hash) as world:
        yield world


@pytest.fixture
def world(built: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """One of everything as it was made, at noon, with a browser for each role; on PostgreSQL too in the long run."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    built.restore()
    return built


# ---- Chromium, without a window; one for the worker, since two would need two event loops


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Chromium]:
    if not CHROMIUM.exists():
        pytest.skip(f"Chromium is not installed at {CHROMIUM}: apt-get install chromium")
    playwright: Playwright = request.getfixturevalue("playwright")
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
    yield browser
    browser.close()


# ---- what others made


@pytest.fixture(scope="session")
def corpora_folder() -> Path:
    """The folder of hostile inputs; without it the test is skipped."""
    return corpora.corpora()


@pytest.fixture(scope="session")
def samples_folder() -> Path:
    """The folder of other systems' files; without it the test is skipped."""
    return corpora.samples()
