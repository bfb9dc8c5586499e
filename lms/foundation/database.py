"""The database: one declarative base, our column types, and how each engine is set up.

SQLite runs in WAL with `synchronous=FULL`, because an acknowledged answer must
survive a power loss, and its transactions begin where *we* say (see
`unit_of_work`). PostgreSQL gives the same guarantees with row locks.
"""

from __future__ import annotations

import enum
import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import JSON, BigInteger, Connection, Date, DateTime, Dialect, Engine, Enum, MetaData, String, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator, TypeEngine

from lms.foundation import unit_of_work

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
LOCK_TIMEOUT_MS = 1500
STATEMENT_TIMEOUT_MS = 30_000


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database. A naive value is refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A stored moment must know its zone.")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Thousandths(TypeDecorator[Decimal]):
    """An exact, sortable decimal with three places, kept as a whole number of thousandths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002  # SQLAlchemy's signature
        return None if value is None else int((Decimal(value) * 1000).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002  # SQLAlchemy's signature
        return None if value is None else Decimal(value) / 1000


def _values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


class Base(DeclarativeBase):
    """Every table of the product."""

    metadata = MetaData(naming_convention=NAMING)
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            datetime: UtcDateTime(),
            date: Date(),
            Decimal: Thousandths(),
            str: String(),
            dict[str, Any]: JSON(),
            list[Any]: JSON(),
            enum.StrEnum: Enum(enum.StrEnum, native_enum=False, length=32, values_callable=_values),
        },
    )


class OwnSession(Session):
    """Flask-SQLAlchemy's, which joins the connection that this request reads through, and lets go of it in time."""

    def get_bind(self, *args: Any, **named: Any) -> Engine | Connection:
        return unit_of_work.looking() or super().get_bind(*args, **named)

    def rollback(self) -> None:
        super().rollback()
        self._let_go()

    def close(self) -> None:
        super().close()
        self._let_go()

    def _let_go(self) -> None:
        unit_of_work.forget(self)
        unit_of_work.stop_looking()


db = SQLAlchemy(model_class=Base, session_options={"class_": OwnSession})


def insert_once(table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that does nothing where the row is there already, and then returns no row.

    Somebody who inserts the same at this moment is waited for: what they commit counts as being there.
    """
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` is given for this database."""
    if url.startswith("sqlite:"):
        patience = unit_of_work.BUSY_TIMEOUT_MS / 1000
        return {"hide_parameters": True, "connect_args": {"timeout": patience, "check_same_thread": False}}
    options = f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC"
    return {"hide_parameters": True, "pool_pre_ping": True, "connect_args": {"options": options}}


def prepare_engine(engine: Engine) -> None:
    """Give an engine our connection settings, our way of beginning a transaction, and our name for a conflict."""
    event.listen(engine, "handle_error", unit_of_work.name_conflict)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", unit_of_work.begin_sqlite)


def _translate(text: str | None, signs: str, into: str) -> str | None:
    """PostgreSQL's function of this name, which SQLite lacks: each sign as the one at its place, or left out."""
    return None if text is None else text.translate(_table(signs, into))


@lru_cache(maxsize=16)
def _table(signs: str, into: str) -> dict[int, str | None]:
    return {ord(sign): into[place] if place < len(into) else None for place, sign in enumerate(signs)}


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.create_function("translate", 3, _translate, deterministic=True)
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is in unit_of_work
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
