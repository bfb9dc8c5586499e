"""The door itself: its guard, and how one gets to what one is enrolled in."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from lms.content import queries as content
from lms.content.models import DocumentKind
from lms.interop.words import gettext as _
from lms.web.viewing import require_sign_in

bp = Blueprint("learning", __name__)
bp.before_request(require_sign_in)


def to_program(program_id: str) -> Response:
    """Where those go who are not enrolled: to the program's own page. Reading needs the enrollment."""
    current = content.current_id(DocumentKind.PROGRAM, program_id)
    if content.program(current) is None:
        abort(404)
    flash(_("Enroll first: lessons open with the enrollment."), "info")
    return redirect(url_for("catalog.show_program", program_id=current))
