"""Lists paged by key: a page begins after (or ends before) a row that the address names by its token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from lms.foundation.database import db
from lms.foundation.prepared import Prepared, prepared

PAGE_SIZE = 25
MOST_EXPORTED = 10_000
MOST_DIGITS = 18  # what fits a database's integer, whatever the digits

Shown = TypeVar("Shown")
Made = TypeVar("Made")
Found = TypeVar("Found")
Column = InstrumentedAttribute[Any]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Place:
    """Where in a list: after or before the row of this token; the beginning where neither is named."""

    after: str = ""
    before: str = ""
    limit: int = PAGE_SIZE


FROM_THE_START = Place()
EVERYTHING = Place(limit=MOST_EXPORTED)


@dataclass(frozen=True)
class Page(Generic[Shown]):
    """Some rows of a list, and the tokens by which the pages around them are asked for."""

    rows: tuple[Shown, ...]
    previous: str | None = None
    next: str | None = None

    def of(self, make: Callable[[Shown], Made]) -> Page[Made]:
        """The same page with each row made into something else."""
        return Page(tuple(make(row) for row in self.rows), self.previous, self.next)


def page_of(
    listed: AnySelect, order: Sequence[Column], token: Column, place: Place, *, newest_first: bool = False
) -> Page[AnyRow]:
    """One page of `listed`, whose rows carry `token`, in the order of the columns `order` (unique together).

    A token that names nothing gives the first page: what was listed may have gone since.
    """
    edge = _edge(order, token, place)
    backwards = edge is not None and bool(place.before)
    falling = newest_first is not backwards
    if edge is not None:
        here = tuple_(*order)
        there = tuple_(*(literal(value, column.type) for value, column in zip(edge, order, strict=True)))
        listed = listed.where(here < there if falling else here > there)
    ordered = listed.order_by(*(column.desc() if falling else column.asc() for column in order))
    found = db.session.execute(ordered.limit(place.limit + 1)).all()
    return _page(found, place, attrgetter("token"), has_edge=edge is not None)


def _page(found: Sequence[Found], place: Place, token_of: Callable[[Found], str], *, has_edge: bool) -> Page[Found]:
    """What was found, which is one row more than fits where the list goes on."""
    goes_on, backwards = len(found) > place.limit, has_edge and bool(place.before)
    rows = tuple(reversed(found[: place.limit])) if backwards else tuple(found[: place.limit])
    if not rows:
        return Page(())
    has_earlier = goes_on if backwards else has_edge
    has_later = backwards or goes_on
    return Page(rows, token_of(rows[0]) if has_earlier else None, token_of(rows[-1]) if has_later else None)


class PreparedPages:
    """A list in the order of one number, as `page_of` would page it, whose statements are made once.

    The token stands first in a row. What else the list is bound to is given with every question.
    """

    def __init__(self, listed: AnySelect, number: Column, token: Column, *, newest_first: bool = False) -> None:
        self._edge = prepared(select(number).where(token == bindparam("edge_token")))
        self._start = _prepared_page(listed, number, falling=newest_first)
        self._after = _prepared_page(listed.where(_beyond(number, falling=newest_first)), number, falling=newest_first)
        self._before = _prepared_page(
            listed.where(_beyond(number, falling=not newest_first)), number, falling=not newest_first
        )

    def page(self, place: Place, **values: Any) -> Page[tuple[Any, ...]]:
        edge = self._edge_of(place)
        if edge is None:
            found = self._start.rows(most=place.limit + 1, **values)
        else:
            beyond = self._before if place.before else self._after
            found = beyond.rows(most=place.limit + 1, edge=edge, **values)
        return _page(found, place, itemgetter(0), has_edge=edge is not None)

    def _edge_of(self, place: Place) -> int | None:
        named = place.before or place.after
        found = self._edge.row(edge_token=named) if named else None
        return found[0] if found else None


def _beyond(number: Column, *, falling: bool) -> ColumnElement[bool]:
    edge = bindparam("edge", type_=number.type)
    return number < edge if falling else number > edge


def _prepared_page(listed: AnySelect, number: Column, *, falling: bool) -> Prepared:
    order = number.desc() if falling else number.asc()
    return prepared(listed.order_by(order).limit(bindparam("most", type_=Integer)))


def number_named(text: str) -> int | None:
    """The number of a row that an address names by it; None for what no key can be."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def _edge(order: Sequence[Column], token: Column, place: Place) -> AnyRow | None:
    named = place.before or place.after
    return db.session.execute(select(*order).where(token == named)).one_or_none() if named else None
