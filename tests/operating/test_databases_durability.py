"""An acknowledged write survives the loss of power: how every connection to SQLite is set."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Connection

from lms.cli import store
from lms.foundation.database import db
from lms.foundation.settings import Settings
from tests.support import stores

DURABLE = ("wal", 2, 1)  # PRAGMA synchronous: 2 is FULL


def settings_of(connection: Connection) -> tuple[object, ...]:
    """As SQLite itself reports them, without the layer that set them."""
    driver = connection.connection.driver_connection
    assert driver is not None
    return tuple(
        driver.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    )


def test_every_connection_of_the_pool_waits_for_the_disk(app: Flask, engine_kind: str) -> None:
    if engine_kind != stores.SQLITE:
        return
    db.session.remove()
    engine = db.engine
    size = 5 + 10  # what the pool keeps, and what it lends beyond that

    held = [engine.connect() for _number in range(size)]
    found = [settings_of(connection) for connection in held]
    held[0].invalidate()
    found.append(settings_of(held[0]))
    for connection in held:
        connection.close()

    assert len({id(connection) for connection in held}) == size
    assert found == [DURABLE] * (size + 1)


def test_the_connections_of_commands_wait_for_it_too(app: Flask, engine_kind: str) -> None:
    settings: Settings = app.extensions["lms_settings"]

    with store.opened(store.database_app(settings)), db.engine.connect() as connection:
        if engine_kind == stores.SQLITE:
            assert settings_of(connection) == DURABLE
        else:
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "1500ms"
