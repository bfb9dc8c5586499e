"""A question as values: what an author wrote, what a sitting may show, what a learner answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, TypeAlias

from lms.foundation.errors import Invalid
from lms.foundation.problems import Problem

# What a learner answered, as it is stored: {"options": ["o2"]} or {"text": "8.1 m/s"}.
Response: TypeAlias = Mapping[str, Any]


class BadResponse(Invalid, ValueError):
    """What was sent can't be a response to this item, whatever the learner did on the page."""

    code = "bad-response"


class Key(Protocol):
    """What makes a response right, for types whose options don't say it."""

    def to_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Option:
    """One option; `id` ("o1", "o2", … in source order) is stable within its item."""

    id: str
    text: str
    feedback: str
    right: bool


@dataclass(frozen=True)
class Item:
    """One question. `stem`, `explanation` and the options' `text` and `feedback` are Markdown as written.

    `path` and `line` say where it stands in its source; they are no part of its identity.
    """

    id: str
    type: str
    objective: str
    stem: str
    options: tuple[Option, ...] = ()
    explanation: str = ""
    fixed: bool = False
    key: Key | None = None
    path: str = field(default="", compare=False)
    line: int = field(default=1, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON column, key included; `from_json` gives an equal item."""
        return {
            "id": self.id,
            "type": self.type,
            "objective": self.objective,
            "stem": self.stem,
            "options": [asdict(option) for option in self.options],
            "explanation": self.explanation,
            "fixed": self.fixed,
            "key": None if self.key is None else self.key.to_json(),
        }

    @classmethod
    def from_json(cls, packed: Mapping[str, Any]) -> Item:
        """The item that `to_json` packed. Raises KeyError or ValueError for anything else."""
        from lms.items.types import type_named  # noqa: PLC0415 - types build on items, so they are imported after them

        key = packed["key"]
        return cls(
            id=packed["id"],
            type=packed["type"],
            objective=packed["objective"],
            stem=packed["stem"],
            options=tuple(Option(**option) for option in packed["options"]),
            explanation=packed["explanation"],
            fixed=packed["fixed"],
            key=None if key is None else type_named(packed["type"]).key_from_json(key),
        )


@dataclass(frozen=True)
class PublicItem:
    """All that a sitting may show of an item: `options` are texts alone, `shown` is what the type adds (a unit)."""

    id: str
    type: str
    stem: str
    options: tuple[str, ...]
    shown: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.type,
            "stem": self.stem,
            "options": list(self.options),
            "shown": dict(self.shown),
        }


@dataclass(frozen=True)
class Parsed:
    """What a block says: its item, or None where an error stands in the way."""

    item: Item | None
    problems: tuple[Problem, ...]
