"""The attendance form of one session: a mark and a note for each seat."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, StringField, ValidationError  # type: ignore[attr-defined]  # the stubs do not know SelectChoice yet
from wtforms.validators import Length, Optional

from lms.live.models import Mark
from lms.live.queries import RosterLine
from lms.usecases.attending import LONGEST_NOTE, Seen
from lms.web.wording import label

REST_ARE_PRESENT = "present"


def readable(_form: FlaskForm, field: StringField) -> None:
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in field.data or ""):
        raise ValidationError(_("A note is one line of letters and signs."))


def attendance_form(roster: Sequence[RosterLine], marks: Mapping[str, Mark]) -> FlaskForm:
    """A form with a field for each seat; `marks` are the newest ones, by seat token."""
    fields: dict[str, Any] = {}
    for line in roster:
        fields[f"mark-{line.seat.token}"] = RadioField(
            line.name,
            [Optional()],
            choices=[SelectChoice(mark.value, label(mark)) for mark in Mark],
            default=_value(marks, line),
        )
        fields[f"note-{line.seat.token}"] = StringField(
            _("Note on %(name)s", name=line.name),
            [Optional(), Length(max=LONGEST_NOTE, message=_("Use at most %(max)d signs.")), readable],
        )
    made: FlaskForm = type("AttendanceForm", (FlaskForm,), fields)()
    return made


def seen_in(form: FlaskForm, marks: Mapping[str, Mark], rest: str | None) -> dict[str, Seen]:
    """What the form says anew, by seat token: unchanged marks without a note are left out.

    With `rest` "present", whoever has no mark is present.
    """
    seen: dict[str, Seen] = {}
    for field in form:
        kind, _dash, token = field.name.partition("-")
        if kind != "mark":
            continue
        chosen = field.data or (REST_ARE_PRESENT if rest == REST_ARE_PRESENT else None)
        note = (form[f"note-{token}"].data or "").strip()
        if chosen and (marks.get(token) != chosen or note):
            seen[token] = Seen(Mark(chosen), note)
    return seen


def _value(marks: Mapping[str, Mark], line: RosterLine) -> str | None:
    mark = marks.get(line.seat.token)
    return mark.value if mark else None
