"""`lms standing`: compare the standing index with the rules, or remake it."""

from __future__ import annotations

import click

from lms.cli.store import opened
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.settings import Settings

DIFFERS = 1


@click.group()
def standing() -> None:
    """The standing index: what the rules said when they were last asked."""


@standing.command()
def verify() -> int:
    """Compare every row with what the rules say now. Exits with 1 if any differs."""
    from lms.app import create_app
    from lms.pathway import index

    with opened(create_app(Settings())), unit_of_work.reading(db.session):
        differing = list(index.verify(clock.now()))
    for enrollment_id, column in differing:
        print(f"enrollment {enrollment_id}: {column} differs")
    print(f"{len(differing)} rows differ from the rules." if differing else "The index says what the rules say.")
    return DIFFERS if differing else 0


@standing.command()
def rebuild() -> None:
    """Remake every row from the rules."""
    from lms.app import create_app
    from lms.pathway import index

    with opened(create_app(Settings())), unit_of_work.writing(db.session):
        count = index.rebuild(clock.now())
        db.session.commit()
    print(f"{count} rows were remade.")
