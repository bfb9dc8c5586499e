"""The migrations and the models describe one schema, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, Inspector, create_engine, inspect, select, text

from lms.assessment import queries
from lms.assessment.models import AttemptTally
from lms.cli import run, store
from lms.foundation.database import Base, db
from lms.foundation.migrations import MIGRATIONS, newest_migrations
from lms.foundation.settings import Settings
from lms.usecases import submitting
from tests.support import stores
from tests.support.browser import settle
from tests.support.cast import Cast
from tests.support.moments import NOON
from tests.support.sittings import answer_all, sit

ALEMBICS_OWN = "alembic_version"


@pytest.fixture
def empty(engine_kind: str, run_folder: Path, worker_name: str) -> Iterator[Settings]:
    """Settings for a database without a table."""
    database = stores.open_store(engine_kind, run_folder, f"migrations_{worker_name}")
    database.make_empty()
    yield Settings(database_url=database.url)
    database.remove()


@pytest.fixture
def engine(empty: Settings) -> Iterator[Engine]:
    engine = create_engine(empty.database_url)
    yield engine
    engine.dispose()


def test_migrating_makes_what_the_models_say(empty: Settings) -> None:
    store.upgrade(empty)

    store.check(empty)


def test_what_alembic_does_not_compare_is_equal_too(empty: Settings, engine: Engine) -> None:
    store.upgrade(empty)
    migrated = schema_of(engine)
    store.downgrade(empty)

    Base.metadata.create_all(engine)

    assert migrated == schema_of(engine)


def test_what_the_models_guard_is_guarded_when_migrated_too(empty: Settings, engine: Engine) -> None:
    store.upgrade(empty)
    migrated = triggers_of(engine)
    store.downgrade(empty)
    left = triggers_of(engine)

    Base.metadata.create_all(engine)

    assert left == set()
    assert {"answer_entry_of_open_attempt"} <= triggers_of(engine) <= migrated


def test_up_down_and_up_again(empty: Settings, engine: Engine) -> None:
    store.upgrade(empty)
    store.downgrade(empty)
    left = set(inspect(engine).get_table_names())
    store.upgrade(empty)

    assert left == {ALEMBICS_OWN}
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, ALEMBICS_OWN}


def test_sittings_that_were_there_before_their_numbers_are_counted(app: Flask, cast: Cast) -> None:
    settings: Settings = app.extensions["lms_settings"]
    answer_all(passed := sit(cast, cast.learner))
    submitting.submit(passed, now=NOON)
    sit(cast, cast.stranger, program="official", exam="officials-exam")
    settle()

    with store.opened(store.database_app(settings)):
        flask_migrate.stamp()  # the tables of a test are made at once
    store.downgrade(settings, "0006")
    store.upgrade(settings)

    kept = db.session.scalars(select(AttemptTally).order_by(AttemptTally.exam_id)).all()
    assert [(one.exam_id, one.attempts, one.running, one.waiting, one.passed) for one in kept] == [
        ("judges-exam", 1, 0, 0, 1),
        ("officials-exam", 1, 1, 0, 0),
    ]
    assert queries.tally_differences() == []


def test_a_migration_that_fails_half_way_leaves_nothing_behind(empty: Settings, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE seat (somebody_elses INTEGER)"))

    with pytest.raises(Exception, match="seat"):
        store.upgrade(empty)

    assert set(inspect(engine).get_table_names()) - {ALEMBICS_OWN} == {"seat"}


def test_the_command_migrates_what_the_environment_names(
    empty: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LMS_DATABASE_URL", empty.database_url)

    statuses = [run(["migrate"]), run(["migrate"])]

    assert statuses == [0, 0]
    assert "up to date" in capsys.readouterr().out
    assert "attempt" in inspect(engine).get_table_names()


def triggers_of(engine: Engine) -> set[str]:
    """The names of the triggers that somebody made."""
    listed = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with engine.connect() as connection:
        return set(connection.scalars(text(listed[engine.dialect.name])))


def schema_of(engine: Engine) -> dict[str, Any]:
    """Everything that reflection tells of every table, in an order that does not depend on how it was made."""
    inspector = inspect(engine)
    return {table: _table(inspector, table) for table in inspector.get_table_names() if table != ALEMBICS_OWN}


def _table(inspector: Inspector, table: str) -> dict[str, Any]:
    return {
        "columns": {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in inspector.get_columns(table)
        },
        "primary_key": inspector.get_pk_constraint(table)["constrained_columns"],
        "foreign_keys": _sorted(inspector.get_foreign_keys(table)),
        "unique": _sorted(inspector.get_unique_constraints(table)),
        "checks": _sorted(inspector.get_check_constraints(table)),
        "indexes": _sorted(inspector.get_indexes(table)),
    }


def _sorted(found: list[Any]) -> list[str]:
    return sorted(str(_plain(one)) for one in found)


def _plain(value: Any) -> Any:
    """Reflected values without the addresses of objects: an index's condition is an object that holds its text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value)


def test_what_is_read_without_alembic_is_what_alembic_says() -> None:
    assert newest_migrations() == set(ScriptDirectory(str(MIGRATIONS)).get_heads())
