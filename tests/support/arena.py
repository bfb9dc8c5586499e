"""The product with a connection for every hand of a race, where its own pool has fifteen for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

import lms.app
from lms.foundation.database import db, engine_options
from tests.support.racing import MOST
from tests.support.stores import Store


@dataclass(frozen=True)
class Arena:
    """An application and the database that its races share."""

    app: Flask
    store: Store

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.store.remove()


def open_arena(like: Flask, store: Store) -> Arena:
    """The product with the settings of another application, on this database."""

    def roomy(url: str) -> dict[str, Any]:
        return {**engine_options(url), "pool_size": MOST}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lms.app, "engine_options", roomy)
        app = lms.app.create_app(like.extensions["lms_settings"].model_copy(update={"database_url": store.url}))
    app.test_client_class = like.test_client_class
    return Arena(app, store)
