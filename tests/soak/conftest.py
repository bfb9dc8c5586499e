"""An arena for each fault: a database of its own, the product on it, and a load. One fault at a time."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from lms.app import create_app
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Busy
from lms.foundation.outbox import OutboxRow
from lms.foundation.settings import Environment, Settings
from tests.soak import campus, invariants, report
from tests.soak.campus import Ground
from tests.soak.cluster import Cluster
from tests.soak.history import History
from tests.soak.load import Load
from tests.soak.report import Part, Report
from tests.soak.site import Site, wait_for
from tests.support import stores
from tests.support.real_campus import let_go

LONG = 40  # looks at the queue, five a second, without a change: nothing of it is being worked on


@pytest.fixture(scope="session")
def seed() -> str:
    """What steers chance: `lms test --soak --seed N`, else drawn; printed either way."""
    return os.environ.setdefault(report.SEED, str(secrets.randbelow(10**6)))


@pytest.fixture(scope="session")
def soak_report(run_folder: Path, seed: str) -> Report:
    print(f"\nThe seed of this soak is {seed}.")  # noqa: T201  # who reads the log of a run wants to run it again
    return Report(run_folder, seed)


@pytest.fixture(scope="session")
def cluster(run_folder: Path, worker_name: str) -> Iterator[Cluster]:
    made = Cluster(run_folder / f"cluster-{worker_name}")
    yield made
    made.remove()


@pytest.fixture
def alone(run_folder: Path) -> Iterator[None]:
    """Faults take turns, also where several processes run tests."""
    with (run_folder / "soak.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def grounds() -> Iterator[dict[str, tuple[stores.Store, Ground]]]:
    made: dict[str, tuple[stores.Store, Ground]] = {}
    yield made
    for store, _ground in made.values():
        if isinstance(store, stores.SqliteStore):  # the others went with their cluster, which ends first
            store.remove()


def only_on(engine: str) -> pytest.MarkDecorator:
    """A fault that the other engine does not have."""
    return pytest.mark.parametrize("engine_kind", [engine], indirect=True)


@dataclass
class Arena:
    """Where one fault happens."""

    engine: str
    folder: Path
    store: stores.Store
    ground: Ground
    seed: str
    part: Part
    letters: Counter[str] | None = None
    sites: list[Site] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.store.url

    def settings(self, url: str = "") -> Settings:
        return Settings(env=Environment.TEST, database_url=url or self.url, mail_url=f"file:{self.folder / 'mail'}")

    def site(self, **settings: str) -> Site:
        made = Site(self.folder, settings.pop("url", self.url), **settings)
        self.sites.append(made)
        return made

    @contextmanager
    def under_load(self, site: Site, *, threads: int = 8) -> Iterator[History]:
        people, token, key = self.ground.people, self.ground.class_token, self.ground.key
        load = Load(site.port, people, token, key, seed=f"{self.seed}/{self.part.fault}", threads=threads)
        with load.running() as history:
            yield history

    def settle(self, url: str = "") -> None:
        """Wait until the worker has nothing left to do."""
        app = create_app(self.settings(url))
        left: list[str] = []
        turns: list[int] = []

        def done() -> bool:
            time.sleep(0.2)
            with app.app_context():
                with unit_of_work.reading(db.session):
                    left[:] = _waiting()
                turns.append(len(left))
                if left and turns[-LONG:] == [len(left)] * LONG:
                    _let_time_pass()
                    turns.clear()
            return not left

        try:
            wait_for(done, "the worker to deliver all")
        except TimeoutError as error:
            error.add_note(f"left: {left[:5]}; {self.sites[-1].log.read_text(errors='replace')[-2000:]}")
            raise
        finally:
            let_go(app)

    def judge(self, history: History, url: str = "", *, least: int = 50, at: datetime | None = None) -> None:
        """Note what became of everything, and fail where an invariant does not hold or too little was done to tell.

        `at` is the moment for which the rules are asked; now where none is given.
        """
        verdicts = invariants.judge(self.settings(url), history, letters=self.letters, at=at or clock.now())
        self.part.take(history, verdicts)
        broken = [f"{one.name}: {'; '.join(one.against[:5])}" for one in verdicts if not one.holds]
        assert broken == []
        done = sum(row["ok"] for row in self.part.counts.values())
        assert done >= least, f"only {done} things were done"

    def go_on(self, history: History, more: int = 30) -> None:
        """Let the load go on until so many more things were ok: on a slow machine that takes its time."""
        wanted = history.done() + more
        wait_for(lambda: history.done() >= wanted, f"{more} more things to be done")

    def recovers(self, history: History) -> None:
        """Note how long it takes from now until something that begins from now on is ok."""
        fault = time.monotonic()
        wait_for(lambda: history.first_ok_after(fault) is not None, "somebody to be served again")
        self.part.recoveries.append(round(history.first_ok_after(fault) or 0.0, 2))


@pytest.fixture
def arena(
    request: pytest.FixtureRequest,
    engine_kind: str,
    run_folder: Path,
    worker_name: str,
    grounds: dict[str, tuple[stores.Store, Ground]],
    soak_report: Report,
    seed: str,
    alone: None,
) -> Iterator[Arena]:
    """A fresh copy of the campus. The test's first line of documentation names the fault in the report."""
    if engine_kind not in grounds:
        grounds[engine_kind] = _make_ground(request, engine_kind, run_folder, worker_name)
    store, ground = grounds[engine_kind]
    store.make_fresh()
    folder = run_folder / f"arena-{worker_name}"
    folder.mkdir()
    part = Part(_title_of(request.function), engine_kind)
    yield Arena(engine_kind, folder, store, ground, seed, part)
    soak_report.add(part)
    shutil.rmtree(folder)


def _let_time_pass() -> None:
    """A worker that was killed had leased rows for minutes, and a letter that failed waits: both are due now."""
    now = clock.now()
    later = update(OutboxRow).where(OutboxRow.delivered_at.is_(None), OutboxRow.available_at > now)
    with suppress(Busy):  # the worker writes, so it is not stuck after all
        db.session.execute(later.values(available_at=now))
        db.session.commit()
    db.session.rollback()


def _waiting() -> list[str]:
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.delivered_at.is_(None), OutboxRow.gave_up_at.is_(None)))
    return [f"{row.key}, {row.attempts} tries, {row.last_error}, at {row.available_at}" for row in rows]


def _title_of(function: Any) -> str:
    return str(function.__doc__ or function.__name__).strip().splitlines()[0].rstrip(".")


def _make_ground(
    request: pytest.FixtureRequest, kind: str, run_folder: Path, worker_name: str
) -> tuple[stores.Store, Ground]:
    name = f"soak_{worker_name}"
    if kind == stores.SQLITE:
        store: stores.Store = stores.SqliteStore(run_folder, name, name)
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        store = stores.PostgresStore(cluster.server_url, name, name)
    store.make_empty()
    settings = Settings(env=Environment.TEST, database_url=store.url)
    campus.make(settings)
    ground = campus.ground(settings)
    store.keep_as_template()
    return store, ground
