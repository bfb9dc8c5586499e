"""`lms migrate`: bring the database's tables up to date."""

from __future__ import annotations

import click

from lms.cli import store
from lms.foundation.settings import Settings


@click.command()
@click.option("--revision", default="head", show_default=True, help="Where to stop; a revision's number, or head.")
def migrate(revision: str) -> None:
    """Bring the database's tables up to date.

    Each migration is one transaction, so an interrupted one left nothing behind: run it again.
    """
    store.upgrade(Settings(), revision)
    print("The database is up to date.")
