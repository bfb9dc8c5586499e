"""What a decision must know besides the person: titles, ranks, and which modules make up a set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from lms.foundation.messages import Message, Value

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class World:
    """The release's own facts.

    `names`: `kind:id` → title (`program:level-1`, `credential:level-1`), a bare id as a fallback.
    `ranks`: credential id → its step on the ladder, where it has one.
    `sets`: module set id → its module ids.
    `counting`: credential id → ids of the programs and partner courses that count for its renewal.
    `zone`: the issuer's zone; when given, `at` must be in it.
    `today`: when given, an end that still lies ahead of the reader is told in the future tense.
    """

    names: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    ranks: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    counting: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    zone: str | None = None
    today: date | None = None

    def name(self, kind: str, content_id: str) -> str:
        """The title, or the id where nobody gave one."""
        return self.names.get(f"{kind}:{content_id}") or self.names.get(content_id) or content_id

    def at_or_above(self, credential_id: str) -> frozenset[str]:
        """The credential and those that outrank it."""
        rank = self.ranks.get(credential_id)
        higher = () if rank is None else (name for name, other in self.ranks.items() if other >= rank)
        return frozenset((credential_id, *higher))

    def refuse_wrong_zone(self, at: datetime) -> None:
        """Raises ValueError unless `at` is aware and in the issuer's zone."""
        if at.tzinfo is None:
            raise ValueError("The moment of a decision must carry the issuer's zone.")
        if self.zone is not None and at.utcoffset() != at.astimezone(ZoneInfo(self.zone)).utcoffset():
            raise ValueError(f"The moment of a decision must be in {self.zone}.")

    def ended(self, until: date, at: datetime) -> Message:
        """“Ended on …”, or “Ends on …, before the day that counts” where the end lies ahead of the reader."""
        day = at.date()
        if self.today is None or until < self.today:
            return Message("Ended on {until}.", {"until": until})
        values: dict[str, Value] = {"until": until, "day": day, "n": (day - until).days}
        return Message("Ends on {until}, {n} day before {day}.", values, "Ends on {until}, {n} days before {day}.")
