"""What `content/demo.yaml` may say: a cast, its classes, and how far each person has come."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lms.foundation.errors import Invalid
from lms.foundation.yaml_source import load, read_model
from lms.live.models import ClassFormat, Mark
from lms.requirements.values import Day

Clock = Annotated[time, BeforeValidator(lambda text: time.fromisoformat(text) if isinstance(text, str) else text)]


class Source(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Study(Source):
    """Lessons and quizzes of a stage, spread over days; all of it, or so many modules and lessons."""

    study: str
    from_: Annotated[int, Field(alias="from")]
    to: int
    modules: int | None = None
    lessons: int = 0


class Book(Source):
    """A seat in a class, and what the instructor saw in each session."""

    book: str
    on: int
    marks: list[Mark] = []


class Sit(Source):
    """A sitting of a stage's exam, with so many items right."""

    sit: str
    on: int
    right: int


Step = Study | Book | Sit


class Way(Source):
    """One person's way through one program; steps count days from the day of enrolment."""

    program: str
    enrolled: int
    pattern: str | None = None
    steps: list[Step] = []


class Membership(Source):
    number: str
    from_: Annotated[int, Field(alias="from")]
    until: int
    verified: int | None = None
    needs_more: int | None = None
    reason: str = ""


class FurtherClaim(Source):
    kind: str
    subject: str = ""
    value: Day
    note: str = ""
    on: int


class PersonSource(Source):
    email: str
    name: str
    zone: str
    joined: int
    born: Day | None = None
    membership: Membership | None = None
    claims: list[FurtherClaim] = []
    roles: list[str] = []
    shown: str = ""
    programs: list[Way] = []


class SessionSource(Source):
    day: int
    from_: Annotated[Clock, Field(alias="from")]
    to: Clock
    title: str


class UnderWay(Source):
    since_minutes: int
    minutes: int
    title: str


class ClassSource(Source):
    key: str
    title: str
    stage: str
    format: ClassFormat
    zone: str
    place: str = ""
    capacity: int
    minimum: int
    announced: int
    instructors: list[str]
    sessions: list[SessionSource] = []
    under_way: UnderWay | None = None


class ActivationSource(Source):
    exam: str
    form: str
    reviewed_by: str
    activated_by: str
    on: int


class DemoSource(Source):
    patterns: dict[str, list[Step]]
    classes: list[ClassSource]
    activations: list[ActivationSource]
    people: list[PersonSource]

    def steps_of(self, way: Way) -> list[Step]:
        return list(way.steps or self.patterns[way.pattern or ""])


def read_demo(path: Path) -> DemoSource:
    """The demo as it is written. Raises Invalid with the first problem and its place."""
    node, problems = load(path.read_text(encoding="utf-8"), path.name)
    source, more = read_model(DemoSource, node, path.name) if node is not None else (None, ())
    if source is None:
        raise Invalid((*problems, *more)[0].as_line())
    return source
