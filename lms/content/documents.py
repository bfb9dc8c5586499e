"""What the product reads of released content: immutable values made from a revision once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from lms.content.compiled import CHECK_MARK
from lms.items import Item, PoolItem


@dataclass(frozen=True)
class LessonView:
    """A lesson as its page shows it. `segments` are HTML; check n stands between segments n and n + 1."""

    revision_id: int
    id: str
    module_id: str
    title: str
    minutes: int
    objectives: tuple[str, ...]
    completion: Mapping[str, Any]
    checks: tuple[Mapping[str, Any], ...]
    body: str
    check_hashes: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def segments(self) -> list[str]:
        return self.body.split(CHECK_MARK)

    @property
    def check_ids(self) -> tuple[str, ...]:
        return tuple(check["id"] for check in self.checks)


@dataclass(frozen=True)
class LessonEntry:
    """A lesson in its module's list."""

    id: str
    title: str
    minutes: int


@dataclass(frozen=True)
class ModuleView:
    """A module as lists and lesson pages show it."""

    revision_id: int
    id: str
    set_id: str
    title: str
    summary: str
    minutes: int
    authors: tuple[str, ...]
    objectives: Mapping[str, str]
    references: tuple[str, ...]
    lessons: tuple[LessonEntry, ...]
    quiz_id: str


@dataclass(frozen=True)
class ExamDocument:
    """An exam or a quiz with its rules. `attempts_included` None means any number; `minutes` None untimed.

    `forms` are item ids by form; a quiz has none, and draws `count` items from `pool`.
    """

    revision_id: int
    id: str
    kind: Literal["exam", "quiz"]
    preset: str
    title: str
    summary: str
    module_id: str | None
    pass_mark: int
    minutes: int | None
    attempts_included: int | None
    cooldown_hours: int
    window_from: Literal["attended", "enrolled"] | None
    window_days: int | None
    release: Literal["at_once", "by_staff"]
    on_expiry: str
    count: int
    pool: tuple[PoolItem, ...]
    forms: Mapping[str, tuple[str, ...]]
    form_hashes: Mapping[str, str]
    cuts: Mapping[str, int]
    blueprint: Mapping[str, int]
    reviewed_by: Mapping[str, str]
    areas: Mapping[str, str]
    area_titles: Mapping[str, str]
    objectives: Mapping[str, str]
    item_objectives: Mapping[str, str]

    def cut(self, form: str) -> int:
        """The percentage that passes on this form: its own, else the exam's."""
        return self.cuts.get(form, self.pass_mark)

    @classmethod
    def read(cls, revision_id: int, exam_id: str, compiled: Mapping[str, Any]) -> ExamDocument:
        forms = compiled["forms"]
        same = (
            "preset title summary pass_mark minutes attempts_included cooldown_hours window_from window_days release on_expiry count "
            "cuts blueprint reviewed_by areas area_titles objectives item_objectives"
        )
        return cls(
            revision_id=revision_id,
            id=exam_id,
            kind=compiled["exam_kind"],
            module_id=compiled["module"],
            pool=tuple(PoolItem(entry["id"], entry["objective"]) for entry in compiled["pool"]),
            forms={form: tuple(entry["items"]) for form, entry in forms.items()},
            form_hashes={form: entry["hash"] for form, entry in forms.items()},
            **{name: compiled[name] for name in same.split()},
        )


@dataclass(frozen=True)
class ItemDocument:
    """One revision of an item with its key. `html` holds stem, options, feedback and explanation as HTML."""

    revision_id: int
    id: str
    packed: Mapping[str, Any]
    html: Mapping[str, Any]

    @cached_property
    def item(self) -> Item:
        return Item.from_json(self.packed)

    @property
    def stem_html(self) -> str:
        return str(self.html["stem"])

    @property
    def option_html(self) -> Mapping[str, str]:
        options: Mapping[str, str] = self.html["options"]
        return options

    @property
    def feedback_html(self) -> Mapping[str, str]:
        feedback: Mapping[str, str] = self.html["feedback"]
        return feedback

    @property
    def explanation_html(self) -> str:
        return str(self.html["explanation"])
