"""Opening a reviewed form of an exam: always a second person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lms.assessment.models import FormActivation
from lms.content.documents import ExamDocument
from lms.foundation.database import db
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


def activate_form(exam: ExamDocument, form: str, *, reviewed_by: int, by: int, now: datetime) -> FormActivation:
    """Open a form as it stands in this document, or return the activation that stands.

    Raises NotFound for a form the exam does not have, SamePerson where reviewer and activator are one.
    """
    if form not in exam.form_hashes:
        raise NotFound
    if reviewed_by == by:
        raise SamePerson
    mark = exam.form_hashes[form]
    standing = db.session.scalars(
        select(FormActivation)
        .where(FormActivation.exam_id == exam.id, FormActivation.form == form, FormActivation.form_hash == mark)
        .with_for_update()
    ).one_or_none()
    if standing is None:
        standing = FormActivation(exam_id=exam.id, form=form, form_hash=mark)
        db.session.add(standing)
    elif standing.withdrawn_at is None:
        return standing
    standing.reviewed_by, standing.activated_by = reviewed_by, by
    standing.activated_at, standing.withdrawn_at = now, None
    db.session.flush()
    return standing


def withdraw_form(activation: FormActivation, *, now: datetime) -> None:
    """Shut a form for sittings to come; those that have begun go on."""
    activation.withdrawn_at = activation.withdrawn_at or now
    db.session.flush()
