"""Writes about what was read and tried."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms.foundation.database import db
from lms.foundation.errors import DomainError
from lms.foundation.messages import Message
from lms.foundation.prepared import PreparedRow
from lms.learning.models import CheckAnswer, LessonCompletion
from lms.learning.queries import lesson_facts
from lms.learning.rules import CompletionRule

COMPLETION = PreparedRow(LessonCompletion, ("enrollment_id", "person_id", "lesson_id", "revision_id", "completed_at"))


@dataclass(frozen=True)
class Completed:
    """What marking a lesson noted: `id` is None where it was done before; `done` are now the enrollment's lessons."""

    id: int | None
    done: frozenset[str]


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
) -> Completed:
    """Mark a lesson as done, once. Raises ChecksMissing while checks stand in the way."""
    facts = lesson_facts(enrollment_id, lesson_id)
    if lesson_id in facts.done:
        return Completed(None, facts.done)
    missing = rule.missing(checks, facts.answered_rightly)
    if missing:
        raise ChecksMissing(
            Message(
                "One check of this lesson is still to be answered rightly.",
                {"n": len(missing)},
                "{n} checks of this lesson are still to be answered rightly.",
            ),
            remedy=Message("Checks can be tried as often as you like."),
        )
    completion_id: int = COMPLETION.write(
        enrollment_id=enrollment_id, person_id=person_id, lesson_id=lesson_id, revision_id=revision_id, completed_at=now
    )
    return Completed(completion_id, facts.done | {lesson_id})
