"""Reading lessons and trying their checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lms.accounts import services as accounts
from lms.content import queries as content
from lms.content.documents import ItemDocument, LessonView
from lms.foundation import audit
from lms.foundation.errors import DomainError, NotFound
from lms.items import type_named
from lms.learning import services as learning
from lms.learning.models import CheckAnswer
from lms.learning.rules import CompletionRule
from lms.pathway.queries import LessonDoor
from lms.usecases import advancing
from lms.usecases.advancing import Advanced


class LessonShut(DomainError):
    """The lesson's stage is not open, or the enrollment is closed."""

    code = "lesson-shut"


@dataclass(frozen=True)
class Tried:
    """One try at a check: whether it was right, and what the author says to it."""

    answer: CheckAnswer
    item: ItemDocument


@dataclass(frozen=True)
class Marked:
    """A lesson marked as done: the lessons that are done within its enrollment, and what followed."""

    done: frozenset[str]
    advanced: Advanced


def answer_check(
    person_id: int, door: LessonDoor, lesson: LessonView, item_id: str, form_values: Sequence[str], *, now: datetime
) -> Tried:
    """Note one try at a check of an open lesson. Raises LessonShut, NotFound, or BadResponse."""
    _refuse_shut(door)
    if item_id not in lesson.check_ids:
        raise NotFound
    revision_id = content.check_revision_id(lesson, item_id)
    if revision_id is None:
        raise NotFound
    document = content.items([revision_id])[revision_id]
    kind = type_named(document.item.type)
    response = kind.read_response(document.item, form_values)
    answer = learning.answer_check(
        enrollment_id=door.enrollment_id,
        person_id=person_id,
        lesson_id=lesson.id,
        item_id=item_id,
        revision_id=revision_id,
        response=dict(response),
        right=kind.score(document.item, response) == 1,
        now=now,
    )
    return Tried(answer, document)


def complete_lesson(person_id: int, door: LessonDoor, lesson: LessonView, *, now: datetime) -> Marked:
    """Mark a lesson as done and move the person on. Raises LessonShut or ChecksMissing."""
    _refuse_shut(door)
    accounts.lock_person(person_id)
    completed = learning.complete_lesson(
        enrollment_id=door.enrollment_id,
        person_id=person_id,
        lesson_id=lesson.id,
        revision_id=lesson.revision_id,
        rule=CompletionRule.from_json(dict(lesson.completion)),
        checks=lesson.check_ids,
        now=now,
    )
    if completed.id is not None:
        audit.record("complete_lesson", "lesson_completion", completed.id, actor_id=person_id, at=now, lesson=lesson.id)
    return Marked(completed.done, advancing.advance(person_id, now=now))


def _refuse_shut(door: LessonDoor) -> None:
    if not (door.is_active and door.is_open):
        raise LessonShut("Nothing can be marked here: the stage is not open, or the program is finished.")
