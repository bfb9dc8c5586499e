"""Lists whose state lives in the address: where a page begins, what it is narrowed to, and the whole of it as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, request, url_for

from lms.interop.csv_tables import Cell, csv_bytes
from lms.overviews.paging import EVERYTHING, Page, Place

LONGEST_CHOICE = 200
PLACES = ("after", "before", "format")


def chosen(name: str) -> str:
    """What the address says under this name, as text that a database can be asked for."""
    value = request.args.get(name, "")[:LONGEST_CHOICE]
    return "".join(sign for sign in value if sign.isprintable()).strip()


def asked_place() -> Place:
    """The page that the address names; all of the list where it is wanted as a file."""
    return EVERYTHING if wants_csv() else Place(chosen("after"), chosen("before"))


def wants_csv() -> bool:
    return request.args.get("format") == "csv"


def address(**changes: str | None) -> str:
    """This page's own address with something else chosen; None leaves a choice out."""
    kept = {name: value for name, value in request.args.items() if name not in PLACES}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept, **changes})


def pages_around(page: Page[Any]) -> dict[str, str | None]:
    """The addresses of the pages before and after this one, and of the list as a file, for a template."""
    return {
        "previous_url": address(before=page.previous) if page.previous else None,
        "next_url": address(after=page.next) if page.next else None,
        "csv_url": address(format="csv"),
    }


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The list as a file to keep, which no spreadsheet can read a formula from."""
    response = Response(csv_bytes(header, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
