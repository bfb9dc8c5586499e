"""A span of days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from lms.foundation.messages import Message
from lms.requirements.days import after, start_of
from lms.requirements.decisions import Action, Remedy
from lms.requirements.facts import Fact, Facts
from lms.requirements.tree import Answer, Leaf
from lms.requirements.values import Day
from lms.requirements.world import World


@dataclass(frozen=True)
class DateWindow(Leaf):
    """Open from one day until another, both inclusive; written `{from: …, until: …}`."""

    name: ClassVar[str] = "date_window"
    shorthand: ClassVar[str] = ""
    first_day: Annotated[Day | None, Field(alias="from")] = None
    last_day: Annotated[Day | None, Field(alias="until")] = field(default=None)

    @property
    def window(self) -> tuple[date, date]:
        return self.first_day or date.min, self.last_day or date.max

    def phrase(self, world: World) -> Message:  # noqa: ARG002 - says the same everywhere
        if self.first_day and self.last_day:
            return Message("Between {first} and {last}", {"first": self.first_day, "last": self.last_day})
        if self.first_day:
            return Message("From {first} on", {"first": self.first_day})
        return Message("Until {last}", {"last": self.last_day}) if self.last_day else Message("At any time")

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:  # noqa: ARG002 - asks the calendar alone
        return ()

    def enough(self, facts: Sequence[Fact], at: datetime, world: World) -> bool:  # noqa: ARG002  # the shape that every leaf has
        first, last = self.window
        return first <= at.date() <= last

    def turns(self, facts: Facts, at: datetime, world: World) -> Iterable[datetime]:
        if self.first_day:
            yield start_of(self.first_day, at.tzinfo)
        if self.last_day and (closed := after(self.last_day, at.tzinfo)):
            yield closed
        yield from super().turns(facts, at, world)

    def found(self, answer: Answer, at: datetime, world: World) -> Message | None:  # noqa: ARG002  # the shape that every leaf has
        first, last = self.window
        if at.date() < first:
            return Message("Opens on {day}.", {"day": first})
        return Message("Closed on {day}.", {"day": last}) if at.date() > last else None

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:  # noqa: ARG002  # the shape that every leaf has
        first, _ = self.window
        if at.date() < first:
            return Remedy(Message("Come back on {day}.", {"day": first}), Action.WAIT)
        return Remedy(Message("This is over. Ask us about the next time."), Action.ASK_STAFF)

    def faults(self) -> tuple[Message, ...]:
        first, last = self.window
        return (Message("It ends before it begins."),) if first > last else ()

    def to_json(self) -> dict[str, Any]:
        written = {"from": self.first_day, "until": self.last_day}
        return {self.name: {key: day.isoformat() for key, day in written.items() if day}}
