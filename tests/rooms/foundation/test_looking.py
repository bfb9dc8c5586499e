"""A unit of work that only reads: one connection, which the session joins, and which is given back."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.foundation import unit_of_work
from lms.foundation.database import db
from lms.foundation.prepared import Prepared, prepared
from lms.foundation.unit_of_work import Mode
from tests.rooms.foundation.test_prepared_statements import a_person

NAMES = prepared(select(Person.name).where(Person.name == bindparam("name")))


def test_a_session_joins_the_connection_that_was_read_through(app: Flask) -> None:
    with app.app_context(), unit_of_work.reading(db.session):
        NAMES.rows(name="Robin Field")

        assert unit_of_work.looking() is db.session.connection()


def test_a_session_that_began_to_read_is_joined_in_turn(app: Flask) -> None:
    with app.app_context(), unit_of_work.reading(db.session):
        began = db.session.connection()
        NAMES.rows(name="Robin Field")

        assert unit_of_work.looking() is None
        assert db.session.connection() is began


def test_the_connection_is_given_back_where_the_reading_ends(app: Flask) -> None:
    with app.app_context():
        with unit_of_work.reading(db.session):
            NAMES.rows(name="Robin Field")
            assert db.engine.pool.checkedout() == 1  # type: ignore[attr-defined]  # QueuePool's
        assert unit_of_work.looking() is None
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_what_was_written_since_is_seen_when_reading_begins_anew(app: Flask) -> None:
    with app.app_context():
        with unit_of_work.reading(db.session):
            assert NAMES.rows(name="Robin Field") == []
        with unit_of_work.writing(db.session):
            db.session.add(a_person("Robin Field"))
            db.session.commit()
        with unit_of_work.reading(db.session):
            assert NAMES.rows(name="Robin Field") == [("Robin Field",)]


def test_what_the_database_refuses_has_its_name(app: Flask) -> None:
    """Also where nobody listens, and SQLite's driver is asked itself."""
    broken = Prepared(lambda _dialect: select(text("no_such_column")).select_from(Person))
    with app.app_context(), unit_of_work.reading(db.session), pytest.raises(SQLAlchemyError, match="no_such_column"):
        broken.rows()


# ---- what is remembered


def test_what_is_remembered_of_reading_ends_with_it(app: Flask) -> None:
    with app.app_context():
        with unit_of_work.reading(db.session):
            NAMES.rows(name="Robin Field")
            unit_of_work.kept(db.session)["asked"] = True
            assert unit_of_work.kept(db.session) == {"asked": True}
        with unit_of_work.reading(db.session):
            assert unit_of_work.kept(db.session) == {}


def test_what_is_remembered_before_anything_was_asked_ends_as_well(app: Flask) -> None:
    with app.app_context():
        with unit_of_work.reading(db.session):
            unit_of_work.kept(db.session)["asked"] = True
        with unit_of_work.reading(db.session):
            assert unit_of_work.kept(db.session) == {}


def test_a_savepoint_that_is_let_go_keeps_it_and_one_that_is_undone_does_not(app: Flask) -> None:
    with app.app_context():
        db.session.add(a_person("Robin Field"))
        db.session.flush()
        unit_of_work.kept(db.session)["asked"] = True
        with db.session.begin_nested():
            pass
        assert unit_of_work.kept(db.session)["asked"]
        undone = db.session.begin_nested()
        undone.rollback()
        assert unit_of_work.kept(db.session) == {}
        unit_of_work.kept(db.session)["asked"] = True
        db.session.commit()
        assert unit_of_work.kept(db.session) == {}


def test_another_session_remembers_nothing_of_it(app: Flask) -> None:
    with app.app_context():
        unit_of_work.kept(db.session)["asked"] = True
        with Session(db.engine) as other:
            assert not other.info


def test_leaving_ends_what_reads(app: Flask) -> None:
    with app.app_context():
        unit_of_work.enter(Mode.READ)
        NAMES.rows(name="Robin Field")
        unit_of_work.leave()

        assert unit_of_work.looking() is None
        assert unit_of_work.mode() is Mode.WRITE
