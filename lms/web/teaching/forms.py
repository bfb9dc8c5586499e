"""The attendance form of one session: a mark and a note for each seat."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectChoice, StringField, ValidationError  # type: ignore[attr-defined]  # the stubs do not know SelectChoice yet
from wtforms.validators import Length, Optional

from lms.interop.words import gettext
from lms.live.models import Mark
from lms.live.queries import RosterLine
from lms.usecases.attending import LONGEST_NOTE, Seen
from lms.web.wording import label

REST_ARE_PRESENT = "present"


def readable(_form: FlaskForm, field: StringField) -> None:
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in field.data or ""):
        raise ValidationError(_("A note is one line of letters and signs."))


def attendance_form(roster: Sequence[RosterLine], marks: Mapping[str, Mark]) -> FlaskForm:
    """A form with fields for each seat; `marks` are the newest ones, by seat token.

    What the page showed comes back with it: between page and form others book seats and make marks.
    """
    fields: dict[str, Any] = {}
    for line in roster:
        fields[f"shown-{line.seat.token}"] = HiddenField(default=_value(marks, line) or "")
        fields[f"mark-{line.seat.token}"] = RadioField(
            line.name,
            [Optional()],
            choices=[SelectChoice(mark.value, label(mark)) for mark in Mark if _may_choose(mark, marks, line)],
            default=_value(marks, line),
        )
        fields[f"note-{line.seat.token}"] = StringField(
            gettext("Note on %(name)s", name=line.name),  # a lazy text would reach the page unescaped, name and all
            [Optional(), Length(max=LONGEST_NOTE, message=_("Use at most %(max)d signs.")), readable],
        )
    made: FlaskForm = type("AttendanceForm", (FlaskForm,), fields)()
    return made


def seen_in(form: FlaskForm, marks: Mapping[str, Mark], rest: str | None) -> dict[str, Seen]:
    """What the form says anew, by seat token: marks as the page showed them are left out, unless there is a note.

    With `rest` "present", whoever stood on the page without a mark, and has none since, is present.
    """
    seen: dict[str, Seen] = {}
    for field in form:
        kind, _dash, token = field.name.partition("-")
        if kind != "mark":
            continue
        shown = _shown(form, token)
        is_rest = rest == REST_ARE_PRESENT and shown == "" and token not in marks
        chosen = field.data or (REST_ARE_PRESENT if is_rest else None)
        note = (form[f"note-{token}"].data or "").strip()
        if chosen and (note or chosen not in {shown, marks.get(token)}):
            seen[token] = Seen(Mark(chosen), note)
    return seen


def _shown(form: FlaskForm, token: str) -> str | None:
    """The mark that the page showed, "" for none; None for a seat that was not on the page."""
    sent = form[f"shown-{token}"].raw_data
    return str(sent[0]) if sent else None


def _may_choose(mark: Mark, marks: Mapping[str, Mark], line: RosterLine) -> bool:
    """There is nothing to clear where there is no mark."""
    return mark is not Mark.CLEARED or line.seat.token in marks


def _value(marks: Mapping[str, Mark], line: RosterLine) -> str | None:
    mark = marks.get(line.seat.token)
    return mark.value if mark else None
