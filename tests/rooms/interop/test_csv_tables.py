"""CSV tables: what people wrote stays text, what was counted stays a number."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.interop.csv_tables import csv_bytes

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cells(table: bytes, *, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), delimiter=separator))


def begins_formula(cell: str) -> bool:
    """As a careless spreadsheet reads it: leading white space and invisible signs fall away, wide forms are folded."""
    if cell.startswith(FORMULA_STARTS):
        return True
    seen = [sign for sign in cell if unicodedata.category(sign) not in ("Zs", "Zl", "Zp", "Cc", "Cf")]
    return bool(seen) and unicodedata.normalize("NFKC", seen[0]).startswith(FORMULA_STARTS)


def test_the_table_begins_with_a_byte_order_mark_and_its_lines_end_as_spreadsheets_expect() -> None:
    table = csv_bytes(["Name", "Score"], [["Åsa", 3]])

    assert table == b"\xef\xbb\xbfName,Score\r\n\xc3\x85sa,3\r\n"


def test_numbers_days_and_moments_stay_what_they_are() -> None:
    moment = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)

    table = csv_bytes(list("abcdefg"), [[-1, -2.5, Decimal("-0.10"), True, None, date(2027, 1, 14), moment]])

    assert cells(table)[1] == ["-1", "-2.5", "-0.10", "true", "", "2027-01-14", "2027-01-14T09:30:00+00:00"]


def test_a_number_that_is_none_is_written_as_text() -> None:
    table = csv_bytes(["a", "b"], [[float("-inf"), Decimal("NaN")]])

    assert cells(table)[1] == ["'-inf", "NaN"]


def test_ordinary_texts_are_left_alone() -> None:
    texts = ["Maya Okafor", "Dr. O'Neill", "'t Hooft", "a, b", 'said "go"', "3–5", "—", "two\nlines", "x = y", "李小龙"]

    table = csv_bytes([str(n) for n in range(len(texts))], [texts])

    assert cells(table)[1] == texts


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "﹣1",
        "＠SUM(1)",
        " =1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        '"=1',
        "\0=1",
        "−1+1",
    ],
)
def test_a_text_that_looks_like_a_formula_is_marked_as_text(text: str) -> None:
    table = csv_bytes(["note"], [[text]])

    assert not begins_formula(cells(table)[1][0])
    assert "'" in cells(table)[1][0]


def test_no_hostile_text_starts_a_formula_whatever_the_separator(payloads: Callable[[str], list[str]]) -> None:
    hostile = payloads("csv_injection")

    table = csv_bytes(["n", "text", "after"], [[n, text, text] for n, text in enumerate(hostile)])

    for row in cells(table)[1:]:
        assert not any(begins_formula(cell) for cell in row)
    for separator in (";", "\t"):
        for row in cells(table, separator=separator):
            assert not any(begins_formula(cell) for cell in row), row


def test_hostile_texts_come_back_whole_but_for_the_marks(payloads: Callable[[str], list[str]]) -> None:
    hostile = payloads("csv_injection")

    table = csv_bytes(["text"], [[text] for text in hostile])

    returned = [row[0] for row in cells(table)[1:]]
    assert [text.replace("'", "") for text in returned] == [text.replace("'", "") for text in hostile]


def test_headers_are_texts_too() -> None:
    assert cells(csv_bytes(["=1+1"], []))[0] == ["'=1+1"]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells under a header of 1"):
        csv_bytes(["only"], [["one", "two"]])


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_text_stays_in_its_cell_and_starts_no_formula(texts: list[str]) -> None:
    table = csv_bytes([str(n) for n in range(len(texts))], [texts])

    (row,) = cells(table)[1:] or [[""]]
    assert len(row) == len(texts)
    assert not any(begins_formula(cell) for cell in row)
