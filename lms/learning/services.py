"""Writes about what was read and tried."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.foundation.database import db
from lms.foundation.errors import DomainError
from lms.foundation.messages import Message
from lms.learning.models import CheckAnswer, LessonCompletion
from lms.learning.queries import answered_rightly
from lms.learning.rules import CompletionRule


class ChecksMissing(DomainError):
    """The lesson has checks that were not answered rightly yet."""

    code = "checks-missing"
    status = 422


def answer_check(
    *,
    enrollment_id: int,
    person_id: int,
    lesson_id: str,
    item_id: str,
    revision_id: int,
    response: dict[str, Any],
    right: bool,
    now: datetime,
) -> CheckAnswer:
    """Note one try at a check, on the revision it was shown."""
    answer = CheckAnswer(
        enrollment_id=enrollment_id,
        person_id=person_id,
        lesson_id=lesson_id,
        item_id=item_id,
        revision_id=revision_id,
        response=response,
        right=right,
        answered_at=now,
    )
    db.session.add(answer)
    return answer


def complete_lesson(
    *,
    enrollment_id: int,
    person_id: int,
    lesson_id: str,
    revision_id: int,
    rule: CompletionRule,
    checks: Collection[str],
    now: datetime,
) -> tuple[LessonCompletion, bool]:
    """Mark a lesson as done, once; the flag says whether it was now. Raises ChecksMissing while checks stand in the way."""
    done = db.session.scalar(
        select(LessonCompletion).where(
            LessonCompletion.enrollment_id == enrollment_id, LessonCompletion.lesson_id == lesson_id
        )
    )
    if done is not None:
        return done, False
    missing = rule.missing(checks, answered_rightly(enrollment_id, lesson_id))
    if missing:
        raise ChecksMissing(
            Message(
                "One check of this lesson is still to be answered rightly.",
                {"n": len(missing)},
                "{n} checks of this lesson are still to be answered rightly.",
            ),
            remedy=Message("Checks can be tried as often as you like."),
        )
    completion = LessonCompletion(
        enrollment_id=enrollment_id, person_id=person_id, lesson_id=lesson_id, revision_id=revision_id, completed_at=now
    )
    db.session.add(completion)
    db.session.flush()
    return completion, True
