"""One prepared campus for each database, with a connection for every hand. Races share it, each with people of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lms.foundation.database import db
from tests.support import campus, stores
from tests.support.arena import Arena, open_arena


@pytest.fixture(scope="session")
def arenas() -> Iterator[dict[str, Arena]]:
    made: dict[str, Arena] = {}
    yield made
    for arena in made.values():
        arena.close()


@pytest.fixture
def app(
    engine_kind: str, arenas: dict[str, Arena], installation: Any, run_folder: Path, worker_name: str
) -> Iterator[Flask]:
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
