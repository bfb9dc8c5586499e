"""`lms db`: copies of the database, and whether what is stored agrees with itself."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import click
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from lms.cli.copying import newest_revision, postgres, sqlite
from lms.cli.store import opened
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.settings import Settings

DIFFERS = 1


@click.group("db")
def databases() -> None:
    """The database: a copy of it, putting one back, and whether it is sound."""


@databases.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a verified copy of the database to FILE, while the product runs."""
    settings = Settings()
    file = file.absolute()
    copier(settings).save(settings.database_url, file)
    print(f"{file} holds a verified copy of {file.stat().st_size:,} bytes.")


@databases.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of a database that is not empty, which is kept.")
def restore(file: Path, replace: bool) -> None:
    """Put the copy in FILE in the place of the database. Stop the product first."""
    settings = Settings()
    stamp = f"{clock.now():%Y%m%d_%H%M%S}"
    done = copier(settings).restore(settings.database_url, file.absolute(), replace=replace, stamp=stamp)
    print(f"The database is what it was in {file}.")
    if done.kept:
        print(f"What was there before is kept: {done.kept}.")
    if done.revision != newest_revision():
        print("The copy is of an older version: run `lms migrate` next.")


@databases.command()
def verify() -> int:
    """Read everything and compare it with itself. Exits with 1 if anything differs.

    The file or the tables; the schema; each score with its answer journal; certificates,
    seats, the numbers of sittings, and the standing index with the rules.
    """
    settings = Settings()
    lines = copier(settings).problems(settings.database_url) or _what_disagrees(settings)
    for line in lines:
        print(line)
    print(f"{len(lines)} things are wrong." if lines else "Everything that is stored agrees.")
    return DIFFERS if lines else 0


@databases.command()
def recount() -> None:
    """Count every sitting anew, where `verify` says that the numbers kept of an exam are wrong."""
    from lms.app import create_app
    from lms.assessment import services

    with opened(create_app(Settings())), unit_of_work.writing(db.session):
        services.recount()
        db.session.commit()
    print("The sittings of every exam were counted anew.")


def copier(settings: Settings) -> ModuleType:
    """How this engine is copied: `save`, `restore` and `problems`."""
    return sqlite if settings.is_sqlite else postgres


def _what_disagrees(settings: Settings) -> list[str]:
    from lms.app import create_app
    from lms.overviews import soundness

    with opened(create_app(settings)), unit_of_work.reading(db.session):
        if _revision() != newest_revision():
            return [f"The schema is at {_revision() or 'nothing'}, the code at {newest_revision()}: run `lms migrate`."]
        return [finding.as_line() for finding in soundness.findings(clock.now())]


def _revision() -> str:
    try:
        return str(db.session.scalar(text("SELECT version_num FROM alembic_version")) or "")
    except (OperationalError, ProgrammingError):
        db.session.rollback()
        return ""
