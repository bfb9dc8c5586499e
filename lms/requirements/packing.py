"""Values to JSON and back, by their own annotations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self, TypeAlias

from pydantic import TypeAdapter
from pydantic_core import CoreSchema, core_schema

from lms.foundation.messages import Message

FactValue: TypeAlias = str | int | Decimal | date | None


class Packed:
    """A frozen dataclass that a JSON column can hold: `from_json(to_json(x)) == x`."""

    def to_json(self) -> dict[str, Any]:
        """Plain values; what has its default is left out."""
        packed: dict[str, Any] = _adapter(type(self)).dump_python(self, mode="json", exclude_defaults=True)
        return packed

    @classmethod
    def from_json(cls, packed: Any) -> Self:
        value: Self = _adapter(cls).validate_python(packed)
        return value


@dataclass(frozen=True)
class Codec:
    """Tells pydantic how a type that it should not look into goes to JSON and back."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(self.write)
        return core_schema.no_info_plain_validator_function(self.read, serialization=written)


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _message(value: Any) -> Message:
    return value if isinstance(value, Message) else Message.from_json(value)


def _moment(value: Any) -> date | datetime | None:
    if value is None or isinstance(value, date):
        return value
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _packed_value(value: FactValue) -> Any:
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def _fact_value(value: Any) -> FactValue:
    if isinstance(value, dict):
        return date.fromisoformat(value["date"]) if "date" in value else Decimal(value["decimal"])
    if value is None or isinstance(value, str | int | Decimal | date):
        return value
    raise ValueError("a fact's value is a string, a number or a day")


PackedMessage: TypeAlias = Annotated[Message, Codec(_message, Message.to_json)]
PackedMoment: TypeAlias = Annotated[date | datetime | None, Codec(_moment, _iso)]
PackedValue: TypeAlias = Annotated[FactValue, Codec(_fact_value, _packed_value)]
