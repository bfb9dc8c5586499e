"""Questions about an exam's forms: which are open, and which a person has had."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from lms.assessment.models import Attempt, AttemptItem, FormActivation
from lms.content import queries as content
from lms.content.compiled import form_hash
from lms.content.documents import ExamDocument
from lms.foundation.database import db


def active_forms(exam: ExamDocument) -> tuple[str, ...]:
    """The forms of this document that were opened as they stand in it, in its order."""
    activated = _activated(exam.id)
    return tuple(form for form, mark in exam.form_hashes.items() if (form, mark) in activated)


def open_forms(exam: ExamDocument, release_id: int) -> tuple[str, ...]:
    """The forms that a sitting within this release may show, in the exam's order.

    Judged by the items that it would really show: a question that changed since the review
    shuts its form, whichever document names it.
    """
    activated = _activated(exam.id)
    wanted = list(dict.fromkeys(item_id for item_ids in exam.forms.values() for item_id in item_ids))
    revisions = content.item_revisions(release_id, wanted)
    documents = content.items(revisions.values())
    items = {item_id: documents[revision_id].item for item_id, revision_id in revisions.items()}
    return tuple(
        form
        for form, item_ids in exam.forms.items()
        if all(item_id in items for item_id in item_ids) and (form, form_hash(item_ids, items)) in activated
    )


def activations(exam_id: str) -> list[FormActivation]:
    """Who opened which form of an exam, newest first; withdrawn ones too."""
    opened = select(FormActivation).where(FormActivation.exam_id == exam_id)
    return list(db.session.scalars(opened.order_by(FormActivation.activated_at.desc(), FormActivation.id.desc())))


def forms_seen(person_id: int, exam_id: str) -> tuple[str, ...]:
    """The forms a person has had, in the order in which they had them."""
    had = select(Attempt.form).where(Attempt.person_id == person_id, Attempt.exam_id == exam_id)
    return tuple(db.session.scalars(had.order_by(Attempt.id)))


def times_shown(person_id: int, item_ids: Iterable[str]) -> dict[str, int]:
    """How often a person was shown each of these items, in any sitting; items never shown are left out."""
    rows = db.session.execute(
        select(AttemptItem.item_id, func.count())
        .join(Attempt, Attempt.id == AttemptItem.attempt_id)
        .where(Attempt.person_id == person_id, AttemptItem.item_id.in_(list(item_ids)))
        .group_by(AttemptItem.item_id)
    )
    return {item_id: count for item_id, count in rows}  # noqa: C416  # rows are not pairs to mypy


def _activated(exam_id: str) -> set[tuple[str, str]]:
    rows = db.session.execute(
        select(FormActivation.form, FormActivation.form_hash).where(
            FormActivation.exam_id == exam_id, FormActivation.withdrawn_at.is_(None)
        )
    )
    return {(form, mark) for form, mark in rows}
