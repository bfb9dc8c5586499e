"""Exams and quizzes: rules and start, the sitting, one answer, handing in, the result."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from flask import Blueprint, Response, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from lms.assessment import queries, services
from lms.assessment.models import Attempt, AttemptClosed
from lms.assessment.queries import Sitting
from lms.assessment.rules.journal import Receipt
from lms.assessment.services import NoFormOpen, Save
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.errors import DomainError, Invalid
from lms.foundation.refusals import REFUSALS, Refusal, refusal_of
from lms.interop.words import gettext as _
from lms.items import BadResponse
from lms.pathway.deciding import NotReady
from lms.usecases import starting, submitting
from lms.usecases.starting import StartRefused
from lms.web import errors
from lms.web.assessment.forms import AnswerForm
from lms.web.assessment.pages.exam import exam_page
from lms.web.assessment.pages.result import result_page
from lms.web.assessment.pages.sitting import bar_of, item_page, item_url, submission_page
from lms.web.viewing import no_store, only_look, require_sign_in, signed_in, viewer, wants_json
from lms.web.wording import say

EXAM = "/exams/<program_id>/<exam_id>"
ATTEMPT = "/exams/attempts/<token>"

bp = Blueprint("assessment", __name__)
bp.before_request(require_sign_in)
bp.after_request(no_store)  # a sitting that the browser kept would show answers that no longer stand


# --- before it ---


@bp.get(EXAM)
def show_exam(program_id: str, exam_id: str) -> ResponseReturnValue:
    return render_exam(program_id, exam_id)


@bp.post(EXAM)
def create_attempt(program_id: str, exam_id: str) -> ResponseReturnValue:
    try:
        attempt = starting.start(signed_in().person_id, program_id, exam_id, now=clock.now())
    except (NotReady, StartRefused, NoFormOpen) as refusal:
        db.session.rollback()
        return render_exam(program_id, exam_id, refused=say(refusal.message)), refusal.status
    db.session.commit()
    return redirect(url_for(".show_attempt", token=attempt.token), 303)


@bp.get("/exams/find/<exam_id>")
def find_exam(exam_id: str) -> ResponseReturnValue:
    """Where remedies lead that name an exam alone: to the program in which I have it."""
    program_id = starting.program_with(signed_in().person_id, exam_id) or abort(404)
    return redirect(url_for(".show_exam", program_id=program_id, exam_id=exam_id))


def render_exam(program_id: str, exam_id: str, *, refused: str = "") -> str:
    now = clock.now()
    before = starting.prospect(signed_in().person_id, program_id, exam_id, now=now)
    return render_template("assessment/exam.html", page=exam_page(before), refused=refused)


# --- the sitting ---


@bp.get(ATTEMPT)
def show_attempt(token: str) -> ResponseReturnValue:
    """Where the sitting goes on: the first item without an answer, or the summary where all are answered."""
    attempt = own_attempt_or_404(token)
    if not attempt.is_open:
        return redirect(url_for(".show_result", token=token))
    sat, now = queries.sitting(attempt), clock.now()
    if sat.is_over(now):
        return render_closing(sat)
    position = sat.first_unanswered()
    return redirect(item_url(token, position) if position else url_for(".show_submission", token=token))


@bp.get(f"{ATTEMPT}/items/<int:position>")
def show_item(token: str, position: int) -> ResponseReturnValue:
    attempt = own_attempt_or_404(token)
    if not attempt.is_open:
        return redirect(url_for(".show_attempt", token=token))
    sat, now = queries.sitting(attempt), clock.now()
    return render_closing(sat) if sat.is_over(now) else render_item(sat, position, now=now)


@bp.post(f"{ATTEMPT}/items/<int:position>")
def create_answer(token: str, position: int) -> ResponseReturnValue:
    """Save one answer: a receipt for the script, and the next page for who has none."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return refuse_answer(token, position, form, _("This page could not be read. Send it once more."))
    save = Save(position, form.sequence.data or 0, form.answer.data, flagged=form.flagged.data)
    try:
        receipt = services.save_answer(signed_in().person_id, token, save, now=clock.now())
    except BadResponse as refusal:
        return refuse_answer(token, position, form, say(refusal.message))
    except AttemptClosed as refusal:
        if wants_json():
            raise
        flash(say(refusal.message), "warn")
        return redirect(url_for(".show_attempt", token=token), 303)
    db.session.commit()
    if wants_json():
        return jsonify(receipt_json(receipt))
    if not receipt.stands:
        flash(
            _("You had answered this item in another window. That answer stands; change it here if you like."), "warn"
        )
        return redirect(item_url(token, position), 303)
    return redirect(where_next(token, position), 303)


def render_item(
    sat: Sitting, position: int, *, now: datetime, problem: str = "", typed: Sequence[str] | None = None
) -> str:
    place = sat.place(position) or abort(404)
    page = item_page(sat, place, now=now, problem=problem, typed=typed)
    return render_template("assessment/item.html", page=page)


def render_closing(sat: Sitting) -> str:
    return render_template("assessment/closing.html", sat=sat, bar=bar_of(sat, now=clock.now()))


def refuse_answer(token: str, position: int, form: AnswerForm, problem: str) -> ResponseReturnValue:
    """The same page with what was typed; for the script, the reason."""
    db.session.rollback()
    if wants_json():
        raise Invalid(problem)
    return render_again(token, position, form, problem, 422)


def render_again(token: str, position: int, form: AnswerForm, problem: str, status: int) -> ResponseReturnValue:
    attempt, now = own_attempt_or_404(token), clock.now()
    sat = queries.sitting(attempt)
    if not attempt.is_open or sat.is_over(now):
        return redirect(url_for(".show_attempt", token=token), 303)
    return render_item(sat, position, now=now, problem=problem, typed=form.answer.data), status


def keep_answer(error: DomainError | DBAPIError) -> ResponseReturnValue:
    """The database took nothing, perhaps not even who is asking: the item's page again, with what was typed."""
    refusal = refusal_of(error) if isinstance(error, DBAPIError) else error
    if isinstance(refusal, REFUSALS) and request.endpoint == "assessment.create_answer" and not wants_json():
        only_look()
        with suppress(SQLAlchemyError, *REFUSALS):
            if viewer() is not None:
                return unsaved_answer(refusal)
    return errors.answer_database_error(error) if isinstance(error, DBAPIError) else errors.answer_domain_error(error)


def unsaved_answer(refusal: Refusal) -> Response:
    place = request.view_args or {}
    problem = f"{say(refusal.message)} {say(refusal.kept)} {say(refusal.remedy)}"
    page = render_again(place["token"], place["position"], AnswerForm(), problem, refusal.status)
    return errors.come_back(make_response(page), refusal)


for _kind in (*REFUSALS, DBAPIError):
    bp.register_error_handler(_kind, keep_answer)


def where_next(token: str, position: int) -> str:
    """Where the button pressed leads; without one, onwards."""
    pressed = request.form
    if "review" in pressed:
        return url_for(".show_submission", token=token)
    if "previous" in pressed:
        return item_url(token, max(position - 1, 1))
    goto = pressed.get("goto", "")
    if goto.isascii() and goto.isdecimal() and len(goto) <= 3:
        return item_url(token, int(goto))
    return item_url(token, position + 1) if "next" in pressed else url_for(".show_attempt", token=token)


def receipt_json(receipt: Receipt) -> dict[str, object]:
    return {
        "sequence": receipt.sequence,
        "saved_at": receipt.saved_at.isoformat(),
        "stands": receipt.stands,
        "remaining_seconds": receipt.remaining_seconds,
    }


# --- after it ---


@bp.get(f"{ATTEMPT}/submission")
def show_submission(token: str) -> ResponseReturnValue:
    attempt = own_attempt_or_404(token)
    if not attempt.is_open:
        return redirect(url_for(".show_result", token=token))
    sat, now = queries.sitting(attempt), clock.now()
    if sat.is_over(now):
        return render_closing(sat)
    return render_template("assessment/submission.html", page=submission_page(sat, now=now))


@bp.post(f"{ATTEMPT}/submission")
def create_submission(token: str) -> ResponseReturnValue:
    submitting.submit(own_attempt_or_404(token), now=clock.now())
    db.session.commit()
    return redirect(url_for(".show_result", token=token), 303)


@bp.get(f"{ATTEMPT}/result")
def show_result(token: str) -> ResponseReturnValue:
    attempt = own_attempt_or_404(token)
    if attempt.is_open:
        return redirect(url_for(".show_attempt", token=token))
    page = result_page(queries.sitting(attempt), now=clock.now())
    return render_template("assessment/result.html", page=page)


def own_attempt_or_404(token: str) -> Attempt:
    """Another person's attempt looks the same as one that does not exist."""
    return queries.own_attempt(signed_in().person_id, token) or abort(404)
