"""One database per test, copied from a template that was filled once per worker and engine."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.support import postgres

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
ENGINES = (SQLITE, POSTGRESQL)
# Triggers and foreign keys are passed over while tables are filled again: the whole is consistent when all are.
KEEP_TABLES = """
CREATE SCHEMA kept;
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', one.tablename);
  END LOOP;
END $$;
CREATE FUNCTION kept.refill(tables text[]) RETURNS void LANGUAGE plpgsql
  SET session_replication_role = replica SET lock_timeout = '2s' AS $$
DECLARE one text; counter record; columns text;
BEGIN
  FOREACH one IN ARRAY tables LOOP
    SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
      WHERE attrelid = ('public.' || quote_ident(one))::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('DELETE FROM public.%I', one);
    EXECUTE format('INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM kept.%1$I', one, columns);
  END LOOP;
  FOR counter IN SELECT * FROM kept.sequences WHERE table_name = ANY(tables) LOOP
    PERFORM setval(counter.name::regclass, counter.last_value, counter.is_called);
  END LOOP;
END $$;
CREATE TABLE kept.sequences (name text, table_name text, last_value bigint, is_called boolean);
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT DISTINCT pg_get_serial_sequence(format('public.%I', table_name), column_name) AS name, table_name
      FROM information_schema.columns WHERE table_schema = 'public' LOOP
    CONTINUE WHEN one.name IS NULL;
    EXECUTE format('INSERT INTO kept.sequences SELECT %L, %L, last_value, is_called FROM %s',
      one.name, one.table_name, one.name);
  END LOOP;
END $$;
"""


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
        live = server.set(database=self._live)
        self._plain_url = live.render_as_string(hide_password=False)
        self._refilling: psycopg.Connection | None = None
        self.url = live.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)

    def beside(self, name: str) -> PostgresStore:
        """Another database of the same server."""
        return PostgresStore(self._server, name, name)

    def make_empty(self) -> None:
        self._run("DROP DATABASE IF EXISTS {live} WITH (FORCE)", "CREATE DATABASE {live} TEMPLATE template0")

    @property
    def database(self) -> str:
        return self._live

    def keep_as_template(self) -> None:
        """Beside the template database there is a copy of every table in a schema of its own: see `refill`."""
        with psycopg.connect(self._plain_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS kept CASCADE")  # of a template that this one was filled from
            connection.execute(KEEP_TABLES)
        self._run("DROP DATABASE IF EXISTS {template} WITH (FORCE)", "ALTER DATABASE {live} RENAME TO {template}")

    def refill(self, tables: Iterable[str]) -> bool:
        """Fill these tables as they are in the template. Others may stay connected; False if they are in the way."""
        try:
            if self._refilling is None or self._refilling.closed:
                self._refilling = psycopg.connect(self._plain_url, autocommit=True)
            self._refilling.execute("SELECT kept.refill(%s)", [sorted(tables)])
        except psycopg.Error:
            return False
        return True

    def make_fresh(self) -> None:
        self._run(
            "DROP DATABASE IF EXISTS {live} WITH (FORCE)",
            "CREATE DATABASE {live} TEMPLATE {template} STRATEGY FILE_COPY",
        )

    def remove(self) -> None:
        self._run("DROP DATABASE IF EXISTS {live} WITH (FORCE)", "DROP DATABASE IF EXISTS {template} WITH (FORCE)")

    def _run(self, *statements: str) -> None:
        if self._refilling is not None:
            self._refilling.close()
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
