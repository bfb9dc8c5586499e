"""Things done or granted, each a fact with a subject: learning, taking part, coursework, evidence, orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lms.foundation.messages import Message, Value
from lms.requirements.days import day_of, days_later, start_of
from lms.requirements.decisions import Action, Remedy, Verdict
from lms.requirements.facts import Fact, Facts
from lms.requirements.tree import Answer, Leaf
from lms.requirements.values import ContentId, Whole
from lms.requirements.world import World


@dataclass(frozen=True)
class Accomplishment(Leaf):
    """One fact of a kind about the subject `id`, at most `max_age_days` old where that is said."""

    shorthand: ClassVar[str] = "id"
    fact_kind: ClassVar[str]
    names: ClassVar[str]
    sentence: ClassVar[str]
    mend: ClassVar[str]
    action: ClassVar[Action]
    review: ClassVar[str] = "This is being looked at. You need do nothing."
    id: ContentId
    max_age_days: Whole | None = None

    @property
    def key(self) -> str:
        return f"{self.name}:{self.id}"

    @property
    def target(self) -> str:
        return self.id

    def phrase(self, world: World) -> Message:
        phrase = Message(self.sentence, {"name": world.name(self.names, self.id)})
        if self.max_age_days is None:
            return phrase
        values: dict[str, Value] = {"done": phrase, "n": self.max_age_days}
        return Message("{done}, at most {n} day ago", values, "{done}, at most {n} days ago")

    def relevant(self, facts: Facts, world: World) -> tuple[Fact, ...]:  # noqa: ARG002 - the same in every release
        return facts.of(self.fact_kind, self.id)

    def counts(self, fact: Fact, at: datetime) -> bool:
        return fact.holds(at) and self._is_recent(fact, at)

    def _is_recent(self, fact: Fact, at: datetime) -> bool:
        if self.max_age_days is None:
            return True
        return fact.since is not None and at.date() <= days_later(day_of(fact.since, at.tzinfo), self.max_age_days)

    def own_turns(self, fact: Fact, at: datetime) -> Iterable[datetime]:
        if self.max_age_days is None or fact.since is None:
            return ()
        return (start_of(days_later(day_of(fact.since, at.tzinfo), self.max_age_days + 1), at.tzinfo),)

    def found(self, answer: Answer, at: datetime, world: World) -> Message | None:
        if answer.verdict is Verdict.MET:
            days = [fact.since for fact in answer.facts if fact.since and self.counts(fact, at)]
            if days:
                first = min(day_of(day, at.tzinfo) for day in days)
                return Message("Done on {day}.", {"day": first})
        return super().found(answer, at, world)

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:  # noqa: ARG002  # the shape that every leaf has
        if answer.verdict is Verdict.UNKNOWN:
            return Remedy(Message(self.review), Action.WAIT)
        return Remedy(Message(self.mend, {"name": world.name(self.names, self.id)}), self.action, self.target)

    def faults(self) -> tuple[Message, ...]:
        if self.max_age_days is None or self.max_age_days >= 0:
            return ()
        return (Message("Nothing can be younger than the day on which it is done."),)


@dataclass(frozen=True)
class LessonDone(Accomplishment):
    name: ClassVar[str] = "lesson"
    fact_kind: ClassVar[str] = "lesson"
    names: ClassVar[str] = "lesson"
    sentence: ClassVar[str] = "Lesson “{name}” done"
    mend: ClassVar[str] = "Finish the lesson “{name}”."
    action: ClassVar[Action] = Action.LESSON


@dataclass(frozen=True)
class ModulePassed(Accomplishment):
    name: ClassVar[str] = "module"
    fact_kind: ClassVar[str] = "module"
    names: ClassVar[str] = "module"
    sentence: ClassVar[str] = "Module “{name}” passed"
    mend: ClassVar[str] = "Finish the lessons of “{name}” and pass its quiz."
    action: ClassVar[Action] = Action.MODULE


@dataclass(frozen=True)
class ExamPassed(Accomplishment):
    name: ClassVar[str] = "exam_passed"
    fact_kind: ClassVar[str] = "exam_passed"
    names: ClassVar[str] = "exam"
    sentence: ClassVar[str] = "“{name}” passed"
    mend: ClassVar[str] = "Take “{name}” and pass it."
    action: ClassVar[Action] = Action.EXAM
    review: ClassVar[str] = "Your result is not released yet. You need do nothing."


@dataclass(frozen=True)
class Attended(Accomplishment):
    name: ClassVar[str] = "attended"
    fact_kind: ClassVar[str] = "attended"
    names: ClassVar[str] = "stage"
    sentence: ClassVar[str] = "“{name}” attended"
    mend: ClassVar[str] = "Book a class for “{name}” and attend all of it."
    action: ClassVar[Action] = Action.CLASS
    review: ClassVar[str] = "Your attendance is not confirmed yet. You need do nothing."


@dataclass(frozen=True)
class AssignmentAccepted(Accomplishment):
    name: ClassVar[str] = "assignment_accepted"
    fact_kind: ClassVar[str] = "assignment"
    names: ClassVar[str] = "stage"
    sentence: ClassVar[str] = "“{name}” accepted"
    mend: ClassVar[str] = "Hand in “{name}”."
    action: ClassVar[Action] = Action.ASK_STAFF
    review: ClassVar[str] = "“{name}” is being marked. You need do nothing."

    def remedy(self, answer: Answer, at: datetime, world: World) -> Remedy:
        if answer.verdict is Verdict.UNKNOWN:
            return Remedy(Message(self.review, {"name": world.name(self.names, self.id)}), Action.WAIT)
        return super().remedy(answer, at, world)


@dataclass(frozen=True)
class CapstoneAccepted(Accomplishment):
    name: ClassVar[str] = "capstone_accepted"
    fact_kind: ClassVar[str] = "capstone"
    names: ClassVar[str] = "stage"
    sentence: ClassVar[str] = "“{name}” accepted"
    mend: ClassVar[str] = "Work through “{name}” with your advisor."
    action: ClassVar[Action] = Action.ASK_STAFF


@dataclass(frozen=True)
class TeachingObserved(Accomplishment):
    name: ClassVar[str] = "teaching_observed"
    fact_kind: ClassVar[str] = "observed_teaching"
    names: ClassVar[str] = "stage"
    sentence: ClassVar[str] = "“{name}” observed and accepted"
    mend: ClassVar[str] = "Arrange “{name}” with us."
    action: ClassVar[Action] = Action.ASK_STAFF


@dataclass(frozen=True)
class HasEvidence(Accomplishment):
    """A claim with evidence that staff approved."""

    name: ClassVar[str] = "evidence"
    fact_kind: ClassVar[str] = "evidence"
    names: ClassVar[str] = "evidence"
    sentence: ClassVar[str] = "{name} (with evidence)"
    mend: ClassVar[str] = "Send us evidence: {name}."
    action: ClassVar[Action] = Action.CLAIM
    review: ClassVar[str] = "Your evidence is being looked at. You need do nothing unless we ask."

    @property
    def target(self) -> str:
        return f"evidence:{self.id}"


@dataclass(frozen=True)
class PartnerCourseDone(Accomplishment):
    name: ClassVar[str] = "partner_course"
    fact_kind: ClassVar[str] = "partner_course"
    names: ClassVar[str] = "program"
    sentence: ClassVar[str] = "“{name}” completed with the partner"
    mend: ClassVar[str] = "Take “{name}” with the partner, then send us your certificate of it."
    action: ClassVar[Action] = Action.PARTNER


@dataclass(frozen=True)
class Paid(Accomplishment):
    name: ClassVar[str] = "paid"
    fact_kind: ClassVar[str] = "paid"
    names: ClassVar[str] = "program"
    sentence: ClassVar[str] = "Payment for {name}"
    mend: ClassVar[str] = "Pay for {name}."
    action: ClassVar[Action] = Action.ASK_STAFF


@dataclass(frozen=True)
class ApprovedApplication(Accomplishment):
    name: ClassVar[str] = "approved_application"
    fact_kind: ClassVar[str] = "application"
    names: ClassVar[str] = "program"
    sentence: ClassVar[str] = "An accepted application for {name}"
    mend: ClassVar[str] = "Apply for {name}."
    action: ClassVar[Action] = Action.PROGRAM
    review: ClassVar[str] = "Your application is being looked at. You need do nothing."


@dataclass(frozen=True)
class Credited(Accomplishment):
    """A stage credited for something done elsewhere; the credit stays when what it was given for ends."""

    name: ClassVar[str] = "credited"
    fact_kind: ClassVar[str] = "credit"
    names: ClassVar[str] = "stage"
    sentence: ClassVar[str] = "“{name}” credited"
    mend: ClassVar[str] = "Take “{name}”."
    action: ClassVar[Action] = Action.NONE
