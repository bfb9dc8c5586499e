"""Questions about what was read and tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, func, literal, null, select, type_coerce, union_all

from lms.foundation.database import db
from lms.learning.models import CheckAnswer, LessonCompletion


@dataclass(frozen=True)
class LessonFact:
    """A lesson done within an enrollment."""

    id: int
    enrollment_id: int
    lesson_id: str
    completed_at: datetime


@dataclass(frozen=True)
class LastAnswer:
    """The newest answer to one check."""

    right: bool
    response: dict[str, Any]
    revision_id: int


@dataclass(frozen=True)
class LessonFacts:
    """What a lesson's page shows of its reader: lessons done, and the newest answer to each check."""

    done: frozenset[str]
    answers: dict[str, LastAnswer]
    answered_rightly: frozenset[str]


def completed_lessons(enrollment_ids: Sequence[int]) -> list[LessonFact]:
    rows = db.session.execute(
        select(
            LessonCompletion.id,
            LessonCompletion.enrollment_id,
            LessonCompletion.lesson_id,
            LessonCompletion.completed_at,
        )
        .where(LessonCompletion.enrollment_id.in_(enrollment_ids))
        .order_by(LessonCompletion.id)
    )
    return [LessonFact(*row) for row in rows]


def lesson_facts(enrollment_id: int, lesson_id: str) -> LessonFacts:
    """One statement: the enrollment's lessons done, and this lesson's answers in the order given."""
    done = select(
        literal("done").label("kind"),
        LessonCompletion.lesson_id.label("subject"),
        LessonCompletion.id.label("id"),
        literal(value=True).label("right"),
        null().label("response"),
        LessonCompletion.revision_id.label("revision_id"),
    ).where(LessonCompletion.enrollment_id == enrollment_id)
    tried = select(
        literal("answer"),
        CheckAnswer.item_id,
        CheckAnswer.id,
        CheckAnswer.right,
        type_coerce(CheckAnswer.response, JSON),
        CheckAnswer.revision_id,
    ).where(CheckAnswer.enrollment_id == enrollment_id, CheckAnswer.lesson_id == lesson_id)
    both = union_all(tried, done).subquery()
    rows = db.session.execute(
        select(both.c[0], both.c[1], both.c[3], type_coerce(both.c[4], JSON), both.c[5]).order_by(both.c[2])
    ).all()
    answers = {row[1]: LastAnswer(row[2], row[3], row[4]) for row in rows if row[0] == "answer"}
    rightly = frozenset(row[1] for row in rows if row[0] == "answer" and row[2])
    return LessonFacts(frozenset(row[1] for row in rows if row[0] == "done"), answers, rightly)


def answered_rightly(enrollment_id: int, lesson_id: str) -> frozenset[str]:
    """The checks of a lesson that were answered rightly at least once."""
    return frozenset(
        db.session.scalars(
            select(CheckAnswer.item_id).where(
                CheckAnswer.enrollment_id == enrollment_id, CheckAnswer.lesson_id == lesson_id, CheckAnswer.right
            )
        )
    )


def lessons_done_count(person_id: int) -> int:
    counted = select(func.count()).select_from(LessonCompletion).where(LessonCompletion.person_id == person_id)
    return db.session.scalar(counted) or 0
