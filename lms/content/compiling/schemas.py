"""What the YAML of modules, lessons and exams may say. Unknown keys are refused with the nearest known one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lms.requirements.values import ContentId, Text

Percent = Annotated[int, Field(ge=0, le=100, strict=True)]
Minutes = Annotated[int, Field(ge=1, le=600, strict=True)]
Count = Annotated[int, Field(ge=1, le=500, strict=True)]


def _attempts(value: object) -> object:
    """`unlimited` reads as None."""
    return None if value == "unlimited" else value


Attempts = Annotated[Annotated[int, Field(ge=1, le=100, strict=True)] | None, BeforeValidator(_attempts)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # a preview needs few of them


class SetSource(Strict):
    """modules/<set>/set.yaml"""

    id: ContentId
    title: Text
    modules: Annotated[list[ContentId], Field(min_length=1)]
    formerly: list[ContentId] = []


class Objective(Strict):
    id: ContentId
    text: Text


class QuizSource(Strict):
    items: Count
    pass_mark: Percent = 80
    attempts: Attempts = None
    cooldown_hours: Annotated[int, Field(ge=0, le=8760, strict=True)] = 0


class ModuleSource(Strict):
    """modules/<set>/<module>/module.yaml"""

    id: ContentId
    title: Text
    summary: Text
    authors: Annotated[list[Text], Field(min_length=1)]
    objectives: Annotated[list[Objective], Field(min_length=1)]
    references: list[Text] = []
    quiz: QuizSource
    minutes: Minutes | None = None
    formerly: list[ContentId] = []


class CompletionSource(Strict):
    read: Literal[True] = True
    checks: Literal["all", "none"] = "all"


class LessonSource(Strict):
    """The front matter of a lesson."""

    title: Text
    minutes: Minutes
    objectives: Annotated[list[ContentId], Field(min_length=1)]
    activity_minutes: Annotated[int, Field(ge=0, le=600, strict=True)] = 0
    completion: CompletionSource = CompletionSource()
    formerly: list[ContentId] = []
    of: str = ""


class BankSource(Strict):
    """The front matter of a bank; a bank may also do without."""

    title: Text = "Question bank"


class AttemptsSource(Strict):
    included: Attempts = None
    cooldown_hours: Annotated[int, Field(ge=0, le=8760, strict=True)] = 0


class WindowSource(Strict):
    from_: Annotated[Literal["attended", "enrolled"], Field(alias="from")]
    days: Annotated[int, Field(ge=1, le=3650, strict=True)]


class ExamSource(Strict):
    """exams/<exam>/exam.yaml"""

    id: ContentId
    title: Text
    preset: Literal["certification"]
    pass_mark: Percent
    minutes: Minutes | None = None
    attempts: AttemptsSource = AttemptsSource()
    window: WindowSource | None = None
    release: Literal["at_once", "by_staff"] = "at_once"
    on_expiry: Literal["submit"] = "submit"
    blueprint: dict[ContentId, Count]
    forms: dict[ContentId, Annotated[list[ContentId], Field(min_length=1)]]
    cuts: dict[ContentId, Percent] = {}
    summary: str = ""
    reviewed_by: dict[ContentId, Text] = {}
    formerly: list[ContentId] = []
