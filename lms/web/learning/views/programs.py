"""One program as a track, and leaving it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.catalog.queries import enrollment_of
from lms.foundation import clock
from lms.foundation.database import db
from lms.interop.words import gettext as _
from lms.pathway.deciding import pinned_program
from lms.usecases import enrolling
from lms.web.learning.pages.track import track_page
from lms.web.learning.views.door import bp, to_program
from lms.web.viewing import signed_in


@bp.get("/learn/<program_id>")
def show_program(program_id: str) -> ResponseReturnValue:
    enrollment = own_enrollment(program_id)
    if enrollment is None:
        return to_program(program_id)
    return render_template("learning/program.html", page=track_page(enrollment, now=clock.now()))


@bp.get("/learn/<program_id>/withdrawal")
def confirm_withdrawal(program_id: str) -> ResponseReturnValue:
    enrollment = own_enrollment(program_id)
    if enrollment is None:
        return to_program(program_id)
    if enrollment.status is not EnrollmentStatus.ACTIVE:
        return redirect(url_for(".show_program", program_id=program_id))
    return render_template("learning/withdrawal.html", program=pinned_program(enrollment))


@bp.post("/learn/<program_id>/withdrawal")
def create_withdrawal(program_id: str) -> ResponseReturnValue:
    if own_enrollment(program_id) is None:
        abort(404)
    enrolling.withdraw(signed_in().person_id, program_id, now=clock.now())
    db.session.commit()
    flash(_("You have left the program. What you did in it stays on record."), "ok")
    return redirect(url_for(".home"), 303)


def own_enrollment(program_id: str) -> Enrollment | None:
    """The viewer's enrollment in a program they have not left."""
    found = enrollment_of(signed_in().person_id, program_id)
    return None if found is None or found.status is EnrollmentStatus.WITHDRAWN else found
