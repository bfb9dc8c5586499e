"""The ground that all other tests stand on."""

from __future__ import annotations

from flask import Flask
from flask_sqlalchemy.session import Session
from sqlalchemy import func, select, text
from sqlalchemy.orm import scoped_session

from lms.accounts.models import Account, Person
from lms.accounts.services import password_matches
from lms.foundation.database import db
from tests.support.cast import PASSWORD, Cast
from tests.support.statements import statements


def test_the_cast_is_there_and_can_sign_in(app: Flask, cast: Cast) -> None:
    accounts = db.session.scalars(select(Account)).all()

    assert {account.person_id for account in accounts} == {member.person_id for member in cast.everyone()}
    assert all(account.verified_at for account in accounts)
    assert password_matches(accounts[0].password_hash, PASSWORD)


def test_what_one_test_commits(db_session: scoped_session[Session], cast: Cast) -> None:
    db_session.add(Person(name="Somebody", zone="UTC", created_at=func.now()))
    db_session.get_one(Person, cast.learner.person_id).name = "Changed"
    db_session.commit()

    assert db_session.scalar(select(func.count()).select_from(Person)) == len(cast.everyone()) + 1


def test_is_unknown_to_the_next(app: Flask, cast: Cast) -> None:
    names = set(db.session.scalars(select(Person.name)))

    assert names == {member.name for member in cast.everyone()}


def test_statements_are_counted_without_the_frame_of_a_transaction(app: Flask) -> None:
    with statements(app) as sent:
        db.session.execute(text("SELECT 1"))
        db.session.commit()

    assert sent == ["SELECT 1"]


def test_sqlite_runs_as_in_production(app: Flask, engine_kind: str) -> None:
    if engine_kind == "sqlite":
        pragmas = [
            db.session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        assert pragmas == ["wal", 2, 1]
    else:
        assert db.session.scalar(text("SELECT current_setting('lock_timeout')")) == "1500ms"
