"""`lms audit`: whether the audit trail is what was sealed, and the digest that proves it."""

from __future__ import annotations

import click

from lms.cli.store import database_app, opened
from lms.foundation import audit_sealing, unit_of_work
from lms.foundation.audit_verifying import verify as verified
from lms.foundation.database import db
from lms.foundation.settings import Settings

BROKEN = 1


@click.group()
def audit() -> None:
    """The audit trail, which the worker seals."""


@audit.command()
@click.option("--head", default="", metavar="DIGEST", help="A digest noted earlier, which the trail must still hold.")
def verify(head: str) -> int:
    """Compare every sealed entry with its seal, and every seal with the one before.

    Exits with 1 at the first that differs. Without a digest from outside, such as the one in
    the daily mail, a trail that was cut off at its end or made anew as a whole looks true.
    """
    with opened(database_app(Settings())), unit_of_work.reading(db.session):
        found = verified(head.strip())
    if found.broken is not None:
        print(found.broken.in_english())
        return BROKEN
    print(f"{found.entries} entries under {found.seals} seals are as they were sealed.")
    print(f"head {found.head}")
    return 0


@audit.command()
def head() -> int:
    """Print the digest of the newest seal, to be kept elsewhere. Exits with 1 where nothing is sealed."""
    with opened(database_app(Settings())), unit_of_work.reading(db.session):
        seal = audit_sealing.head()
        digest = seal.digest if seal else None
    print(digest or "Nothing is sealed yet.")
    return 0 if digest else BROKEN
