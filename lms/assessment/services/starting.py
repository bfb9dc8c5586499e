"""Beginning a sitting: which items it shows, in which form, until when."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from lms.assessment import queries
from lms.assessment.models import Attempt, AttemptItem, AttemptStatus
from lms.assessment.rules.forms import next_form
from lms.assessment.rules.timing import deadline
from lms.assessment.services.tallying import count
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.foundation.database import db
from lms.foundation.errors import Conflict, DomainError
from lms.foundation.messages import Message
from lms.items import draw_quiz

SEED_BYTES = 16


class NoFormOpen(DomainError):
    """No form of the exam was reviewed and opened yet."""

    code = "no-form-open"

    def __init__(self) -> None:
        super().__init__(
            "No form of this exam is open yet.",
            kept=Message("No attempt was used."),
            remedy=Message("Come back later, or write to the staff."),
        )


class StartedElsewhere(DomainError):
    """Another start of the same exam was faster, and that sitting has ended by now."""

    code = "started-elsewhere"


@dataclass(frozen=True)
class Drawn:
    """What a sitting will show: the form ("" for a quiz, which has none) and its items in order."""

    form: str
    item_ids: tuple[str, ...]
    seed: str


def start(
    *,
    enrollment_id: int,
    person_id: int,
    release_id: int,
    exam: ExamDocument,
    now: datetime,
    window_ends_at: datetime | None,
) -> Attempt:
    """Begin a sitting, or return the one that is open: two starts at once give one attempt.

    Raises NoFormOpen for an exam without an open form.
    """
    if standing := queries.open_attempt(person_id, exam.id):
        return standing
    drawn = draw(exam, person_id=person_id, release_id=release_id)
    attempt = Attempt(
        person_id=person_id,
        enrollment_id=enrollment_id,
        exam_id=exam.id,
        exam_revision_id=exam.revision_id,
        number=_next_number(enrollment_id, exam.id),
        form=drawn.form,
        seed=drawn.seed,
        status=AttemptStatus.IN_PROGRESS,
        started_at=now,
        deadline_at=deadline(now, exam.minutes, window_ends_at),
    )
    revisions = content.item_revisions(release_id, drawn.item_ids)
    try:
        with db.session.begin_nested():
            db.session.add(attempt)
            db.session.flush()
            _show(attempt, exam, drawn.item_ids, [revisions[item_id] for item_id in drawn.item_ids])
            count(attempt, attempts=1, running=1)
    except Conflict:
        return _faster_one(person_id, exam)
    return attempt


def draw(exam: ExamDocument, *, person_id: int, release_id: int) -> Drawn:
    """What the next sitting of this person shows. Raises NoFormOpen for an exam without an open form."""
    seed = secrets.token_hex(SEED_BYTES)
    if exam.kind == "quiz":
        seen = queries.times_shown(person_id, [item.id for item in exam.pool])
        return Drawn("", draw_quiz(exam.pool, exam.count, seed, seen), seed)
    form = next_form(queries.open_forms(exam, release_id), queries.forms_seen(person_id, exam.id))
    if form is None:
        raise NoFormOpen
    return Drawn(form, exam.forms[form], seed)


def _next_number(enrollment_id: int, exam_id: str) -> int:
    """Counts voided sittings too. The unique number is what stops two starts at once from both being the last one."""
    taken = select(func.max(Attempt.number)).where(Attempt.enrollment_id == enrollment_id, Attempt.exam_id == exam_id)
    return (db.session.scalar(taken) or 0) + 1


def _show(attempt: Attempt, exam: ExamDocument, item_ids: Sequence[str], revision_ids: Sequence[int]) -> None:
    db.session.execute(
        insert(AttemptItem),
        [
            {
                "attempt_id": attempt.id,
                "position": position,
                "item_id": item_id,
                "revision_id": revision_id,
                "part": exam.areas.get(item_id, ""),
            }
            for position, (item_id, revision_id) in enumerate(zip(item_ids, revision_ids, strict=True), start=1)
        ],
    )


def _faster_one(person_id: int, exam: ExamDocument) -> Attempt:
    standing = queries.open_attempt(person_id, exam.id)
    if standing is None:
        raise StartedElsewhere(
            "This was started in another window a moment ago.", remedy=Message("Reload the page to see where you are.")
        )
    return standing
