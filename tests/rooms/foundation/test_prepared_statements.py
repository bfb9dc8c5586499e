"""Statements that keep their text say what the session's own would say, and keep its rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, literal, select

from lms.accounts.models import Person
from lms.foundation import unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Conflict, ReadOnlyRequest
from lms.foundation.prepared import Prepared, PreparedForMany, PreparedRow, PreparedTogether, prepared
from lms.foundation.unit_of_work import Mode
from tests.support.statements import statements

AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def a_person(name: str) -> Person:
    return Person(name=name, zone="UTC", created_at=AT)


def test_values_come_back_as_the_session_would_give_them(app: Flask) -> None:
    named = prepared(select(Person.id, Person.created_at).where(Person.name == bindparam("name")))
    with app.app_context():
        someone = a_person("Robin Field")
        db.session.add(someone)

        found = named.rows(name="Robin Field")  # what the session still held back is written first

        assert found == [(someone.id, AT)]
        assert named.row(name="Nobody") is None


def test_several_ids_are_asked_for_at_once_and_none_without_asking(app: Flask) -> None:
    named = PreparedForMany(lambda ids: select(Person.name).where(Person.id.in_(ids)).order_by(Person.name))
    with app.app_context():
        people = [a_person("Ann"), a_person("Ben"), a_person("Cem")]
        db.session.add_all(people)
        db.session.flush()

        assert named.rows([one.id for one in people]) == [("Ann",), ("Ben",), ("Cem",)]
        assert named.rows([people[1].id]) == [("Ben",)]
        assert named.rows([]) == []


def test_a_list_has_no_fixed_text(app: Flask) -> None:
    listed = prepared(select(Person.id).where(Person.id.in_(bindparam("ids", expanding=True))))
    with app.app_context(), pytest.raises(ValueError, match="one text"):
        listed.rows(ids=[1, 2])


def test_a_reading_request_writes_nothing_this_way_either(app: Flask) -> None:
    written = Prepared(lambda _dialect: insert(Person).values(name=bindparam("called")).returning(Person.id))
    with app.app_context():
        unit_of_work.enter(Mode.READ)
        try:
            with pytest.raises(ReadOnlyRequest):
                written.rows(called="Robin Field")
        finally:
            unit_of_work.leave()


def test_a_row_is_written_by_its_fields_and_its_id_comes_back(app: Flask) -> None:
    written = PreparedRow(Person, ("token", "name", "zone", "locale", "created_at"))
    with app.app_context():
        row_id = written.write(token="one", name="Robin Field", zone="UTC", locale="en", created_at=AT)
        found = db.session.get_one(Person, row_id)

        assert (found.name, found.created_at) == ("Robin Field", AT)
        with pytest.raises(Conflict):
            written.write(token="one", name="Sam Field", zone="UTC", locale="en", created_at=AT)


def test_where_a_key_is_named_the_row_is_written_over(app: Flask) -> None:
    fields = ("token", "name", "zone", "locale", "created_at")
    written = PreparedRow(Person, fields, over="token", back="name")
    with app.app_context():
        written.write(token="one", name="Robin Field", zone="UTC", locale="en", created_at=AT)

        assert written.write(token="one", name="Sam Field", zone="UTC", locale="en", created_at=AT) == "Sam Field"
        assert db.session.scalars(select(Person.name).where(Person.token == "one")).all() == ["Sam Field"]


def test_a_reading_request_writes_no_row_either(app: Flask) -> None:
    written = PreparedRow(Person, ("token", "name", "zone", "locale", "created_at"))
    with app.app_context():
        unit_of_work.enter(Mode.READ)
        try:
            with pytest.raises(ReadOnlyRequest):
                written.write(token="one", name="Robin Field", zone="UTC", locale="en", created_at=AT)
        finally:
            unit_of_work.leave()


def test_several_questions_are_asked_at_once_and_each_keeps_its_types(app: Flask) -> None:
    last_first = PreparedForMany(lambda ids: select(-Person.id, Person.created_at).where(Person.id.in_(ids)))
    placed = PreparedForMany(lambda ids: select(Person.id, Person.name, Person.zone).where(Person.id.in_(ids)))
    nothing = PreparedForMany(lambda ids: select(Person.id, literal(7)).where(Person.id.in_(ids), Person.name == "Dot"))
    together = PreparedTogether(last_first, nothing, placed)
    with app.app_context():
        people = [a_person("Ann"), a_person("Ben")]
        db.session.add_all(people)
        db.session.flush()
        one, other = (person.id for person in people)

        with statements(app) as sent:
            found = together.rows([other, one])

        assert found == [[(-other, AT), (-one, AT)], [], [(one, "Ann", "UTC"), (other, "Ben", "UTC")]]
        assert len(sent) == 1
        assert together.rows([]) == [[], [], []]
