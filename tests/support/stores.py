"""One database per test, copied from a template that was filled once per worker and engine."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.support import postgres

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
ENGINES = (SQLITE, POSTGRESQL)


class Store(ABC):
    """A database that can be emptied, kept as the template, and made afresh from it. `url` never changes."""

    url: str

    @abstractmethod
    def make_empty(self) -> None: ...

    @abstractmethod
    def keep_as_template(self) -> None:
        """What the database holds now is what every test begins with. Nobody may be connected."""

    @abstractmethod
    def make_fresh(self) -> None:
        """Copy the template. Nobody may be connected."""

    @abstractmethod
    def remove(self) -> None: ...


class SqliteStore(Store):
    """Files on tmpfs, with the settings of production."""

    def __init__(self, folder: Path, name: str, template: str) -> None:
        self._live = folder / f"{name}.sqlite3"
        self._template = folder / f"{template}.template.sqlite3"
        self.url = f"sqlite:///{self._live}"

    def make_empty(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._live.with_name(self._live.name + suffix).unlink(missing_ok=True)

    def keep_as_template(self) -> None:
        shutil.copyfile(self._live, self._template)

    def make_fresh(self) -> None:
        self.make_empty()
        shutil.copyfile(self._template, self._live)

    def remove(self) -> None:
        self.make_empty()
        self._template.unlink(missing_ok=True)


class PostgresStore(Store):
    """Databases of one server; names carry the run and the worker, so that runs may share a server."""

    def __init__(self, server_url: str, name: str, template: str) -> None:
        self._live = f"baton_test_{name}"
        self._template = f"baton_test_{template}_template"
        server = make_url(server_url).set(drivername="postgresql")
        self._server = server.render_as_string(hide_password=False)
        self.url = server.set(drivername="postgresql+psycopg", database=self._live).render_as_string(
            hide_password=False
        )

    def make_empty(self) -> None:
        self._run("DROP DATABASE IF EXISTS {live} WITH (FORCE)", "CREATE DATABASE {live} TEMPLATE template0")

    def keep_as_template(self) -> None:
        self._run("DROP DATABASE IF EXISTS {template} WITH (FORCE)", "ALTER DATABASE {live} RENAME TO {template}")

    def make_fresh(self) -> None:
        self._run(
            "DROP DATABASE IF EXISTS {live} WITH (FORCE)",
            "CREATE DATABASE {live} TEMPLATE {template} STRATEGY FILE_COPY",
        )

    def remove(self) -> None:
        self._run("DROP DATABASE IF EXISTS {live} WITH (FORCE)", "DROP DATABASE IF EXISTS {template} WITH (FORCE)")

    def _run(self, *statements: str) -> None:
        names = {"live": sql.Identifier(self._live), "template": sql.Identifier(self._template)}
        with psycopg.connect(self._server, autocommit=True) as connection:
            for statement in statements:
                connection.execute(sql.SQL(statement).format(**names))


def open_store(kind: str, folder: Path, name: str, *, template: str | None = None) -> Store:
    """A store of this engine; PostgreSQL is LMS_TEST_DATABASE_URL, or else a server of the run's own.

    `template` is the name of the store whose template this one begins from, where that is not its own.
    """
    template = template or name
    if kind == SQLITE:
        return SqliteStore(folder, name, template)
    server = os.environ.get("LMS_TEST_DATABASE_URL")
    if server:
        run = folder.name.rpartition("-")[2]
        return PostgresStore(server, f"{run}_{name}".lower(), f"{run}_{template}".lower())
    server = postgres.url_of_run(folder, int(os.environ["LMS_TEST_RUN_PID"]))
    return PostgresStore(server, name, template)
