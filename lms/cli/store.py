"""The database for commands that need nothing else: no doors, no templates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

import flask_migrate
from flask import Flask

import lms
from lms.foundation.database import db, engine_options, prepare_engine
from lms.foundation.migrations import MIGRATIONS
from lms.foundation.settings import Settings


def database_app(settings: Settings | None = None) -> Flask:
    """An application that holds the database and its migrations, and answers nobody."""
    settings = settings or Settings()
    import_every_model()
    app = Flask("lms", static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    app.extensions["lms_settings"] = settings
    db.init_app(app)
    flask_migrate.Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True, compare_type=True)
    make_folder_of(settings)
    with app.app_context():
        prepare_engine(db.engine)
    return app


def import_every_model() -> None:
    """Make every room's tables known to the metadata."""
    for module in ("lms.foundation.audit", "lms.foundation.outbox"):
        import_module(module)
    for room in iter_modules(lms.__path__):
        if room.ispkg and find_spec(f"lms.{room.name}.models"):
            import_module(f"lms.{room.name}.models")


def make_folder_of(settings: Settings) -> None:
    """SQLite makes its file, not the folder around it."""
    if settings.is_sqlite:
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def opened(app: Flask) -> Iterator[None]:
    """The app's context; every connection is closed at its end."""
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring the schema up to `revision`, each migration in one transaction: done or not begun."""
    with opened(database_app(settings)):
        flask_migrate.upgrade(revision=revision)


def downgrade(settings: Settings, revision: str = "base") -> None:
    """Take migrations back, down to `revision`."""
    with opened(database_app(settings)):
        flask_migrate.downgrade(revision=revision)


def check(settings: Settings) -> None:
    """Raises alembic's CommandError where the tables in code and in the database differ."""
    with opened(database_app(settings)):
        flask_migrate.check()
