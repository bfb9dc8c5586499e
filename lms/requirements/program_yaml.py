"""Programs as they are written: YAML → `Program`, with the place of every problem."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lms.foundation.messages import Message
from lms.foundation.problems import Problem
from lms.foundation.yaml_source import Loc, position, read_model
from lms.requirements.combinators import AllOf, AnyOf, OnlyIf, Unless
from lms.requirements.leaves.accomplished import Accomplishment
from lms.requirements.leaves.certificates import HoldsCertificate
from lms.requirements.programs import (
    Award,
    ClassFormat,
    Delivery,
    Door,
    DoorRule,
    Family,
    Price,
    Program,
    Renewal,
    Stage,
    StageKind,
    Track,
)
from lms.requirements.reading import parse_requirement
from lms.requirements.tree import Requirement
from lms.requirements.values import ContentId, Day, Hours, Text, Whole

STAGE_KINDS: tuple[StageKind, ...] = (
    "module_set",
    "class",
    "exam",
    "assignment",
    "capstone",
    "observed_teaching",
    "partner_course",
)


class Written(BaseModel):
    """A mapping in which every key must be known."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False, defer_build=True)  # most processes never read one


class WrittenTrack(Written):
    id: ContentId
    title: Text


class WrittenClass(Written):
    formats: Annotated[list[ClassFormat], Field(min_length=1)]
    attendance: Literal["all_sessions", "any_session"] = "all_sessions"


class WrittenCoursework(Written):
    rubric: ContentId | None = None
    milestones: list[Text] = Field(default_factory=list)


class WrittenStage(Written):
    id: ContentId
    title: Text | None = None
    module_set: ContentId | None = None
    class_: Annotated[WrittenClass | None, Field(alias="class")] = None
    exam: ContentId | None = None
    assignment: WrittenCoursework | None = None
    capstone: WrittenCoursework | None = None
    observed_teaching: WrittenCoursework | None = None
    partner_course: ContentId | None = None
    opens: Any = None
    credit: Any = None
    waived_if: Any = None
    hours: Hours | None = None
    minutes: Annotated[Whole, Field(ge=0)] | None = None
    available: bool = True
    note: Text | None = None


class WrittenAward(Written):
    credential: ContentId
    subject: Literal["", "track", "program"] = ""
    requires: Any = None


class WrittenRenewal(Written):
    requires: Any
    opens_days_before: Annotated[Whole, Field(ge=0)]
    on_time_days_after: Annotated[Whole, Field(ge=0)] = 0
    late_days_after: Annotated[Whole, Field(ge=0)] = 0
    exempt_if: Any = None


class WrittenProgram(Written):
    id: ContentId
    title: Text
    family: Family
    delivery: Delivery
    summary: Text
    audience: Text
    hours: Hours | None = None
    duration_days: Annotated[Whole, Field(gt=0)] | None = None
    order: Whole = 0
    requirements: Any = None
    throughout: Any = None
    tracks: list[WrittenTrack] = Field(default_factory=list)
    stages: Annotated[list[WrittenStage], Field(min_length=1)]
    award: WrittenAward | None = None
    renewal: WrittenRenewal | None = None
    renewal_credit: list[ContentId] = Field(default_factory=list)
    provider: Text | None = None
    platform: Text | None = None
    provider_url: Annotated[str, Field(pattern=r"^https://[^\s]+$")] | None = None
    price: Price = "included"
    application: bool = False
    selection: bool = False
    topics: list[Text] = Field(default_factory=list)
    site: Text | None = None
    formerly: list[ContentId] = Field(default_factory=list)


def parse_program(node: Any, path: str) -> tuple[Program | None, tuple[Problem, ...]]:
    """The program that a loaded YAML mapping writes in the file `path`, and every problem with its place.

    None when an error keeps it from being read. Parts are filled in later: see `with_parts`.
    """
    written, problems = read_model(WrittenProgram, node, path)
    if written is None:
        return None, (*problems, *_rule_problems(node, path))
    builder = _Builder(node, path)
    program = builder.program(written)
    return (None if builder.unreadable else program), tuple(builder.problems)


def _rule_problems(node: Any, path: str) -> tuple[Problem, ...]:
    """Problems of the door's rules, told even when the rest of the file cannot be read."""
    if not isinstance(node, dict):
        return ()
    builder = _Builder(node, path)
    for key in ("requirements", "throughout"):
        builder.door((key,))
    return tuple(builder.problems)


@dataclass
class _Builder:
    """Turns what pydantic has judged into values, reading requirements from the nodes themselves."""

    node: Any
    path: str
    problems: list[Problem] = field(default_factory=list)
    unreadable: bool = False

    def program(self, written: WrittenProgram) -> Program:
        self._refuse_twice("stages", [stage.id for stage in written.stages])
        self._refuse_twice("tracks", [track.id for track in written.tracks])
        self._check_partner(written)
        return Program(
            id=written.id,
            title=written.title,
            family=written.family,
            delivery=written.delivery,
            summary=written.summary,
            audience=written.audience,
            hours=written.hours,
            duration_days=written.duration_days,
            order=written.order,
            requirements=self.door(("requirements",)),
            throughout=self.door(("throughout",)),
            tracks=tuple(Track(track.id, track.title) for track in written.tracks),
            stages=tuple(self._stage(stage, ("stages", index)) for index, stage in enumerate(written.stages)),
            award=self._award(written.award),
            renewal=self._renewal(written.renewal),
            renewal_credit=tuple(written.renewal_credit),
            provider=written.provider or "",
            platform=written.platform or "",
            provider_url=written.provider_url or "",
            price=written.price,
            application=written.application,
            selection=written.selection,
            topics=tuple(written.topics),
            site=written.site or "",
            formerly=tuple(written.formerly),
        )

    def door(self, loc: Loc) -> Door:
        """One rule, or a list of `{effective_from: day, rule: …}`, oldest first."""
        written = self._at(loc)
        if written is None:
            return Door()
        if not isinstance(written, list):
            rule = self._requirement(loc)
            return Door((DoorRule(rule),)) if rule else Door()
        rules = [self._door_rule((*loc, index)) for index in range(len(written))]
        kept = [rule for rule in rules if rule is not None]
        days = [rule.effective_from for rule in kept]
        if any(not (later and (earlier is None or earlier < later)) for earlier, later in pairwise(days)):
            self._refuse("rule-order", Message("Rules stand oldest first, each with a later effective_from."), loc)
        return Door(tuple(kept))

    def _door_rule(self, loc: Loc) -> DoorRule | None:
        entry = self._at(loc)
        dated, problems = read_model(_WrittenDoorRule, entry, self.path)
        if dated is None:
            self.problems.extend(problems)
            self.unreadable = True
            return None
        rule = self._requirement((*loc, "rule"))
        return DoorRule(rule, dated.effective_from) if rule else None

    def _stage(self, written: WrittenStage, loc: Loc) -> Stage:
        kinds = [kind for kind in STAGE_KINDS if getattr(written, _attribute(kind)) is not None]
        if len(kinds) != 1:
            mend = Message("Give it exactly one of: {kinds}.", {"kinds": STAGE_KINDS})
            self._refuse("stage-kind", Message("A stage is made of one thing."), loc, mend)
        kind: StageKind = kinds[0] if kinds else "module_set"
        made_of = getattr(written, _attribute(kind))
        course = made_of if isinstance(made_of, WrittenCoursework) else WrittenCoursework()
        live = made_of if isinstance(made_of, WrittenClass) else None
        return Stage(
            id=written.id,
            title=written.title or written.id.replace("-", " ").capitalize(),
            kind=kind,
            ref=made_of if isinstance(made_of, str) else course.rubric or "",
            opens=self._requirement((*loc, "opens")) if written.opens is not None else None,
            credit=self._credit((*loc, "credit")) if written.credit is not None else None,
            waived_if=self._requirement((*loc, "waived_if")) if written.waived_if is not None else None,
            formats=tuple(live.formats) if live else (),
            attendance=live.attendance if live else "all_sessions",
            hours=written.hours,
            minutes=written.minutes,
            available=written.available,
            note=written.note or "",
            milestones=tuple(course.milestones),
        )

    def _award(self, written: WrittenAward | None) -> Award | None:
        if written is None:
            return None
        requires = self._requirement(("award", "requires")) if written.requires is not None else None
        return Award(written.credential, written.subject, requires)

    def _renewal(self, written: WrittenRenewal | None) -> Renewal | None:
        if written is None:
            return None
        exempt_if = self._requirement(("renewal", "exempt_if")) if written.exempt_if is not None else None
        return Renewal(
            requires=self.door(("renewal", "requires")),
            opens_days_before=written.opens_days_before,
            on_time_days_after=written.on_time_days_after,
            late_days_after=written.late_days_after,
            exempt_if=exempt_if,
        )

    def _credit(self, loc: Loc) -> Requirement | None:
        """A requirement, with `max_age_days` beside it where what is credited must be recent."""
        written = self._at(loc)
        if not isinstance(written, dict) or "max_age_days" not in written:
            return self._requirement(loc)
        max_age_days = written["max_age_days"]
        rest = written.copy()
        del rest["max_age_days"]
        rule = self._parsed(rest, loc)
        if isinstance(max_age_days, bool) or not isinstance(max_age_days, int) or max_age_days < 0:
            self._refuse("bad-value", Message("“max_age_days” takes a whole number of days."), (*loc, "max_age_days"))
            return rule
        return None if rule is None else _recent(rule, int(max_age_days))

    def _requirement(self, loc: Loc) -> Requirement | None:
        return self._parsed(self._at(loc), loc)

    def _parsed(self, written: Any, loc: Loc) -> Requirement | None:
        rule, problems = parse_requirement(written, self.path, position(self.node, loc))
        self.problems.extend(problems)
        self.unreadable = self.unreadable or rule is None
        return rule

    def _check_partner(self, written: WrittenProgram) -> None:
        if written.family == "partner" and not written.provider:
            self._refuse("partner-provider", Message("A partner's program names its provider."), ("family",))

    def _refuse_twice(self, key: str, ids: list[str]) -> None:
        for index, content_id in enumerate(ids):
            if content_id in ids[:index]:
                message = Message("The id “{id}” stands here twice.", {"id": content_id})
                self._refuse("duplicate-id", message, (key, index, "id"))

    def _refuse(self, code: str, message: Message, loc: Loc, mend: Message | None = None) -> None:
        self.problems.append(Problem(code, message, self.path, *position(self.node, loc), mend=mend))
        self.unreadable = True

    def _at(self, loc: Loc) -> Any:
        found = self.node
        for step in loc:
            found = found.get(step) if isinstance(found, dict) else found[step]
        return found


class _WrittenDoorRule(Written):
    rule: Any
    effective_from: Day | None = None


def _attribute(kind: StageKind) -> str:
    return "class_" if kind == "class" else kind


def _recent(rule: Requirement, max_age_days: int) -> Requirement:
    """The rule with every thing it asks for at most so old."""
    match rule:
        case HoldsCertificate() | Accomplishment():
            return replace(rule, max_age_days=max_age_days)
        case AllOf(parts):
            return AllOf(tuple(_recent(part, max_age_days) for part in parts))
        case AnyOf(parts, count):
            return AnyOf(tuple(_recent(part, max_age_days) for part in parts), count)
        case Unless(condition, part):
            return Unless(condition, _recent(part, max_age_days))
        case OnlyIf(condition, part):
            return OnlyIf(condition, _recent(part, max_age_days))
    return rule
