"""The small types in which leaves and programs are written."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field, Strict

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is written as 2028-12-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"the calendar has no day {value}") from None


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("a number such as 6 or 1.5")  # noqa: TRY004 - pydantic reads ValueError
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        raise ValueError("a number such as 6 or 1.5") from None
    if not number.is_finite():
        raise ValueError("a number such as 6 or 1.5")
    return number


Day: TypeAlias = Annotated[date, BeforeValidator(_day)]
Hours: TypeAlias = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=2000)]
Whole: TypeAlias = Annotated[int, Strict()]
Text: TypeAlias = Annotated[str, Strict(), Field(min_length=1, max_length=4000)]
ContentId: TypeAlias = Annotated[str, Strict(), Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
"""Lower-case words and numbers joined by hyphens."""
