"""Finding a person, and their dossier."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from lms.accounts.rules import Capability
from lms.foundation import clock
from lms.interop.words import gettext as _
from lms.overviews import people as overview
from lms.overviews.dossier import dossier
from lms.overviews.paging import Place
from lms.web.lists import asked_place, chosen, csv_answer, pages_around, wants_csv
from lms.web.staff.views.claims import said_in_words
from lms.web.staff.views.door import bp
from lms.web.viewing import signed_in


@bp.get("/staff/people")
def list_people() -> ResponseReturnValue:
    search = chosen("q")
    page = overview.people_list(signed_in(), search=search, place=asked_place())
    if wants_csv():
        header = [_("Name"), _("E-mail address"), _("Active programs"), _("Since")]
        return csv_answer("people", header, ([row.name, row.email, row.active, row.since] for row in page.rows))
    return render_template("staff/people.html", page=page, search=search, **pages_around(page))


@bp.get("/staff/people/<token>")
def show_person(token: str) -> ResponseReturnValue:
    """One's own dossier does not exist here: one's own pages show it."""
    reader, place = signed_in(), Place(chosen("after"), chosen("before"))
    found = dossier(reader, token, enrollment=chosen("enrollment"), claims_at=place, now=clock.now()) or abort(404)
    return render_template(
        "staff/person.html",
        dossier=found,
        said=said_in_words,
        cited_kind=cited_kind,
        may_see_results=signed_in().can(Capability.SEE_RESULTS),
        may_decide=signed_in().can(Capability.DECIDE_CLAIMS),
        may_run_classes=signed_in().can(Capability.RUN_CLASSES),
        **pages_around(found.claims),
    )


def cited_kind(what: str) -> str:
    """What sort of fact a decision rests on."""
    said = {
        "claim": _("Claim"),
        "certificate": _("Certificate"),
        "enrollment": _("Program completed"),
        "lesson": _("Lesson done"),
        "attempt": _("Passed"),
        "seat": _("Attended"),
        "credit": _("Credited"),
        "waiver": _("Waived"),
        "module": _("Module passed"),
    }
    return str(said.get(what, what))
