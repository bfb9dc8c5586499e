"""Exams' forms, opened by a second person."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.content.documents import ExamDocument
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.errors import DomainError
from lms.interop.words import gettext as _
from lms.overviews import forms as overview
from lms.usecases import activating
from lms.web.staff.views.door import bp
from lms.web.viewing import signed_in
from lms.web.wording import say


@bp.get("/staff/forms")
def list_forms() -> ResponseReturnValue:
    reader = signed_in()
    return render_template("staff/forms.html", exams=overview.exam_forms(reader), reviewers=overview.reviewers(reader))


@bp.post("/staff/forms/<exam_id>/<form>/activation")
def create_activation(exam_id: str, form: str) -> ResponseReturnValue:
    """Open a form. Its reviewer is who the exam names, or else the colleague that was chosen."""
    exam = exam_or_404(exam_id, form)
    reviewer = None if exam.reviewed_by.get(form) else chosen_reviewer()
    try:
        activating.activate(signed_in(), exam_id, form, now=clock.now(), reviewed_by=reviewer)
    except DomainError as refusal:
        return refused(refusal)
    db.session.commit()
    flash(_("Form %(form)s is open: new sittings may show it.", form=form), "ok")
    return redirect(url_for(".list_forms"), 303)


@bp.post("/staff/forms/<exam_id>/<form>/withdrawal")
def create_form_withdrawal(exam_id: str, form: str) -> ResponseReturnValue:
    """Shut a form for sittings to come."""
    exam_or_404(exam_id, form)
    activating.withdraw(signed_in(), exam_id, form, now=clock.now())
    db.session.commit()
    flash(_("Form %(form)s is shut. Sittings that have begun go on.", form=form), "ok")
    return redirect(url_for(".list_forms"), 303)


def exam_or_404(exam_id: str, form: str) -> ExamDocument:
    exam = overview.exam_within(signed_in(), exam_id)
    return exam if exam is not None and form in exam.forms else abort(404)


def chosen_reviewer() -> int | None:
    """The id of the colleague chosen as reviewer, or None."""
    token = request.form.get("reviewer", "")
    known = {one.token: one.person_id for one in overview.reviewers(signed_in())} if token else {}
    return known.get(token)


def refused(refusal: DomainError) -> ResponseReturnValue:
    """The list again, with what stood in the way: nothing of it was typed, so nothing is lost."""
    db.session.rollback()
    flash(" ".join(said for said in (say(refusal.message), say(refusal.remedy)) if said), "bad")
    return redirect(url_for(".list_forms"), 303)
