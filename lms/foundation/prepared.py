"""Statements of the busiest pages, worked out once in a process and then only run.

Building a `select()` and working out under which key its text is cached takes longer than the
database takes to answer it. What is prepared here keeps its text and the ways of its values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Dialect,
    Insert,
    Integer,
    Select,
    bindparam,
    cast,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from lms.foundation import unit_of_work
from lms.foundation.database import Base, db
from lms.foundation.errors import ReadOnlyRequest
from lms.foundation.unit_of_work import Mode

KEPT_NUMBERS = 32
_CONNECTION = "connection"

Change = Callable[[Any], Any]


class Prepared:
    """A statement whose values are `bindparam()`s by name; a list of values (`IN`) has no fixed text and is refused.

    `make` is called once for each kind of database, when it is first asked for.
    """

    def __init__(self, make: Callable[[Dialect], Select[*tuple[Any, ...]] | Insert]) -> None:
        self._make = make
        self._texts: dict[str, _Text] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Run it in the transaction of this request. What the session still holds back is written first, as always."""
        connection = _connection()
        text = self._texts.get(connection.dialect.name) or self._work_out(connection)
        if text.writes and unit_of_work.mode() is Mode.READ:
            raise ReadOnlyRequest("A reading request may not write.")
        return text.run(connection, values)

    def row(self, **values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return next(iter(self.rows(**values)), None)

    def _work_out(self, connection: Connection) -> _Text:
        dialect = connection.dialect
        return self._texts.setdefault(dialect.name, _text_of(self._make(dialect), dialect))


def prepared(statement: Select[*tuple[Any, ...]]) -> Prepared:
    """A question that reads the same for every database."""
    return Prepared(lambda _dialect: statement)


class PreparedForMany:
    """A question about several ids, made with one bound value for each; one text for each number of them is kept."""

    def __init__(self, make: Callable[[list[BindParameter[int]]], Select[*tuple[Any, ...]]]) -> None:
        self.make = make
        self._for = lru_cache(maxsize=KEPT_NUMBERS)(lambda count: prepared(make(_ids(count))))

    def rows(self, ids: Collection[int]) -> list[tuple[Any, ...]]:
        """What is found about them; nothing is asked where there are none."""
        return self._for(len(ids)).rows(**{f"id_{place}": one for place, one in enumerate(ids)}) if ids else []


class PreparedTogether:
    """Several questions about the same ids in one statement, the first column of each being the id of what is found."""

    def __init__(self, *questions: PreparedForMany) -> None:
        self._questions = questions
        self._asked = PreparedForMany(lambda ids: _together([question.make(ids) for question in questions]))

    def rows(self, ids: Collection[int]) -> list[list[tuple[Any, ...]]]:
        """What each of them finds, in the order of the questions and of the ids found."""
        found: list[list[tuple[Any, ...]]] = [[] for _question in self._questions]
        for number, *fields in self._asked.rows(ids):
            found[number].append(tuple(fields[self._spans[number]]))
        for rows in found:
            rows.sort(key=itemgetter(0))
        return found

    @cached_property
    def _spans(self) -> list[slice]:
        ends = list(accumulate(len(question.make(_ids(1)).selected_columns) for question in self._questions))
        return [slice(begin, end) for begin, end in pairwise((0, *ends))]


def _together(questions: Sequence[Select[*tuple[Any, ...]]]) -> Select[*tuple[Any, ...]]:
    """One below the other: each fills columns of its own, so that every value keeps its type, and leaves the others empty."""
    asked = [list(question.order_by(None).subquery().c) for question in questions]
    parts = [
        select(
            literal(number, Integer).label("question"),
            *(
                (column if columns is own else cast(null(), column.type)).label(f"field_{which}_{place}")
                for which, columns in enumerate(asked)
                for place, column in enumerate(columns)
            ),
        )
        for number, own in enumerate(asked)
    ]
    return select(*union_all(*parts).subquery().c)


class PreparedRow:
    """A row that is written by its fields' names; where one with the same key stands already, it is written over.

    Without a key to go by (`over`) a second one is a Conflict, as always. What the session holds of the row
    from before is none of this statement's business: who may have read it expires it.
    """

    def __init__(self, table: type[Base], fields: Sequence[str], *, over: str = "", back: str = "id") -> None:
        self._written = Prepared(lambda dialect: _written(dialect, table, fields, over).returning(getattr(table, back)))

    def write(self, **values: Any) -> Any:
        """Returns what the column `back` holds in the row: its id, unless another was named."""
        [(back,)] = self._written.rows(**{_to(name): value for name, value in values.items()})
        return back


def _connection() -> Connection:
    """The one that this request reads through, unless its session has begun to."""
    if unit_of_work.mode() is Mode.READ:
        looking = unit_of_work.looking()
        if looking is not None:
            return looking
        if not (db.session.registry.has() and db.session.registry().in_transaction()):
            return unit_of_work.look(db.engine)
    session = db.session()
    session.flush()
    kept = unit_of_work.kept(db.session)
    if _CONNECTION not in kept:
        kept[_CONNECTION] = session.connection()
    connection: Connection = kept[_CONNECTION]
    return connection


def _written(dialect: Dialect, table: type[Base], fields: Sequence[str], over: str) -> Insert:
    bound = {name: bindparam(_to(name), type_=getattr(table, name).type) for name in fields}
    insert = (postgresql.insert if dialect.name == "postgresql" else sqlite.insert)(table).values(bound)
    if not over:
        return insert
    return insert.on_conflict_do_update(
        index_elements=[over], set_={name: insert.excluded[name] for name in fields if name != over}
    )


def _to(name: str) -> str:
    """A value's own name is not to be a column's."""
    return f"to_{name}"


def _ids(count: int) -> list[BindParameter[int]]:
    return [bindparam(f"id_{place}", type_=BigInteger) for place in range(count)]


@dataclass(frozen=True)
class _Text:
    """A statement as one kind of database reads it, with what turns values into its own and back."""

    sql: str
    writes: bool
    order: tuple[str, ...] | None
    constants: Mapping[str, Any]
    to_store: Mapping[str, Change]
    to_read: tuple[tuple[int, Change], ...]

    def run(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        named = {**self.constants, **values}
        for name, change in self.to_store.items():
            if name in values:
                named[name] = change(values[name])
        given: Any = named if self.order is None else tuple(named[name] for name in self.order)
        found = self._found(connection, given)
        return self._read(found) if found and self.to_read else found

    def _found(self, connection: Connection, given: Any) -> list[tuple[Any, ...]]:
        """SQLite's own driver is asked itself, where nobody listens to what is sent: what lies between costs more
        than the answer. What it refuses is asked once more the long way, which gives the error its name."""
        if connection.dialect.name == "sqlite" and not connection.dispatch.before_cursor_execute:
            driver: Any = connection.connection.driver_connection
            with suppress(sqlite3.Error):
                rows: list[tuple[Any, ...]] = driver.execute(self.sql, given).fetchall()
                return rows
        return [tuple(row) for row in connection.exec_driver_sql(self.sql, given)]

    def _read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        columns: list[Any] = list(zip(*rows, strict=True))
        for place, change in self.to_read:
            columns[place] = map(change, columns[place])
        return list(zip(*columns, strict=True))


def _text_of(statement: Select[*tuple[Any, ...]] | Insert, dialect: Dialect) -> _Text:
    compiled = statement.compile(dialect=dialect)
    if any(bound.expanding for bound in compiled.binds.values()):
        raise ValueError("A prepared statement has one text, which a list of values has not.")
    processors = {
        name: bound.type.dialect_impl(dialect).bind_processor(dialect) for name, bound in compiled.binds.items()
    }
    to_store = {name: change for name, change in processors.items() if change is not None}
    constants = {
        name: to_store[name](bound.value) if name in to_store else bound.value
        for name, bound in compiled.binds.items()
        if not bound.required
    }
    readers = [
        column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.exported_columns
    ]
    return _Text(
        sql=str(compiled),
        writes=isinstance(statement, Insert),
        order=tuple(compiled.positiontup or ()) if compiled.positional else None,
        constants=constants,
        to_store=to_store,
        to_read=tuple((place, change) for place, change in enumerate(readers) if change is not None),
    )
