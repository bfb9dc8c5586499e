"""A migration is killed at each of its statements, and run again."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, event, insert, select

from lms.cli import store as schema
from lms.foundation.database import db
from lms.foundation.settings import Settings
from tests.soak.cluster import Cluster
from tests.soak.report import Part, Report
from tests.support import stores
from tests.support.moments import NOON

FIRST = "0001"
SAMPLED = 12
CHANGES = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")
FORK = multiprocessing.get_context("fork")  # a process that has everything imported already: there are many


@pytest.fixture
def empty(
    request: pytest.FixtureRequest, engine_kind: str, run_folder: Any, worker_name: str
) -> Iterator[stores.Store]:
    name = f"killed_{worker_name}"
    if engine_kind == stores.SQLITE:
        made: stores.Store = stores.SqliteStore(run_folder, name, name)
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        made = stores.PostgresStore(cluster.server_url, name, name)
    made.make_empty()
    yield made
    made.remove()


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_migration_is_killed_at_each_statement(
    empty: stores.Store, engine_kind: str, soak_report: Report, seed: str, alone: None
) -> None:
    """A migration is killed at its statements and run again."""
    chance = random.Random(f"{seed}/migrating")  # noqa: S311  # what happens, not a secret
    settings = Settings(database_url=empty.url)
    from_nothing = statements_of(settings)
    whole = shape(settings)
    tried = sampled(chance, from_nothing)
    for number in tried:
        empty.make_empty()
        killed_and_run_again(settings, number)
        assert shape(settings) == whole

    empty.make_empty()
    schema.upgrade(settings, FIRST)
    fill(settings)
    before = rows(settings)
    empty.keep_as_template()
    empty.make_fresh()
    later = statements_of(settings)
    after = rows(settings)
    for number in range(1, later + 1):
        empty.make_fresh()
        killed_and_run_again(settings, number)
        assert shape(settings) == whole
        assert rows(settings) == after

    part = Part("A migration is killed at its statements and run again", engine_kind)
    part.note(f"from nothing: {len(tried)} of {from_nothing} statements; from {FIRST} with rows: each of {later}")
    part.note(
        "each time the schema was whole after running it again, and the rows were those of a run that was left alone"
    )
    soak_report.add(part)
    assert before
    assert later > 0


def sampled(chance: random.Random, count: int) -> list[int]:
    return sorted({1, count, *chance.sample(range(1, count + 1), SAMPLED)})


def killed_and_run_again(settings: Settings, number: int) -> None:
    child = FORK.Process(target=migrate_until, args=(settings, number))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    schema.upgrade(settings)


def migrate_until(settings: Settings, number: int) -> None:
    """In a process of its own: migrate, and fall when the `number`th change has been made."""
    done = 0

    def fall(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal done
        done += statement.lstrip().upper().startswith(CHANGES)
        if done == number:
            os.kill(os.getpid(), signal.SIGKILL)

    app = schema.database_app(settings)
    with app.app_context():
        event.listen(db.engine, "after_cursor_execute", fall)
        import flask_migrate

        flask_migrate.upgrade()


def statements_of(settings: Settings) -> int:
    """Migrate, and count what changed something."""
    done = 0

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal done
        done += statement.lstrip().upper().startswith(CHANGES)

    app = schema.database_app(settings)
    with schema.opened(app):
        event.listen(db.engine, "after_cursor_execute", count)
        import flask_migrate

        flask_migrate.upgrade()
    return done


def reflected(settings: Settings) -> tuple[Any, MetaData]:
    engine = create_engine(settings.database_url)
    found = MetaData()
    found.reflect(engine)
    return engine, found


def shape(settings: Settings) -> str:
    """Tables, columns, constraints and indexes, as one comparable text."""
    engine, found = reflected(settings)
    engine.dispose()
    tables = {}
    for name, table in sorted(found.tables.items()):
        columns = [f"{column.name} {column.type} {column.nullable}" for column in table.columns]
        constraints = sorted(f"{type(one).__name__} {one.name}" for one in table.constraints)
        tables[name] = [*columns, *constraints, *sorted(str(index.name) for index in table.indexes)]
    return json.dumps(tables, indent=1)


def fill(settings: Settings) -> None:
    """Rows of the first version's tables that later migrations touch."""
    engine, found = reflected(settings)
    person, account, claim = (found.tables[name] for name in ("person", "account", "claim"))
    with engine.begin() as connection:
        for number in range(1, 4):
            connection.execute(
                insert(person).values(
                    id=number, token=f"t{number}", name=f"Runner {number}", zone="UTC", locale="en", created_at=NOON
                )
            )
            connection.execute(
                insert(account).values(
                    id=number,
                    person_id=number,
                    email=f"r{number}@example.org",
                    email_key=f"r{number}@example.org",
                    password_hash="-",
                    created_at=NOON,
                )
            )
            connection.execute(insert(claim).values(
                id=number, token=f"c{number}", person_id=number, kind="membership", subject="", value="1", note="",
                source="self_declared", status="submitted", recorded_at=NOON))  # fmt: skip
    engine.dispose()


def rows(settings: Settings) -> str:
    engine, found = reflected(settings)
    with engine.connect() as connection:
        held = {
            name: [
                [str(value) for value in row] for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for name, table in sorted(found.tables.items())
        }
    engine.dispose()
    return json.dumps(held)
