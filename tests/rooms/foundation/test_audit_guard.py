"""The database as it is migrated refuses whatever would change the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms.cli import store
from lms.foundation import audit, audit_sealing
from lms.foundation.audit_verifying import verify
from lms.foundation.database import db
from lms.foundation.settings import Settings
from tests.support import stores
from tests.support.moments import HOUR, NOON

ENTRY = (
    "INSERT {0} INTO audit_entry (id, at, action, object_kind, object_id, details) SELECT id, at, 'x', 'y', 'z', '{{}}'"
)
SEAL = (
    "INSERT {0} INTO audit_seal (number, first_id, last_id, count, previous, prints, digest, sealed_at)"
    " SELECT number, first_id, last_id, 9, previous, prints, digest, sealed_at"
)
ANYWHERE = [
    "UPDATE audit_entry SET action = 'other'",
    "UPDATE audit_entry SET id = id + 100",
    "DELETE FROM audit_entry",
    "UPDATE audit_seal SET digest = 'other'",
    "DELETE FROM audit_seal",
]
REFUSED = {
    stores.SQLITE: [
        *ANYWHERE,
        ENTRY.format("OR REPLACE") + " FROM audit_entry",
        SEAL.format("OR REPLACE") + " FROM audit_seal",
    ],
    stores.POSTGRESQL: [*ANYWHERE, "TRUNCATE audit_entry", "TRUNCATE audit_seal", "TRUNCATE audit_entry, audit_seal"],
}


@pytest.fixture
def migrated(engine_kind: str, run_folder: Path, worker_name: str) -> Iterator[Flask]:
    """An application on a database that the migrations made, with two sealed entries. Its context is open."""
    database = stores.open_store(engine_kind, run_folder, f"guarded_{worker_name}")
    database.make_empty()
    settings = Settings(database_url=database.url)
    store.upgrade(settings)
    app = store.database_app(settings)
    with store.opened(app):
        for number in range(2):
            audit.record("submit", "attempt", number, actor_id=None, at=NOON)
        db.session.commit()
        audit_sealing.seal_due(NOON + HOUR)
        yield app
    database.remove()


def test_the_trail_is_added_to_and_never_changed(migrated: Flask, engine_kind: str) -> None:
    for statement in REFUSED[engine_kind]:
        with pytest.raises(DBAPIError, match="is added to, never changed"):
            db.session.execute(text(statement))
        db.session.rollback()

    assert (verify().broken, verify().entries) == (None, 2)


def test_more_can_be_added_and_sealed(migrated: Flask) -> None:
    audit.record("release", "attempt", 1, actor_id=None, at=NOON)
    db.session.commit()

    sealed = audit_sealing.seal_due(NOON + HOUR)

    assert sealed == 1
    assert (verify().broken, verify().entries) == (None, 3)
