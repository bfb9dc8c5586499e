"""The form that enters a program. It checks shape; the rules decide."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from lms.requirements import Program


class EnrolForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """With one event group to choose where the program has several."""

    track = RadioField(
        _l("Choose one event group"), validators=[InputRequired(_l("Choose one of the event groups of this program."))]
    )


def enrol_form(program: Program) -> EnrolForm:
    form = EnrolForm()
    if program.tracks:
        form.track.choices = [(track.id, track.title) for track in program.tracks]
    else:
        del form.track
    return form


def chosen_track(form: EnrolForm) -> str:
    return str(form.track.data) if "track" in form else ""
