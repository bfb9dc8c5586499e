"""Copies of a SQLite database, by its own online backup."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from lms.cli.copying import CopyFailed, Restored, refuse_unknown_revision, synced, written_beside

PAGES_AT_ONCE = 2000
PATIENCE_SECONDS = 10.0
COMPANIONS = ("-wal", "-shm")


def save(url: str, file: Path) -> None:
    """Write a verified copy of the database to `file`. Raises CopyFailed."""
    source = file_of(url)
    if not source.is_file():
        raise CopyFailed(f"There is no database at {source}.")
    with written_beside(file) as part:
        _copy(source, part)
        verified_revision(part)


def restore(url: str, file: Path, *, replace: bool, stamp: str) -> Restored:
    """Put a copy in the place of the database; what was there stays beside it. Raises CopyFailed."""
    target = file_of(url)
    revision = verified_revision(file)
    kept = None
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_beside(target) as part:
        _copy(file, part)
        if holds_anything(target):
            if not replace:
                raise CopyFailed(f"The database {target} is not empty. Say --replace to put the copy in its place.")
            kept = target.with_name(f"{target.name}.before-{stamp}")
        _set_aside(target, kept)
    return Restored(revision, str(kept or ""))


def problems(url: str) -> list[str]:
    """What SQLite itself finds wrong with the file."""
    return _problems(file_of(url))


def file_of(url: str) -> Path:
    database = make_url(url).database or ""
    return Path(database)


def verified_revision(file: Path) -> str:
    """The schema's revision in a file that is sound from end to end. Raises CopyFailed."""
    found = _problems(file)
    if found:
        raise CopyFailed(f"{file} is not sound: {found[0]}")
    with closing(_opened(file)) as connection:
        revision = _revision(connection)
    refuse_unknown_revision(revision, file)
    return revision


def holds_anything(file: Path) -> bool:
    """Whether there are rows in it, beyond the number of its schema; what can't be read is taken for something."""
    if not file.exists() or file.stat().st_size == 0:
        return False
    try:
        with closing(_opened(file)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            wanted = [name for name in tables if name != "alembic_version" and not name.startswith("sqlite_")]
            return any(connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() for name in wanted)  # noqa: S608  # its own names
    except sqlite3.DatabaseError:
        return True


def _copy(source: Path, target: Path) -> None:
    """All pages at one moment, while others write. The copy is one file without a log beside it."""
    try:
        with closing(_opened(source)) as read, closing(sqlite3.connect(target)) as written:
            read.execute("BEGIN")
            read.execute(
                "SELECT 1 FROM sqlite_master"
            ).fetchone()  # from here on we see one moment: no page is copied twice
            read.backup(written, pages=PAGES_AT_ONCE)
            written.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise CopyFailed(f"{source} could not be copied: {error}.") from error


def _set_aside(target: Path, kept: Path | None) -> None:
    """Make room at `target`, which stays in place until the copy takes it in one step."""
    if not target.exists():
        return
    _refuse_if_open(target)
    if kept is not None:
        os.link(target, kept)
    for ending in COMPANIONS:  # only a broken database still has any: its log goes with it
        companion = target.with_name(target.name + ending)
        if companion.exists() and kept is not None:
            companion.rename(kept.with_name(kept.name + ending))
        companion.unlink(missing_ok=True)
    synced(target.parent)


def _refuse_if_open(file: Path) -> None:
    """Whoever has the database open would go on writing into the file that was set aside."""
    try:
        with closing(sqlite3.connect(file, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise CopyFailed("The database is in use. Stop the product, then restore.") from error
    except sqlite3.DatabaseError:
        return  # broken: nobody can be using it, and that may be why a copy is put in its place


def _problems(file: Path) -> list[str]:
    if not file.is_file():
        return [f"there is no file {file}"]
    try:
        with closing(_opened(file)) as connection:
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            dangling = {str(row[0]) for row in connection.execute("PRAGMA foreign_key_check")}
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return said + [f"rows of {table} point at rows that do not exist" for table in sorted(dangling)]


def _revision(connection: sqlite3.Connection) -> str:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return ""
    return str(row[0]) if row else ""


def _opened(file: Path) -> sqlite3.Connection:
    """For reading, and never made anew where there is none."""
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE_SECONDS)
    connection.execute("PRAGMA query_only=ON")
    return connection
