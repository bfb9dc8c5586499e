"""Exams, their attempts, and one attempt."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from lms.accounts.rules import Capability
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.interop.csv_tables import Cell
from lms.interop.words import gettext as _
from lms.overviews import results as overview
from lms.overviews.results import AttemptRow, Filter
from lms.web.drawing import straights
from lms.web.lists import asked_place, chosen, csv_answer, wants_csv
from lms.web.staff.pages import attempts
from lms.web.staff.views.door import bp
from lms.web.viewing import signed_in
from lms.web.wording import label


@bp.get("/staff/results")
def list_results() -> ResponseReturnValue:
    return render_template("staff/results.html", exams=overview.exam_rows(signed_in()))


@bp.get("/staff/results/<exam_id>")
def list_attempts(exam_id: str) -> ResponseReturnValue:
    exam = exam_or_404(exam_id)
    asked = Filter(chosen("status"), chosen("passed"), chosen("form"))
    page = overview.attempt_list(signed_in(), exam_id, asked, place=asked_place())
    if wants_csv():
        header = [_("Person"), _("Form"), _("Attempt"), _("State"), _("Started"), _("Submitted"), _("Score"), _("Of")]
        return csv_answer(
            f"results-{exam.id}", [*header, _("Percent"), _("Passed")], (as_cells(row) for row in page.rows)
        )
    return attempts.show_page(exam, asked, tuple(overview.forms_opened(exam_id)), page)


@bp.get("/staff/results/attempts/<token>")
def show_attempt(token: str) -> ResponseReturnValue:
    """One attempt of somebody else; one's own looks as if it did not exist."""
    case = overview.attempt_case(signed_in(), token) or abort(404)
    return render_template(
        "staff/attempt.html",
        case=case,
        words_of=words_of,
        bar=straights.bar,
        may_see_person=signed_in().can(Capability.SEE_PEOPLE),
    )


def exam_or_404(exam_id: str) -> ExamDocument:
    return content.exam(content.current_release_id(), exam_id) or abort(404)


def words_of(what: str) -> str:
    """What a line of an attempt's history says."""
    said = {
        "started": _("Started"),
        "saved": _("Last answer saved"),
        "closed_by_learner": _("Submitted by the learner"),
        "closed_by_expiry": _("Submitted when the time was over"),
        "closed_by_staff": _("Closed by the staff"),
        "scored": _("Scored"),
        "released": _("Result released"),
    }
    return str(said.get(what, what))


def as_cells(row: AttemptRow) -> list[Cell]:
    percent = None if row.scaled is None else row.scaled * 100
    return [
        row.person,
        row.form,
        row.number,
        label(row.status),
        row.started_at,
        row.closed_at,
        row.raw,
        row.maximum,
        percent,
        row.passed,
    ]
