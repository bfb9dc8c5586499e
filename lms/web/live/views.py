"""Classes: the list, one class, my seat in it, giving it back, and its calendar."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import DomainError
from lms.interop.words import gettext as _
from lms.live import queries
from lms.live.models import Offering
from lms.usecases import booking
from lms.web import timetable
from lms.web.addresses import absolute
from lms.web.drawing import straights
from lms.web.live.listing import Filter, listing
from lms.web.live.showing import class_page
from lms.web.viewing import require_sign_in, signed_in, viewer, wants_json

bp = Blueprint("live", __name__)

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@bp.url_value_preprocessor
def refuse_odd_tokens(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What can't be a token is never asked of the database, which may stumble over it."""
    if values and not TOKEN.fullmatch(values.get("token", "none")):
        abort(404)


@bp.context_processor
def words_of_classes() -> dict[str, Any]:
    return {"timetable": timetable, "bar": straights.bar, "now": clock.now()}


@bp.get("/classes")
def list_classes() -> ResponseReturnValue:
    asked = Filter.read(request.args)
    found = listing(asked, viewer(), clock.now()) if asked else None
    if asked is None or found is None:
        abort(404)
    return render_template("live/list_classes.html", asked=asked, listing=found)


@bp.get("/classes/<token>")
def show_class(token: str) -> ResponseReturnValue:
    return class_answer(announced_or_404(token))


@bp.post("/classes/<token>/seat")
def create_seat(token: str) -> ResponseReturnValue:
    if (answer := require_sign_in()) is not None:
        return answer
    try:
        booking.book(signed_in().person_id, token, now=clock.now(), may_be_second="beside" in request.form)
        db.session.commit()
    except DomainError as refusal:
        return refused(token, refusal)
    flash(_("You have a seat. We have sent you a mail about it."), "ok")
    return redirect(url_for(".show_class", token=token), 303)


@bp.get("/classes/<token>/cancellation")
def new_cancellation(token: str) -> ResponseReturnValue:
    if (answer := require_sign_in()) is not None:
        return answer
    page = class_page(announced_or_404(token), signed_in(), clock.now())
    if page.seat is None:
        abort(404)
    return render_template("live/cancellation.html", page=page)


@bp.post("/classes/<token>/cancellation")
def create_cancellation(token: str) -> ResponseReturnValue:
    if (answer := require_sign_in()) is not None:
        return answer
    try:
        booking.cancel(signed_in().person_id, token, now=clock.now())
        db.session.commit()
    except DomainError as refusal:
        return refused(token, refusal)
    flash(_("You gave your seat back. While places are left, you can book it again."), "ok")
    return redirect(url_for(".show_class", token=token), 303)


@bp.get("/calendar/<token>.ics")
def show_calendar(token: str) -> ResponseReturnValue:
    """The calendar of one seat. Calendar programs don't sign in: whoever has the seat's token may read it."""
    booked = queries.booked_by_token(token)
    if booked is None:
        abort(404)
    seat, offering = booked.seat, booked.offering
    page = absolute(url_for(".show_class", token=offering.token))
    sessions = queries.sessions_of([offering.id])[offering.id]
    from lms.web.live.calendar import calendar_of  # noqa: PLC0415  # iCalendar is large, and calendars ask seldom

    response = Response(calendar_of(seat, offering, sessions, page), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="class.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def refused(token: str, refusal: DomainError) -> ResponseReturnValue:
    """The class's page with what was refused and everything that is missing; programs get the error itself."""
    if refusal.status != 409 or wants_json():
        raise refusal
    with unit_of_work.reading(db.session):
        return class_answer(announced_or_404(token), refusal)


def class_answer(offering: Offering, refusal: DomainError | None = None) -> ResponseReturnValue:
    page = class_page(offering, viewer(), clock.now())
    html = render_template("live/show_class.html", page=page, offering=offering, refusal=refusal)
    return html, refusal.status if refusal else 200


def announced_or_404(token: str) -> Offering:
    return queries.announced(token) or abort(404)
