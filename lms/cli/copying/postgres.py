"""Copies of a PostgreSQL database, by the programs pg_dump and pg_restore that come with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from lms.cli.copying import CopyFailed, Restored, refuse_unknown_revision, written_beside

SCHEMA = "public"
SET_ASIDE = "before_restore_"
REVISION = re.compile(r"^COPY \S*alembic_version \(version_num\) FROM stdin;\n(\S+)$", re.MULTILINE)


def save(url: str, file: Path) -> None:
    """Write a verified copy of the database to `file`, as it was at one moment. Raises CopyFailed."""
    with written_beside(file) as part:
        _run("pg_dump", url, "--format=custom", f"--exclude-schema={SET_ASIDE}*", "--file", str(part))
        verified_revision(part)


def verified_revision(file: Path) -> str:
    """The schema's revision in a copy that can be read from end to end. Raises CopyFailed."""
    if not file.is_file():
        raise CopyFailed(f"There is no file {file}.")
    _run("pg_restore", None, "--file", os.devnull, str(file))
    wanted = ("--data-only", f"--schema={SCHEMA}", "--table=alembic_version")  # other schemas may hold one of their own
    said = _run("pg_restore", None, *wanted, "--file", "-", str(file))
    found = REVISION.search(said)
    revision = found.group(1) if found else ""
    refuse_unknown_revision(revision, file)
    return revision


def restore(url: str, file: Path, *, replace: bool, stamp: str) -> Restored:
    """Put a copy in the place of the tables; those that were there are kept in a schema of their own.

    The copy comes in one transaction: all of it or nothing. Raises CopyFailed.
    """
    revision = verified_revision(file)
    kept = ""
    with _connected(url) as connection:
        if holds_anything(connection):
            if not replace:
                raise CopyFailed("The database is not empty. Say --replace to put the copy in its place.")
            kept = f"{SET_ASIDE}{stamp}".lower()
        _refuse_if_open(connection)
        _make_room(connection, kept)
    try:
        _run("pg_restore", url, *_into_one_schema(), str(file))
    except CopyFailed:
        if kept:
            _put_back(url, kept)
        raise
    return Restored(revision, kept and f"the schema {kept}")


def problems(url: str) -> list[str]:
    """What can't be read of any row, and constraints that were never checked."""
    found = []
    with _connected(url) as connection:
        for table in _tables(connection):
            every_row = sql.SQL("SELECT count(hashtext(one::text)) FROM {} AS one").format(
                sql.Identifier(SCHEMA, table)
            )
            try:
                connection.execute(every_row)
            except psycopg.Error as error:
                found.append(f"{table} can't be read: {str(error).strip().splitlines()[0]}")
        unchecked = connection.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated").fetchall()
    return found + [f"the constraint {name} was never checked" for (name,) in unchecked]


def holds_anything(connection: psycopg.Connection) -> bool:
    """Whether there are rows, beyond the number of the schema."""
    return any(
        connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(SCHEMA, table))).fetchone()
        for table in _tables(connection)
        if table != "alembic_version"
    )


def _tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [SCHEMA])
    return [name for (name,) in rows]


def _refuse_if_open(connection: psycopg.Connection) -> None:
    others = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).fetchone()
    if others and others[0]:
        raise CopyFailed("The database is in use. Stop the product, then restore.")


def _make_room(connection: psycopg.Connection, kept: str) -> None:
    """An empty schema: what was in it is kept under another name, or was empty tables alone."""
    away = "ALTER SCHEMA {schema} RENAME TO {kept}" if kept else "DROP SCHEMA {schema} CASCADE"
    names = {"schema": sql.Identifier(SCHEMA), "kept": sql.Identifier(kept)}
    with connection.transaction():
        connection.execute(sql.SQL(away).format(**names))
        connection.execute(sql.SQL("CREATE SCHEMA {schema}").format(**names))


def _put_back(url: str, kept: str) -> None:
    names = {"schema": sql.Identifier(SCHEMA), "kept": sql.Identifier(kept)}
    with _connected(url) as connection, connection.transaction():
        connection.execute(sql.SQL("DROP SCHEMA {schema} CASCADE").format(**names))
        connection.execute(sql.SQL("ALTER SCHEMA {kept} RENAME TO {schema}").format(**names))


def _connected(url: str) -> psycopg.Connection:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


def _into_one_schema() -> list[str]:
    """Into the schema that is there, whoever owned what it was copied from, and all of it or nothing."""
    return [f"--schema={SCHEMA}", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]


def _run(program: str, url: str | None, *arguments: str) -> str:
    """What one of PostgreSQL's programs answers. Raises CopyFailed with its complaint.

    The password goes by the environment: what is typed can be seen by anyone.
    """
    found = shutil.which(program)
    if found is None:
        raise CopyFailed(f"The program {program} is missing. It comes with PostgreSQL's client programs.")
    given, whereto = dict(os.environ), []
    if url is not None:
        address = make_url(url).set(drivername="postgresql")
        given["PGPASSWORD"] = str(address.password or "")
        whereto = ["--dbname", address.set(password=None).render_as_string(hide_password=False)]
    done = subprocess.run([found, *whereto, *arguments], env=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CopyFailed(f"{program} could not do it: {_complaint(done.stderr)}")
    return done.stdout


def _complaint(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if "error:" in line] or [said.strip()]
    return lines[0][:300]
