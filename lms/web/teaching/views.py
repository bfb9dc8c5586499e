"""Classes as their instructors see them: mine, one with its roster, attendance, and the roster as a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from lms.accounts.rules import Capability
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Busy
from lms.foundation.messages import Message
from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.live import queries
from lms.live.models import Offering
from lms.live.rules import LINK_SCHEMES
from lms.overviews.rosters import Roster, roster_of
from lms.pathway.deciding import NotReady
from lms.usecases import attending
from lms.usecases.attending import Refused, Seen, SessionMarked
from lms.web import timetable
from lms.web.teaching.forms import attendance_form, seen_in
from lms.web.teaching.roster_file import roster_csv
from lms.web.viewing import reads_first, require, signed_in
from lms.web.wording import label, reader_zone, say

bp = Blueprint("teaching", __name__)
# Who runs classes may look into one and mark it; a view that is not named here opens for instructors alone.
OF_ONE_CLASS = frozenset({"show_class", "show_roster", "create_attendance"})

PAGE_LENGTH = 20
MARKED_AT_ONCE = 10
NAMED_IN_FULL = 5  # flashes travel in a cookie, which browsers drop beyond 4 KB
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@bp.before_request
def guard() -> ResponseReturnValue | None:
    view = (request.endpoint or "").rpartition(".")[2]
    return require(Capability.TEACH, *([Capability.RUN_CLASSES] if view in OF_ONE_CLASS else []))()


@bp.url_value_preprocessor
def refuse_odd_tokens(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What can't be a token is never asked of the database, which may stumble over it."""
    if values and not TOKEN.fullmatch(values.get("token", "none")):
        abort(404)


@bp.context_processor
def words_of_classes() -> dict[str, Any]:
    return {"timetable": timetable}


@bp.get("/teach")
def list_classes() -> ResponseReturnValue:
    """Today's classes, those to come, and those that are over, newest first and paged."""
    now, me = clock.now(), signed_in().person_id
    before = request.args.get("before")
    current = list(queries.taught_by(me, ended_since=now))[::-1] if before is None else []
    past = queries.taught_by(me, ended_before=now, before=place_or_404(me, before), limit=PAGE_LENGTH + 1)
    shown = [*current, *past[:PAGE_LENGTH]]
    return render_template(
        "teaching/list_classes.html",
        today=[one for one in current if is_today(one, now)],
        coming=[one for one in current if not is_today(one, now)],
        past=past[:PAGE_LENGTH],
        next_before=past[PAGE_LENGTH - 1].token if len(past) > PAGE_LENGTH else None,
        taken=queries.seats_taken([one.id for one in shown]),
        is_first_page=before is None,
    )


@bp.get("/teach/classes/<token>")
def show_class(token: str) -> ResponseReturnValue:
    number = request.args.get("session", type=int)
    roster = roster_of(marked_or_404(token), number, clock.now())
    return roster_page(roster, attendance_form(roster.lines, roster.session_marks))


@bp.get("/teach/classes/<token>/roster.csv")
def show_roster(token: str) -> ResponseReturnValue:
    number = request.args.get("session", type=int)
    roster = roster_of(marked_or_404(token), number, clock.now())
    response = Response(roster_csv(roster), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="roster-{roster.offering.starts_at:%Y-%m-%d}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/teach/classes/<token>/sessions/<int:number>/attendance")
@reads_first
def create_attendance(token: str, number: int) -> ResponseReturnValue:
    """Save the marks of one session at once. Who can't be checked in is named; everybody else's mark is kept."""
    now = clock.now()
    with unit_of_work.reading(db.session):
        roster = roster_of(marked_or_404(token), number, now)
        form = attendance_form(roster.lines, roster.session_marks)
        if not form.validate_on_submit():
            return roster_page(roster, form), 422
        seen = seen_in(form, roster.session_marks, request.form.get("rest"))
        names = {line.seat.token: line.name for line in roster.lines}
    tell(mark_in_turns(token, number, seen, now), names)
    return redirect(url_for(".show_class", token=token, session=number), 303)


def mark_in_turns(token: str, number: int, seen: Mapping[str, Seen], now: datetime) -> SessionMarked:
    """Some marks at a time: each moves somebody's programs on, and answers saved in a sitting meanwhile want their turn.

    Where it fails in between, what was kept stands, and sending the same page again marks the rest.
    """
    done, left = SessionMarked(), list(seen.items())
    while left:
        some, left = dict(left[:MARKED_AT_ONCE]), left[MARKED_AT_ONCE:]
        try:
            with unit_of_work.writing(db.session):
                marked = attending.mark_session(signed_in(), token, number, some, now=now)
                db.session.commit()
        except Busy as busy:
            if done.marked:
                busy.kept = Message(
                    "{n} marks were saved before. The others are still on this page.", {"n": len(done.marked)}
                )
            raise
        done = done.plus(marked)
        if left:
            unit_of_work.let_others_write()
    return done


def tell(done: SessionMarked, names: dict[str, str]) -> None:
    """Say how many marks were kept, who is settled, and who was refused and why."""
    if not done.marked and not done.refused:
        flash(_("Nothing was changed: no new mark was chosen."), "info")
    if done.marked:
        count = len(done.marked)
        flash(ngettext("%(num)s mark is saved.", "%(num)s marks are saved.", count), "ok")
    for status in dict.fromkeys(one.since for one in done.marked if one.settled):
        people = [names[one.seat_token] for one in done.marked if one.settled and one.since is status]
        flash(_("%(status)s: %(names)s.", status=label(status), names=some_of(people)), "ok")
    for refused in done.refused[:NAMED_IN_FULL]:
        flash(_("%(name)s was not marked. %(why)s", name=names[refused.seat_token], why=why(refused)), "warn")
    if len(done.refused) > NAMED_IN_FULL:
        rest = [names[refused.seat_token] for refused in done.refused[NAMED_IN_FULL:]]
        flash(_("Not marked either, see below why: %(names)s.", names=some_of(rest)), "warn")


def why(refused: Refused) -> str:
    if not isinstance(refused.why, NotReady):
        return f"{say(refused.why.message)} {say(refused.why.remedy)}".strip()
    missing = [say(leaf.asked) for leaf in refused.why.decision.missing()]
    return str(_("Missing: %(list)s.", list="; ".join(missing)))


def some_of(names: Sequence[str]) -> str:
    named = ", ".join(name[:60] for name in names[:NAMED_IN_FULL])
    left = len(names) - NAMED_IN_FULL
    return named if left <= 0 else str(_("%(names)s and %(count)s more", names=named, count=left))


def roster_page(roster: Roster, form: FlaskForm) -> str:
    link = roster.offering.join_link
    return render_template(
        "teaching/show_class.html",
        roster=roster,
        offering=roster.offering,
        form=form,
        is_mine=queries.taught(signed_in().person_id, roster.offering.token) is not None,
        link=link if link.startswith(LINK_SCHEMES) else None,
    )


def marked_or_404(token: str) -> Offering:
    """A class that somebody else teaches looks the same as one that does not exist."""
    return queries.marked_by(signed_in(), token) or abort(404)


def place_or_404(person_id: int, before: str | None) -> tuple[datetime, str] | None:
    """Where the page before ended: the class it ended with."""
    if before is None:
        return None
    last = queries.taught(person_id, before) if TOKEN.fullmatch(before) else None
    return (last.starts_at, last.token) if last else abort(404)


def is_today(offering: Offering, now: datetime) -> bool:
    zone = reader_zone()
    return offering.starts_at.astimezone(zone).date() <= now.astimezone(zone).date()
