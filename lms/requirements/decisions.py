"""What a requirement answers, explained completely."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from lms.foundation.messages import Message
from lms.requirements.packing import Packed, PackedMessage, PackedMoment

Kind = Literal["leaf", "all_of", "any_of", "not", "preferred", "unless", "only_if"]


class Verdict(StrEnum):
    """Three-valued, in the sense of Kleene: `unknown` means that either answer may yet turn out true.

    A conjunction is unmet as soon as one part is, a disjunction met as soon as one part is;
    otherwise an unknown part leaves the whole unknown. The opposite of unknown is unknown.
    """

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


def opposite(verdict: Verdict) -> Verdict:
    return {Verdict.MET: Verdict.UNMET, Verdict.UNMET: Verdict.MET}.get(verdict, Verdict.UNKNOWN)


def at_least(count: int, verdicts: Iterable[Verdict]) -> Verdict:
    """Whether at least `count` are met. One of several is “any”, all of them is “all”."""
    given = list(verdicts)
    met, unknown = given.count(Verdict.MET), given.count(Verdict.UNKNOWN)
    if met >= count:
        return Verdict.MET
    return Verdict.UNKNOWN if met + unknown >= count else Verdict.UNMET


class Action(StrEnum):
    """What a person can do about an unmet requirement. `target` of the remedy says about what."""

    CLAIM = "claim"
    ANSWER = "answer"
    PROGRAM = "program"
    MODULE = "module"
    LESSON = "lesson"
    EXAM = "exam"
    CLASS = "class"
    CERTIFICATE = "certificate"
    WAIT = "wait"
    ASK_STAFF = "ask_staff"
    PARTNER = "partner"
    NONE = "none"


@dataclass(frozen=True)
class Remedy(Packed):
    """What would mend it: a sentence, and where to go (no address; web knows those).

    `target`: a claim kind or `evidence:<id>` for claims, a stage id for classes, else a content id.
    """

    message: PackedMessage
    action: Action
    target: str = ""


@dataclass(frozen=True)
class Decision(Packed):
    """The answer for one node of a requirement, with those of its children.

    `asked` is a leaf's whole phrase; of a node with parts, how they join (the parts say themselves).
    `cites` are the ids of the facts it rests on; a waiver is named by `waived_by`.
    `since` and `until` say from when until when what was found holds (leaves alone).
    `next_change_at` is the first moment when time alone makes the verdict another.
    A node that is not `blocking` is shown and keeps nothing shut.
    """

    verdict: Verdict
    kind: Kind
    key: str
    asked: PackedMessage
    found: PackedMessage | None = None
    cites: tuple[str, ...] = ()
    since: PackedMoment = None
    until: date | None = None
    next_change_at: datetime | None = None
    remedy: Remedy | None = None
    blocking: bool = True
    children: tuple[Decision, ...] = ()
    waived_by: str | None = None

    @property
    def met(self) -> bool:
        return self.verdict is Verdict.MET

    def missing(self) -> tuple[Decision, ...]:
        """Every leaf that keeps this shut, none hidden. A `not` counts as a leaf: what it forbids is its own matter."""
        if self.met or not self.blocking:
            return ()
        if self.kind in {"leaf", "not"} or not self.children:
            return (self,)
        return tuple(leaf for child in self.children for leaf in child.missing())

    def leaves(self) -> tuple[Decision, ...]:
        """Every leaf in reading order, met or not, blocking or not; a `not` stands for what is in it."""
        if self.kind in {"leaf", "not"}:
            return (self,)
        return tuple(leaf for child in self.children for leaf in child.leaves())

    def waivers(self) -> tuple[str, ...]:
        """The waivers it rests on."""
        below = tuple(waiver for child in self.children for waiver in child.waivers())
        return tuple(dict.fromkeys((*((self.waived_by,) if self.waived_by else ()), *below)))


def together(decisions: Iterable[Decision]) -> Decision:
    """One decision that is met when all of these are, for conditions that are judged at different moments."""
    parts = tuple(decisions)
    return Decision(
        verdict=at_least(len(parts), (part.verdict for part in parts)),
        kind="all_of",
        key="all_of",
        asked=Message("All of these"),
        next_change_at=min((part.next_change_at for part in parts if part.next_change_at), default=None),
        children=parts,
    )
