"""CSV tables that people open in a spreadsheet: no cell they contain can start a formula."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

Cell: TypeAlias = str | int | float | Decimal | bool | date | datetime | None

FORMULA_STARTS = frozenset("=+-@|%\u2212")
BYTE_ORDER_MARK = "\ufeff"
INVISIBLE = ("Zs", "Zl", "Zp", "Cc", "Cf")
QUOTES = "\"'`"
# Where a semicolon or a tab separates cells (spreadsheets follow the country's habit), quotes inside a line
# do not protect, so a formula could begin in the middle of what we wrote as one cell.
AFTER_SEPARATOR = re.compile(r"([;\t\r\n])")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table as UTF-8 with a byte order mark (spreadsheets need it) and CRLF line ends.

    Numbers stay numbers, days and moments are ISO 8601, None is an empty cell. A text that a
    spreadsheet could read as a formula gets an apostrophe in front, the sign for "this is text".
    Raises ValueError if a row is not as long as the header.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow([text_cell(title) for title in header])
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"A row has {len(row)} cells under a header of {len(header)}.")
        writer.writerow([_written(cell) for cell in row])
    return (BYTE_ORDER_MARK + table.getvalue()).encode("utf-8", errors="replace")


def text_cell(text: str) -> str:
    """The text, made safe to stand in a cell of any spreadsheet file."""
    parts = AFTER_SEPARATOR.split(text.replace("\0", ""))
    safe = "".join(f"'{part}" if _starts_formula(part) else part for part in parts)
    return f"'{safe}" if safe.startswith(("\t", "\r", "\n")) else safe


def _written(cell: Cell) -> str | int | float | Decimal:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case int():
            return cell
        case float() | Decimal() if math.isfinite(cell):
            return cell
        case date():
            return cell.isoformat()
        case _:
            return text_cell(str(cell))


def _starts_formula(part: str) -> bool:
    """Whether the first sign is a formula's, once spaces, invisible signs and quotes are left out.

    Full-width and other compatible forms count as their plain form: some spreadsheets fold them.
    """
    for character in part:
        if unicodedata.category(character) in INVISIBLE or character in QUOTES:
            continue
        return unicodedata.normalize("NFKC", character)[:1] in FORMULA_STARTS
    return False
