"""The disk is full, or lets itself be read alone."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from lms.cli.copying import sqlite
from tests.soak.client import Client, Reply
from tests.soak.cluster import Cluster
from tests.soak.conftest import Arena, only_on
from tests.soak.load import EXAM, problem_of
from tests.soak.site import Site, wait_for
from tests.support import stores
from tests.support.cast import PASSWORD

ROOM = 24_000_000
PIECE = bytes(65_536)


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system in memory with little room; who may not mount one skips the test."""
    place.mkdir()
    done = system("mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place))
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        assert system("umount", "--lazy", str(place)).returncode == 0


def system(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603  # a program of the system


def fill(ballast: Path) -> None:
    """Take all the room there is, and again what is freed meanwhile."""
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(PIECE)


@only_on(stores.SQLITE)
def test_the_disk_is_full(arena: Arena) -> None:
    """The disk is full, and has room again."""
    with small_disk(arena.folder / "disk") as disk:
        live = disk / "baton.sqlite3"
        shutil.copyfile(sqlite.file_of(arena.url), live)
        url = f"sqlite:///{live}"
        with arena.site(url=url).running() as site:
            with arena.under_load(site) as history:
                arena.go_on(history)
                ends = time.monotonic() + 6
                while time.monotonic() < ends:
                    fill(disk / "ballast")
                    time.sleep(0.02)
                pages = [site.get(path) for path in ("/", "/programs")]
                (disk / "ballast").unlink()
                arena.recovers(history)
                arena.go_on(history)
            arena.settle(url)
        refused = history.statuses()[507]
        arena.part.note(f"pages meanwhile: {pages}; refused for want of room: {refused}")
        arena.judge(history, url)
    assert pages == [200, 200]
    assert refused > 0
    assert history.statuses()[500] == 0


def test_the_database_can_only_be_read(arena: Arena, request: pytest.FixtureRequest) -> None:
    """The database can only be read."""
    with arena.site().running() as site:
        reader = signed_in(site, arena)
        began = reader.post(EXAM, {})
        item = f"{began.location}/items/1"
        page = reader.get(item)

    with read_only(arena, request), arena.site(url=read_only_url(arena)).running() as site:
        reader.port = site.port
        pages = [reader.get(path).status for path in ("/", "/learn", item, "/account")]
        refused = [save(reader, item, 10**8), reader.post(f"/classes/{arena.ground.class_token}/seat", {})]
        ready = site.get("/readyz")

    with arena.site().running() as site:
        reader.port = site.port
        again = [save(reader, item, 10**8 + 1).status, site.get("/readyz")]
    arena.part.note(f"pages {pages}; writes {[one.status for one in refused]}; /readyz {ready}; afterwards {again}")
    assert page.status == 200
    assert pages == [200, 200, 200, 200]
    assert [(one.status, problem_of(one)["code"]) for one in refused] == [(503, "read-only")] * 2
    assert all(one.headers["retry-after"] for one in refused)
    assert ready == 503
    assert again == [200, 200]


def signed_in(site: Site, arena: Arena) -> Client:
    client = Client(site.port, "10.9.9.9")
    client.get("/signin")
    client.post("/signin", {"email": arena.ground.people[0], "password": PASSWORD})
    client.get("/account")
    return client


def save(client: Client, item: str, sequence: int) -> Reply:
    return client.post(item, {"sequence": str(sequence), "answer": "0"})


def read_only_url(arena: Arena) -> str:
    """SQLite is opened for reading alone; of PostgreSQL the whole server is set so."""
    if arena.engine == stores.POSTGRESQL:
        return arena.url
    return f"sqlite:///file:{sqlite.file_of(arena.url)}?mode=ro&uri=true"


@contextmanager
def read_only(arena: Arena, request: pytest.FixtureRequest) -> Iterator[None]:
    if arena.engine == stores.SQLITE:
        yield
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    _set(cluster, "ALTER SYSTEM SET default_transaction_read_only = on")
    try:
        yield
    finally:
        _set(cluster, "ALTER SYSTEM RESET default_transaction_read_only")


def _set(cluster: Cluster, statement: str) -> None:
    wanted = "on" if statement.endswith("on") else "off"
    with psycopg.connect(cluster.server_url, autocommit=True) as connection:
        connection.execute(statement)
        connection.execute("SELECT pg_reload_conf()")
    wait_for(lambda: _shown(cluster) == wanted, "the server to read its settings")


def _shown(cluster: Cluster) -> str:
    with psycopg.connect(cluster.server_url, autocommit=True) as connection:
        row = connection.execute("SHOW default_transaction_read_only").fetchone()
    return str(row[0]) if row else ""
