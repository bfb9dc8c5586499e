"""One prepared campus for each database, with a connection for every hand. Races share it, each with people of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import lms.app
from lms.foundation.database import db, engine_options
from tests.support import campus, stores
from tests.support.racing import HANDS


@dataclass(frozen=True)
class Arena:
    app: Flask
    store: stores.Store


Arenas = dict[str, Arena]


@pytest.fixture(scope="session")
def arenas() -> Iterator[Arenas]:
    made: Arenas = {}
    yield made
    for arena in made.values():
        close(arena)


@pytest.fixture
def app(engine_kind: str, arenas: Arenas, installation: Any, run_folder: Path, worker_name: str) -> Iterator[Flask]:
    """The product on the database that all races of this engine share. Its context is open."""
    if engine_kind not in arenas:
        store = stores.open_store(engine_kind, run_folder, f"races_{worker_name}", template=worker_name)
        store.make_fresh()
        arenas[engine_kind] = open_arena(installation.app, store)
    arena = arenas[engine_kind].app
    with arena.app_context():
        campus.forget()
        yield arena
        db.session.rollback()


def open_arena(like: Flask, store: stores.Store) -> Arena:
    """The product with the settings of another, on this database, and a pool that has room for every hand."""

    def roomy(url: str) -> dict[str, Any]:
        return {**engine_options(url), "pool_size": HANDS}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lms.app, "engine_options", roomy)
        app = lms.app.create_app(like.extensions["lms_settings"].model_copy(update={"database_url": store.url}))
    app.test_client_class = like.test_client_class
    return Arena(app, store)


def close(arena: Arena) -> None:
    with arena.app.app_context():
        db.session.remove()
        db.engine.dispose()
    arena.store.remove()
