"""Sentences that are not finished yet.

Pure rooms never write a finished sentence: they give a key and values, and web,
notices and PDF put them into the reader's language. The key is the English text
with named fields, so that the source stays readable and gettext has its msgid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias

Value: TypeAlias = "str | int | float | Decimal | date | datetime | Span | Message | tuple[Value, ...]"


@dataclass(frozen=True)
class Span:
    """From one moment to another, said with its zone: on the clocks of `zone`, or else on the reader's."""

    starts_at: datetime
    ends_at: datetime
    zone: str = ""


@dataclass(frozen=True)
class Message:
    """One sentence to be said: `Message("Your membership ends on {day}.", {"day": date(2026, 12, 31)})`.

    Fields may hold dates, numbers, other messages, or tuples of these (read out as a list).
    `plural` is the key for counts other than one, chosen by the whole number in field `n`.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    plural: str | None = None

    def __hash__(self) -> int:
        return hash((self.key, tuple(sorted((name, str(value)) for name, value in self.values.items()))))

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON column; `from_json` gives an equal message."""
        packed: dict[str, Any] = {"key": self.key, "values": {name: _pack(v) for name, v in self.values.items()}}
        if self.plural is not None:
            packed["plural"] = self.plural
        return packed

    @classmethod
    def from_json(cls, packed: Mapping[str, Any]) -> Message:
        values = {name: _unpack(value) for name, value in packed["values"].items()}
        return cls(packed["key"], values, packed.get("plural"))

    def in_english(self) -> str:
        """The sentence in the source language, for logs, the command line and tests."""
        key = self.plural if self.plural is not None and self.values.get("n") != 1 else self.key
        return key.format(**{name: _plain(value) for name, value in self.values.items()})


def _plain(value: Value) -> str:
    if isinstance(value, Message):
        return value.in_english()
    if isinstance(value, tuple):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, Span):
        return f"{_plain(value.starts_at)} to {_plain(value.ends_at)}"
    if isinstance(value, datetime):
        return f"{value.day} {value:%B %Y, %H:%M}"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return str(value)


def _pack(value: Value) -> Any:
    if isinstance(value, Message):
        return {"message": value.to_json()}
    if isinstance(value, tuple):
        return {"list": [_pack(part) for part in value]}
    if isinstance(value, Span):
        return {"span": [value.starts_at.isoformat(), value.ends_at.isoformat(), value.zone]}
    if isinstance(value, date):
        return {"datetime" if isinstance(value, datetime) else "date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return value


def _unpack(packed: Any) -> Value:
    if not isinstance(packed, dict):
        return packed  # type: ignore[no-any-return]  # JSON scalars are Values
    [(kind, inner)] = packed.items()
    if kind not in _READERS:
        raise ValueError(f"Unknown packed value: {kind}")
    return _READERS[kind](inner)


def _span(packed: list[str]) -> Span:
    starts_at, ends_at, zone = packed
    return Span(datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at), zone)


_READERS: Mapping[str, Callable[[Any], Value]] = {
    "message": Message.from_json,
    "list": lambda parts: tuple(_unpack(part) for part in parts),
    "span": _span,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
}
