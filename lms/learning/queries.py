"""Questions about what was read and tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Select, bindparam, case, func, literal, null, select, type_coerce, union_all

from lms.foundation.database import db
from lms.foundation.prepared import PreparedForMany, prepared
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


COMPLETED = PreparedForMany(
    lambda enrollment_ids: (
        select(
            LessonCompletion.id,
            LessonCompletion.enrollment_id,
            LessonCompletion.lesson_id,
            LessonCompletion.completed_at,
        )
        .where(LessonCompletion.enrollment_id.in_(enrollment_ids))
        .order_by(LessonCompletion.id)
    )
)


def completed_lessons(enrollment_ids: Sequence[int]) -> list[LessonFact]:
    return [LessonFact(*row) for row in COMPLETED.rows(enrollment_ids)]


def _lesson_facts() -> Select[Any]:
    tries = (
        select(
            func.max(CheckAnswer.id).label("newest_id"),
            func.max(case((CheckAnswer.right, 1), else_=0)).label("ever_right"),
        )
        .where(CheckAnswer.enrollment_id == bindparam("enrollment_id"), CheckAnswer.lesson_id == bindparam("lesson_id"))
        .group_by(CheckAnswer.item_id)
        .subquery()
    )
    tried = select(
        literal("answer"),
        CheckAnswer.item_id,
        CheckAnswer.right,
        tries.c.ever_right,
        type_coerce(CheckAnswer.response, JSON),
        CheckAnswer.revision_id,
    ).join(tries, tries.c.newest_id == CheckAnswer.id)
    done = select(
        literal("done"),
        LessonCompletion.lesson_id,
        literal(value=True),
        literal(1),
        null(),
        LessonCompletion.revision_id,
    ).where(LessonCompletion.enrollment_id == bindparam("enrollment_id"))
    both = union_all(tried, done).subquery()
    return select(both.c[0], both.c[1], both.c[2], both.c[3], type_coerce(both.c[4], JSON), both.c[5])


LESSON_FACTS = prepared(_lesson_facts())


def lesson_facts(enrollment_id: int, lesson_id: str) -> LessonFacts:
    """One statement: the enrollment's lessons done, and of each check the newest answer, however many were tried."""
    rows = LESSON_FACTS.rows(enrollment_id=enrollment_id, lesson_id=lesson_id)
    answers = {row[1]: LastAnswer(row[2], row[4], row[5]) for row in rows if row[0] == "answer"}
    rightly = frozenset(row[1] for row in rows if row[0] == "answer" and row[3])
    return LessonFacts(frozenset(row[1] for row in rows if row[0] == "done"), answers, rightly)


def lessons_done_count(person_id: int) -> int:
    counted = select(func.count()).select_from(LessonCompletion).where(LessonCompletion.person_id == person_id)
    return db.session.scalar(counted) or 0
