"""`lms audit`: what it says of a sound trail and of a broken one, and how it exits."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.cli import run
from lms.foundation import audit, audit_sealing
from lms.foundation.audit import AuditEntry, AuditSeal
from lms.foundation.database import db
from lms.foundation.settings import Settings
from tests.support.browser import settle
from tests.support.moments import HOUR, NOON

Output = pytest.CaptureFixture[str]


@pytest.fixture
def digest(app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """The newest digest of a trail of three entries; the environment names its database."""
    settings: Settings = app.extensions["lms_settings"]
    monkeypatch.setenv("LMS_DATABASE_URL", settings.database_url)
    for number in range(3):
        audit.record("submit", "attempt", number, actor_id=None, at=NOON)
    db.session.commit()
    audit_sealing.seal_due(NOON + HOUR)
    return db.session.scalars(select(AuditSeal.digest)).one()


def command(*words: str) -> int:
    settle()
    return run(words)


def test_a_sound_trail_is_counted(digest: str, capsys: Output) -> None:
    status = command("audit", "verify")

    assert status == 0
    assert capsys.readouterr().out == f"3 entries under 1 seals are as they were sealed.\nhead {digest}\n"


def test_the_newest_digest_is_printed_and_known_again(digest: str, capsys: Output) -> None:
    status = command("audit", "head")
    printed = capsys.readouterr().out

    assert (status, printed) == (0, f"{digest}\n")
    assert command("audit", "verify", "--head", printed) == 0


def test_a_digest_that_the_trail_does_not_hold_is_an_alarm(digest: str, capsys: Output) -> None:
    status = command("audit", "verify", "--head", "f" * 64)

    assert status == 1
    assert "cut off or made anew" in capsys.readouterr().out


def test_an_entry_that_was_changed_is_named(digest: str, capsys: Output) -> None:
    changed = db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all()[1]
    db.session.execute(update(AuditEntry).where(AuditEntry.id == changed).values(actor_id=4417))

    status = command("audit", "verify")

    assert status == 1
    assert capsys.readouterr().out == f"Entry {changed} of seal 1 was changed.\n"


def test_a_trail_without_a_seal_has_no_digest(app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    settings: Settings = app.extensions["lms_settings"]
    monkeypatch.setenv("LMS_DATABASE_URL", settings.database_url)

    statuses = [command("audit", "head"), command("audit", "verify")]

    assert statuses == [1, 0]
    assert "Nothing is sealed yet." in capsys.readouterr().out
