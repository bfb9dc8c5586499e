"""Opening an exam's reviewed form for sittings: a second person does it, and it is on record."""

from __future__ import annotations

from datetime import datetime

from lms.accounts import queries as accounts
from lms.accounts.rules import Capability, Viewer
from lms.assessment import queries as assessment
from lms.assessment import services
from lms.assessment.models import FormActivation
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.foundation import audit
from lms.foundation.errors import DomainError, NotFound
from lms.foundation.messages import Message
from lms.notices import services as notices


class NotReviewed(DomainError):
    """Nobody who is known here is named as the reviewer of the form."""

    code = "not-reviewed"


def activate(
    viewer: Viewer, exam_id: str, form: str, *, now: datetime, reviewed_by: int | None = None
) -> FormActivation:
    """Open a form as it is published now.

    The reviewer is the person given, else the one whose address the exam names for the form.
    Raises NotFound for who may not open forms or a form that does not exist, NotReviewed,
    or SamePerson: who reviewed it does not open it.
    """
    exam = _exam(viewer, exam_id, form)
    reviewer = reviewed_by if reviewed_by is not None else _named_reviewer(exam, form)
    activation, is_new = services.activate_form(exam, form, reviewed_by=reviewer, by=viewer.person_id, now=now)
    if is_new:
        _tell_reviewer(activation, exam, by=viewer, now=now)
        audit.record(
            "activate",
            "form_activation",
            activation.id,
            actor_id=viewer.person_id,
            at=now,
            exam=exam_id,
            form=form,
            form_hash=activation.form_hash,
            reviewed_by=reviewer,
        )
    return activation


def _tell_reviewer(activation: FormActivation, exam: ExamDocument, *, by: Viewer, now: datetime) -> None:
    """Whoever is named as the reviewer learns it, and can say so if it is not true."""
    message = Message(
        "{name} opened form {form} of “{exam}” and named you as its reviewer. If you did not review it, have it shut.",
        {"name": by.name, "form": activation.form, "exam": exam.title},
    )
    key = f"form:{activation.id}:{activation.activated_at.isoformat()}"
    path = f"/author/exams/{exam.id}/bank"
    notices.tell(activation.reviewed_by, key, "form_opened", message, path=path, now=now)


def withdraw(viewer: Viewer, exam_id: str, form: str, *, now: datetime) -> None:
    """Shut every open version of a form for sittings to come. Raises NotFound for who may not, or an unknown form."""
    _exam(viewer, exam_id, form)
    for activation in assessment.activations(exam_id):
        if activation.form == form and activation.withdrawn_at is None:
            services.withdraw_form(activation, now=now)
            audit.record(
                "withdraw", "form_activation", activation.id, actor_id=viewer.person_id, at=now, exam=exam_id, form=form
            )


def _exam(viewer: Viewer, exam_id: str, form: str) -> ExamDocument:
    exam = content.exam(content.current_release_id(), exam_id) if viewer.can(Capability.ACTIVATE_FORMS) else None
    if exam is None or form not in exam.forms:
        raise NotFound
    return exam


def _named_reviewer(exam: ExamDocument, form: str) -> int:
    account = accounts.account_by_email(exam.reviewed_by.get(form, ""))
    if account is None:
        raise NotReviewed(
            Message("Nobody is named as the reviewer of form {form}.", {"form": form}),
            remedy=Message("Have it reviewed, and say by whom."),
        )
    return account.person_id
