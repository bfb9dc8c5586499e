"""Lists paged by key: a page begins after (or ends before) a row that the address names by its token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import Row, Select, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from lms.foundation.database import db

PAGE_SIZE = 25
MOST_EXPORTED = 10_000
MOST_DIGITS = 18  # what fits a database's integer, whatever the digits

Shown = TypeVar("Shown")
Made = TypeVar("Made")
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
    goes_on = len(found) > place.limit
    rows = tuple(reversed(found[: place.limit])) if backwards else tuple(found[: place.limit])
    if not rows:
        return Page(())
    has_earlier = goes_on if backwards else edge is not None
    has_later = backwards or goes_on
    return Page(rows, rows[0].token if has_earlier else None, rows[-1].token if has_later else None)


def number_named(text: str) -> int | None:
    """The number of a row that an address names by it; None for what no key can be."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def _edge(order: Sequence[Column], token: Column, place: Place) -> AnyRow | None:
    named = place.before or place.after
    return db.session.execute(select(*order).where(token == named)).one_or_none() if named else None
