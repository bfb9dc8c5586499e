"""Somebody else holds the database, or the database is taken from everybody."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from sqlalchemy import make_url

from lms.cli.copying import sqlite
from tests.soak.cluster import Cluster
from tests.soak.conftest import Arena, only_on
from tests.soak.history import Outcome
from tests.support import stores

HELD_SECONDS = 10.0
BUSY = 503


@contextmanager
def write_lock(arena: Arena) -> Iterator[None]:
    """Held by a connection that is none of the product's."""
    if arena.engine == stores.SQLITE:
        with closing(sqlite3.connect(sqlite.file_of(arena.url), timeout=5, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
    else:
        with psycopg.connect(plain(arena.url)) as connection:
            connection.execute("LOCK TABLE person, attempt, answer_entry, sign_in_session IN EXCLUSIVE MODE")
            yield
            connection.rollback()


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def test_the_write_lock_is_held(arena: Arena) -> None:
    """Another process holds the write lock for 10 s."""
    with arena.site().running() as site:
        with arena.under_load(site) as history:
            arena.go_on(history)
            with write_lock(arena):
                began = time.monotonic()
                time.sleep(HELD_SECONDS / 2)
                pages = [site.get(path) for path in ("/", "/programs", "/readyz")]
                time.sleep(HELD_SECONDS / 2)
            freed = time.monotonic()
            arena.recovers(history)
            arena.go_on(history)
        arena.settle()
    during = [one for one in history.all() if began + 2 < one.invoked_at and one.ended_at < freed]
    arena.part.note(f"pages meanwhile: {pages}; refused meanwhile: {len(during)}, each told when to come back")
    arena.judge(history)
    assert pages == [200, 200, 200]
    assert {(one.outcome, one.status, one.told) for one in during} == {(Outcome.FAIL, BUSY, "busy")}
    assert history.statuses()[500] == 0


@only_on(stores.POSTGRESQL)
def test_postgresql_is_restarted(arena: Arena, cluster: Cluster) -> None:
    """PostgreSQL is restarted at once, twice, under load."""
    with arena.site().running() as site:
        with arena.under_load(site) as history:
            for _time in range(2):
                arena.go_on(history)
                cluster.restart_at_once()
                arena.recovers(history)
            arena.go_on(history)
        arena.settle()
    arena.judge(history)
    assert history.statuses()[500] == 0


@only_on(stores.POSTGRESQL)
def test_backends_are_terminated(arena: Arena, cluster: Cluster) -> None:
    """Every connection to PostgreSQL is terminated, eight times, under load."""
    ended = 0
    with arena.site().running() as site:
        with arena.under_load(site) as history:
            for _time in range(8):
                arena.go_on(history, 8)
                ended += cluster.terminate_everyone()
            arena.recovers(history)
            arena.go_on(history)
        arena.settle()
    arena.part.note(f"{ended} connections were terminated")
    arena.judge(history)
    assert history.statuses()[500] == 0
