"""What is known about a person, as dated values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import Literal

from lms.requirements.days import after, beginning, reached
from lms.requirements.packing import Packed, PackedMoment, PackedValue


@dataclass(frozen=True)
class Fact(Packed):
    """One thing about a person: what (`kind`, `subject`, `value`), from when until when, and how we know.

    `since` is a day or an aware moment; `until` is the last day on which it holds.
    A `pending` fact was stated and waits for a decision; of an `asked` one the staff want to know more first.
    """

    id: str
    kind: str
    subject: str = ""
    value: PackedValue = None
    since: PackedMoment = None
    until: date | None = None
    state: Literal["established", "pending", "asked"] = "established"
    source: str = ""
    recorded_at: datetime | None = None

    @property
    def established(self) -> bool:
        return self.state == "established"

    def has_begun(self, at: datetime) -> bool:
        return reached(self.since, at)

    def has_ended(self, at: datetime) -> bool:
        return self.until is not None and self.until < at.date()

    def holds(self, at: datetime) -> bool:
        """Whether it has begun and not ended (its end day counts)."""
        return self.has_begun(at) and not self.has_ended(at)

    def turns(self, zone: tzinfo | None) -> Iterable[datetime]:
        """The moments when it begins and when it has ended."""
        if self.since is not None:
            yield beginning(self.since, zone)
        if self.until is not None and (ended := after(self.until, zone)):
            yield ended


@dataclass(frozen=True)
class Waiver(Packed):
    """One requirement laid aside for one person, by its leaf key, until a day (inclusive) or for good.

    It counts in one program, or in every one where `program_id` is "".
    """

    id: str
    leaf_key: str
    until: date | None = None
    reason: str = ""
    program_id: str = ""

    def holds(self, at: datetime) -> bool:
        return self.until is None or at.date() <= self.until


@dataclass(frozen=True)
class Facts(Packed):
    """Everything a decision may look at about one person."""

    facts: tuple[Fact, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def of(self, kind: str, subject: str | None = None) -> tuple[Fact, ...]:
        """The facts of a kind, and about one subject when it is named."""
        return self._index.get((kind, subject), ())

    def holding(self, kind: str, subject: str, at: datetime) -> Fact | None:
        """The first of a kind and about a subject that is established and holds. Rules ask the same many times."""
        asked = (kind, subject, at)
        if asked not in self._holding:
            held = (fact for fact in self.of(kind, subject) if fact.established and fact.holds(at))
            self._holding[asked] = next(held, None)
        return self._holding[asked]

    def plus(self, *facts: Fact) -> Facts:
        return replace(self, facts=self.facts + facts)

    def only(self, ids: Iterable[str]) -> Facts:
        """These facts and waivers alone: what replaying a decision needs."""
        kept = frozenset(ids)
        return Facts(
            tuple(fact for fact in self.facts if fact.id in kept),
            tuple(waiver for waiver in self.waivers if waiver.id in kept),
        )

    def within(self, program_id: str) -> Facts:
        """The same, with the waivers that count in this program alone."""
        kept = tuple(waiver for waiver in self.waivers if waiver.program_id in {"", program_id})
        return self if len(kept) == len(self.waivers) else replace(self, waivers=kept)

    def without_waivers(self) -> Facts:
        return replace(self, waivers=()) if self.waivers else self

    def waiver_for(self, leaf_key: str, at: datetime) -> Waiver | None:
        """The waiver that lays this leaf aside, the longest-lasting if there are several."""
        held = [waiver for waiver in self.waivers if waiver.leaf_key == leaf_key and waiver.holds(at)]
        return max(held, key=lambda waiver: (waiver.until or date.max, waiver.id), default=None)

    def waiver_turns(self, leaf_key: str, zone: tzinfo | None) -> Iterable[datetime]:
        for waiver in self.waivers:
            if waiver.leaf_key == leaf_key and waiver.until and (ended := after(waiver.until, zone)):
                yield ended

    @cached_property
    def _holding(self) -> dict[tuple[str, str, datetime], Fact | None]:
        return {}

    @cached_property
    def _index(self) -> dict[tuple[str, str | None], tuple[Fact, ...]]:
        """By kind and subject, and under the subject None all of a kind."""
        found: dict[tuple[str, str | None], list[Fact]] = {}
        for fact in self.facts:
            found.setdefault((fact.kind, None), []).append(fact)
            found.setdefault((fact.kind, fact.subject), []).append(fact)
        return {key: tuple(facts) for key, facts in found.items()}
