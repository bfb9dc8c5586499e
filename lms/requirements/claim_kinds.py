"""What people may say about themselves: which claims there are, what each asks for, and who checks it.

campus.yaml lists them; the kinds are those whose facts the requirements read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from lms.foundation.messages import Message
from lms.foundation.problems import Problem
from lms.foundation.yaml_source import position, read_type
from lms.requirements.days import anniversary
from lms.requirements.packing import FactValue, Packed
from lms.requirements.values import Text

Asks: TypeAlias = Literal["number", "date", "date_range", "text", "years"]
Verifier: TypeAlias = Literal["staff", "nobody"]
Part: TypeAlias = Literal["value", "valid_from", "valid_until"]
WrittenKind: TypeAlias = Literal["membership", "registry", "experience", "birth_date"]

EVIDENCE = "evidence"
LONGEST_VALUE = 300
LONGEST_LIFE_YEARS = 120
LONGEST_CAREER_YEARS = 80
LONGEST_VALIDITY_YEARS = 10  # nobody can vouch for longer: who is a member for life shows it anew then
ASKED_OF: dict[str, tuple[Asks, ...]] = {"birth_date": ("date",), "experience": ("date", "years")}


@dataclass(frozen=True)
class ClaimKind(Packed):
    """One thing that a person may claim.

    `asks` is what the form asks for: a number with its last day, a date that began or settled it,
    a range of days, words with an optional date, or whole years as of today.
    """

    kind: str
    title: str
    asks: Asks
    verified_by: Verifier
    hint: str = ""
    subject: str = ""

    @property
    def self_declared(self) -> bool:
        return self.verified_by == "nobody"


@dataclass(frozen=True)
class Stated:
    """What was said: the value as we keep it, and the days from which and until which it holds (both inclusive)."""

    value: str
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Fault:
    """Why one part of what was said can't be taken."""

    part: Part
    message: Message


def stated(
    asks: Asks, value: str, valid_from: date | None, valid_until: date | None, *, today: date
) -> Stated | tuple[Fault, ...]:
    """What a person says, in the form in which we keep it, or every reason why it can't be taken."""
    said = Stated(value.strip(), valid_from, valid_until)
    match asks:
        case "date":
            return _date(said, today)
        case "years":
            return _years(said, today)
        case "date_range":
            return _range_faults(said, today) or Stated("", valid_from, valid_until)
        case "number":
            missing = _missing_value(said, Message("Enter the number."))
            return missing + _end_faults(said, today) or Stated(said.value, valid_from, valid_until)
        case "text":
            missing = _missing_value(said, Message("Say in a few words what you have."))
            return missing + _past_faults("valid_from", valid_from, today) or Stated(said.value, valid_from)


def fact_value(asks: Asks, value: str) -> FactValue:
    """A kept value as the requirements read it: a day, a whole number, or words.

    One that was kept while its kind asked for something else stays the words that were said.
    """
    try:
        if asks == "date":
            return date.fromisoformat(value)
        return int(value) if asks == "years" else value
    except ValueError:
        return value


def latest_end(today: date) -> date:
    """The last day until which something may be said, or found, to be valid."""
    return anniversary(today, LONGEST_VALIDITY_YEARS)


def parse_claim_kinds(node: Any, path: str) -> tuple[tuple[ClaimKind, ...], tuple[Problem, ...]]:
    """The kinds that the list `claims:` of campus.yaml writes, or none of them and every problem with its place."""
    written, problems = read_type(list[WrittenClaimKind], node, path)
    if written is None:
        return (), problems
    found = (*_doubled(written, node, path), *_wrong_asks(written, node, path))
    return (() if found else tuple(_kind(each) for each in written)), found


class WrittenClaimKind(BaseModel):
    """One entry of `claims:`; every key must be known."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    kind: WrittenKind
    title: Text
    hint: Annotated[str, Field(max_length=1000)] = ""
    asks: Asks
    verified_by: Verifier


def _date(said: Stated, today: date) -> Stated | tuple[Fault, ...]:
    """A day since which something is so; it is also when the fact begins."""
    try:
        day = date.fromisoformat(said.value)
    except ValueError:
        return (Fault("value", Message("Enter a day of the calendar.")),)
    return _past_faults("value", day, today) or Stated(day.isoformat(), day)


def _years(said: Stated, today: date) -> Stated | tuple[Fault, ...]:
    if not (said.value.isascii() and said.value.isdigit() and len(said.value) <= 2):
        return (Fault("value", Message("Enter whole years as a number, such as 4.")),)
    if int(said.value) > LONGEST_CAREER_YEARS:
        return (Fault("value", Message("Enter at most {n} years.", {"n": LONGEST_CAREER_YEARS})),)
    return Stated(str(int(said.value)), today)


def _missing_value(said: Stated, asking: Message) -> tuple[Fault, ...]:
    if not said.value:
        return (Fault("value", asking),)
    if len(said.value) > LONGEST_VALUE:
        return (Fault("value", Message("Use at most {n} characters.", {"n": LONGEST_VALUE})),)
    return ()


def _range_faults(said: Stated, today: date) -> tuple[Fault, ...]:
    if said.valid_from is None:
        return (Fault("valid_from", Message("Enter the first day.")), *_end_faults(said, today))
    return _past_faults("valid_from", said.valid_from, today) + _end_faults(said, today)


def _end_faults(said: Stated, today: date) -> tuple[Fault, ...]:
    until = said.valid_until
    if until is None:
        return (Fault("valid_until", Message("Enter the last day on which it is valid.")),)
    if until < today:
        return (Fault("valid_until", Message("This day is over. Renew it first, then enter the new last day.")),)
    if until > latest_end(today):
        return (Fault("valid_until", Message("Enter a day within {n} years.", {"n": LONGEST_VALIDITY_YEARS})),)
    if said.valid_from is not None and until < said.valid_from:
        return (Fault("valid_until", Message("The last day can't come before the first.")),)
    return ()


def _past_faults(part: Part, day: date | None, today: date) -> tuple[Fault, ...]:
    if day is None:
        return ()
    if day > today:
        return (Fault(part, Message("This day lies ahead.")),)
    if anniversary(day, LONGEST_LIFE_YEARS) < today:
        return (Fault(part, Message("This is too long ago. Check the year.")),)
    return ()


def _kind(written: WrittenClaimKind) -> ClaimKind:
    return ClaimKind(written.kind, written.title, written.asks, written.verified_by, written.hint)


def _doubled(written: list[WrittenClaimKind], node: Any, path: str) -> Iterable[Problem]:
    kinds = [each.kind for each in written]
    for index, kind in enumerate(kinds):
        if kind in kinds[:index]:
            message = Message("The kind “{kind}” stands here twice.", {"kind": kind})
            yield Problem("duplicate-kind", message, path, *position(node, (index, "kind")))


def _wrong_asks(written: list[WrittenClaimKind], node: Any, path: str) -> Iterable[Problem]:
    for index, each in enumerate(written):
        allowed = ASKED_OF.get(each.kind)
        if allowed and each.asks not in allowed:
            message = Message("A claim of “{kind}” asks for {allowed}.", {"kind": each.kind, "allowed": allowed})
            yield Problem("claim-asks", message, path, *position(node, (index, "asks")))
