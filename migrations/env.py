"""How Alembic meets our database: the engine of the current application, batches for SQLite."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from lms.foundation.database import Base, db

config = context.config


def run_migrations() -> None:
    with db.engine.connect() as connection:
        _prepare(connection)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transactional_ddl=True,  # true of both engines, since our SQLite transactions begin where we say
            transaction_per_migration=True,
            process_revision_directives=_say_nothing_changed,
            render_item=_plain_types,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            _refuse_dangling_keys(connection)


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # A batch rebuilds its table, and dropping the old one would take the rows that point at it along.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    else:
        connection.exec_driver_sql("SET statement_timeout = 0")  # a migration may take its time; a lock may not
    connection.commit()


def _refuse_dangling_keys(connection: Connection) -> None:
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    if dangling:
        raise RuntimeError(f"Rows of {sorted({row[0] for row in dangling})} point at rows that do not exist.")


def _say_nothing_changed(_context: object, _revision: object, directives: list[object]) -> None:
    """Write no empty migration."""
    script = directives[0] if directives else None
    if getattr(config.cmd_opts, "autogenerate", False) and script is not None and script.upgrade_ops.is_empty():  # type: ignore[attr-defined]  # alembic's script
        directives[:] = []


def _plain_types(kind: str, item: object, _context: object) -> str | bool:
    """Our column types as what they are in the database, so that a migration never imports the product."""
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__.startswith("lms."):
        return {"UtcDateTime": "sa.DateTime(timezone=True)", "Thousandths": "sa.BigInteger()"}[type(item).__name__]
    return False


run_migrations()
