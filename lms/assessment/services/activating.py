"""Opening a reviewed form of an exam: always a second person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lms.assessment.models import FormActivation
from lms.content.documents import ExamDocument
from lms.foundation.database import db, insert_once
from lms.foundation.errors import Forbidden, NotFound
from lms.foundation.messages import Message


class SamePerson(Forbidden):
    """Who reviewed a form does not open it as well."""

    code = "same-person"

    def __init__(self) -> None:
        super().__init__(
            "A form is opened by somebody else than who reviewed it.",
            kept=Message("The form stays as it was."),
            remedy=Message("Ask a colleague to open it."),
        )


def activate_form(
    exam: ExamDocument, form: str, *, reviewed_by: int, by: int, now: datetime
) -> tuple[FormActivation, bool]:
    """Open a form as it stands in this document, or return the activation that stands; the flag says whether it is new.

    Raises NotFound for a form the exam does not have, SamePerson where reviewer and activator are one.
    """
    if form not in exam.form_hashes:
        raise NotFound
    if reviewed_by == by:
        raise SamePerson
    opened = _opened_first(exam, form, reviewed_by=reviewed_by, by=by, now=now)
    standing = _locked(exam, form)
    if opened or standing.withdrawn_at is None:
        return standing, opened
    standing.reviewed_by, standing.activated_by = reviewed_by, by
    standing.activated_at, standing.withdrawn_at = now, None
    db.session.flush()
    return standing, True


def _opened_first(exam: ExamDocument, form: str, *, reviewed_by: int, by: int, now: datetime) -> bool:
    """Whether this is the first activation of the form as it stands: the table decides between two at once."""
    line = insert_once(FormActivation).values(
        exam_id=exam.id,
        form=form,
        form_hash=exam.form_hashes[form],
        reviewed_by=reviewed_by,
        activated_by=by,
        activated_at=now,
    )
    return db.session.scalar(line.returning(FormActivation.id)) is not None


def _locked(exam: ExamDocument, form: str) -> FormActivation:
    held = select(FormActivation).where(
        FormActivation.exam_id == exam.id,
        FormActivation.form == form,
        FormActivation.form_hash == exam.form_hashes[form],
    )
    return db.session.scalars(held.with_for_update().execution_options(populate_existing=True)).one()


def withdraw_form(activation: FormActivation, *, now: datetime) -> None:
    """Shut a form for sittings to come; those that have begun go on."""
    activation.withdrawn_at = activation.withdrawn_at or now
    db.session.flush()
