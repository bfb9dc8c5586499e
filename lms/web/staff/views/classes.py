"""Classes for who runs them: the list, a new one, opening it for booking, calling it off."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.errors import DomainError, Invalid
from lms.interop.csv_tables import Cell
from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.live.models import OfferingStatus
from lms.overviews import classes as overview
from lms.overviews.classes import ClassCase, ClassRow
from lms.overviews.people import Named
from lms.overviews.rosters import roster_of
from lms.overviews.undone import undone
from lms.usecases import offering as offerings
from lms.web.drawing import straights
from lms.web.fields import plain_signs
from lms.web.lists import asked_place, chosen, csv_answer, pages_around, wants_csv
from lms.web.staff.class_form import ChangeForm, ClassForm, change_form, class_form
from lms.web.staff.views.door import bp
from lms.web.staff.views.queues import TODAY
from lms.web.viewing import signed_in
from lms.web.wording import label, say

LONGEST_REASON = 500
CHANGEABLE = frozenset({OfferingStatus.DRAFT, OfferingStatus.OPEN, OfferingStatus.CLOSED})


class CancellationForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    reason = TextAreaField(
        lazy_gettext("Why it will not take place"),
        [
            DataRequired(lazy_gettext("Say why, so that the people who booked know.")),
            Length(max=LONGEST_REASON),
            plain_signs,
        ],
        description=lazy_gettext("Mailed as it stands to everybody who has a seat."),
    )


@bp.get("/staff/classes")
def list_classes() -> ResponseReturnValue:
    status = chosen("status")
    is_today = chosen("when") == TODAY
    page = overview.class_list(
        signed_in(), status=status, meeting_on=clock.now() if is_today else None, place=asked_place()
    )
    if wants_csv():
        header = [_("Class"), _("Format"), _("State"), _("Begins"), _("Ends"), _("Zone"), _("Places"), _("Taken")]
        return csv_answer("classes", header, (as_cells(row) for row in page.rows))
    return render_template(
        "staff/classes.html",
        page=page,
        status=status,
        states=list(OfferingStatus),
        is_today=is_today,
        bar=straights.bar,
        **pages_around(page),
    )


@bp.get("/staff/attendance")
def list_undone() -> ResponseReturnValue:
    """Attendance that was changed after a certificate."""
    return render_template("staff/undone.html", rows=undone(signed_in()))


@bp.get("/staff/classes/new")
def new_class() -> ResponseReturnValue:
    return new_class_page(fresh_form())


@bp.post("/staff/classes/new")
def create_class() -> ResponseReturnValue:
    form = fresh_form()
    if not form.validate_on_submit():
        return new_class_page(form), 422
    try:
        made = offerings.create(signed_in(), form.described(overview.instructors()), now=clock.now())
    except Invalid as refusal:
        db.session.rollback()
        form.form_errors.append(say(refusal.message))
        return new_class_page(form), 422
    db.session.commit()
    flash(_("The class is drafted. Nobody can book it until you open it."), "ok")
    return redirect(url_for(".show_class", token=made.token), 303)


@bp.get("/staff/classes/<token>")
def show_class(token: str) -> ResponseReturnValue:
    case = case_or_404(token)
    return render_template(
        "staff/class.html",
        case=case,
        roster=roster_of(case.offering, None, clock.now()),
        may_mark=case.offering.status is not OfferingStatus.DRAFT,
        bar=straights.bar,
    )


@bp.post("/staff/classes/<token>/opening")
def create_opening(token: str) -> ResponseReturnValue:
    return done_with(token, offerings.open_booking, _("The class is open: it stands in the list, and people can book."))


@bp.post("/staff/classes/<token>/closing")
def create_closing(token: str) -> ResponseReturnValue:
    return done_with(token, offerings.close_booking, _("Booking is closed. Who has a seat keeps it."))


def done_with(token: str, act: Callable[..., None], said: str) -> ResponseReturnValue:
    """One step of a class, and back to its page, with what came of it."""
    offering = overview.class_within(signed_in(), token) or abort(404)
    try:
        act(signed_in(), offering, now=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        flash(" ".join(words for words in (say(refusal.message), say(refusal.remedy)) if words), "bad")
    else:
        db.session.commit()
        flash(said, "ok")
    return redirect(url_for(".show_class", token=token), 303)


@bp.get("/staff/classes/<token>/change")
def show_change(token: str) -> ResponseReturnValue:
    case = changeable_or_404(token)
    return change_page(case, form_of(case))


@bp.post("/staff/classes/<token>/change")
def create_change(token: str) -> ResponseReturnValue:
    case = changeable_or_404(token)
    form = form_of(case)
    if not form.validate_on_submit():
        return change_page(case, form), 422
    try:
        told = offerings.change(signed_in(), case.offering, form.changes(teachers_for(case)), now=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        form.form_errors.append(" ".join(words for words in (say(refusal.message), say(refusal.remedy)) if words))
        return change_page(changeable_or_404(token), form), 422
    db.session.commit()
    flash(told_of_changing(told), "ok")
    return redirect(url_for(".show_class", token=token), 303)


@bp.get("/staff/classes/<token>/cancellation")
def show_cancellation(token: str) -> ResponseReturnValue:
    """The question before a class is called off: how many people it concerns."""
    return cancellation_page(case_or_404(token), CancellationForm())


@bp.post("/staff/classes/<token>/cancellation")
def create_cancellation(token: str) -> ResponseReturnValue:
    case, form = case_or_404(token), CancellationForm()
    if not form.validate_on_submit():
        return cancellation_page(case, form), 422
    try:
        told = offerings.cancel(signed_in(), case.offering, form.reason.data or "", now=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        form.form_errors.append(" ".join(said for said in (say(refusal.message), say(refusal.remedy)) if said))
        return cancellation_page(case_or_404(token), form), refusal.status
    db.session.commit()
    flash(told_of_cancelling(told), "ok")
    return redirect(url_for(".show_class", token=token), 303)


def case_or_404(token: str) -> ClassCase:
    return overview.class_case(signed_in(), token) or abort(404)


def fresh_form() -> ClassForm:
    return class_form(overview.class_stages(signed_in()), overview.instructors(), zone=content.issuer_zone().key)


def changeable_or_404(token: str) -> ClassCase:
    """A class that can still be changed."""
    case = case_or_404(token)
    return case if case.offering.status in CHANGEABLE else abort(404)


def form_of(case: ClassCase) -> ChangeForm:
    return change_form(case, overview.class_stages(signed_in()), teachers_for(case))


def teachers_for(case: ClassCase) -> list[Named]:
    """Who may teach, and who was named here while they might."""
    named = {one.token: one for one in (*overview.instructors(), *case.instructors)}
    return sorted(named.values(), key=lambda one: (one.name, one.person_id))


def new_class_page(form: ClassForm) -> str:
    return render_template(
        "staff/new_class.html", form=form, case=None, shown=sessions_shown(form), has_stages=bool(form.stage.choices)
    )


def change_page(case: ClassCase, form: ChangeForm) -> str:
    shown = sessions_shown(form) if isinstance(form, ClassForm) else 0
    return render_template("staff/new_class.html", form=form, case=case, shown=shown, has_stages=True)


def sessions_shown(form: ClassForm) -> int:
    filled = [number for number, entry in enumerate(form.sessions, 1) if not entry.form.is_empty]
    return max([2, *filled])


def cancellation_page(case: ClassCase, form: CancellationForm) -> str:
    return render_template("staff/class_cancellation.html", case=case, form=form)


def told_of_changing(told: int) -> str:
    if not told:
        return str(_("The class is changed."))
    return str(
        ngettext(
            "The class is changed, and %(num)s person was told.",
            "The class is changed, and %(num)s people were told.",
            told,
        )
    )


def told_of_cancelling(told: int) -> str:
    if not told:
        return str(_("The class is cancelled. Nobody had a seat in it."))
    return str(
        ngettext(
            "The class is cancelled, and %(num)s person was told.",
            "The class is cancelled, and %(num)s people were told.",
            told,
        )
    )


def as_cells(row: ClassRow) -> list[Cell]:
    return [
        row.title,
        label(row.format),
        label(row.status),
        row.starts_at,
        row.ends_at,
        row.zone,
        row.capacity,
        row.taken,
    ]
