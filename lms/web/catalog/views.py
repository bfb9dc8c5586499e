"""Programs: the catalogue, one program, and entering it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.catalog.services import AlreadyEnrolled
from lms.content import queries as content
from lms.content.models import DocumentKind
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.interop.words import gettext as _
from lms.pathway.deciding import NotReady
from lms.requirements import Decision, Program
from lms.usecases import enrolling
from lms.usecases.enrolling import NotOffered
from lms.web.catalog.forms import EnrolForm, chosen_track, enrol_form
from lms.web.catalog.pages.listing import catalogue
from lms.web.catalog.pages.program import program_page, sign_in_url
from lms.web.viewing import signed_in, viewer

bp = Blueprint("catalog", __name__)


@bp.get("/programs")
def list_programs() -> ResponseReturnValue:
    page = catalogue(request.args, viewer(), now=clock.now())
    return render_template("catalog/programs.html", page=page)


@bp.get("/programs/<program_id>")
def show_program(program_id: str) -> ResponseReturnValue:
    program = content.program(program_id)
    if program is None:
        return to_renamed_or_404(program_id)
    return page_of(program, enrol_form(program))


@bp.post("/programs/<program_id>/enrollment")
def create_enrollment(program_id: str) -> ResponseReturnValue:
    program = content.program(program_id) or abort(404)
    if viewer() is None:
        return redirect(sign_in_url(program), 303)
    form = enrol_form(program)
    if not form.validate_on_submit():
        return refused(program, form, 422)
    try:
        enrolling.enrol(signed_in().person_id, program_id, track=chosen_track(form), now=clock.now())
    except NotReady as refusal:
        return refused(program, form, refusal.status, refusal.decision)
    except NotOffered as refusal:
        return refused(program, form, refusal.status)
    except AlreadyEnrolled:
        return redirect(url_for("learning.show_program", program_id=program_id), 303)
    db.session.commit()
    flash(_("You are enrolled in the %(program)s.", program=program.title), "ok")
    return redirect(url_for("learning.show_program", program_id=program_id), 303)


def to_renamed_or_404(program_id: str) -> ResponseReturnValue:
    current = content.current_id(DocumentKind.PROGRAM, program_id)
    if current == program_id or content.program(current) is None:
        abort(404)
    return redirect(url_for(".show_program", program_id=current), 301)


def page_of(program: Program, form: EnrolForm, decision: Decision | None = None) -> str:
    page = program_page(program, viewer(), now=clock.now(), refused=decision)
    return render_template("catalog/program.html", page=page, form=form, sign_in_url=sign_in_url(program))


def refused(program: Program, form: EnrolForm, status: int, decision: Decision | None = None) -> ResponseReturnValue:
    """The same page with the whole list of what is missing; what was begun is undone."""
    with unit_of_work.reading(db.session):
        return page_of(program, form, decision), status
