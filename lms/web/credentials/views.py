"""My certificates; and the public page of each, which is its verification page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.accounts.queries import ids_of
from lms.accounts.rules import Capability
from lms.content import queries as content
from lms.credentials import queries
from lms.credentials.queries import Entry, Found
from lms.credentials.rendering import TEMPLATE
from lms.credentials.rules import read_code
from lms.foundation import clock
from lms.foundation.settings import Settings
from lms.interop.words import gettext as _
from lms.usecases import rendering
from lms.web.credentials.forms import CodeForm
from lms.web.credentials.showing import show_page
from lms.web.limits import CODES, limiter
from lms.web.viewing import require_sign_in, signed_in, viewer

bp = Blueprint("credentials", __name__)


@bp.get("/certificates")
def list_certificates() -> ResponseReturnValue:
    if (answer := require_sign_in()) is not None:
        return answer
    today = content.today(clock.now())
    found = queries.own_certificates(ids_of(signed_in().person_id))
    rows = [(one, one.status_on(today)) for one in found]
    return render_template("credentials/list_certificates.html", rows=rows)


@bp.get("/certificates/<code>")
@limiter.limit(CODES)
def show_certificate(code: str) -> ResponseReturnValue:
    """What a certificate is worth today. An unknown code answers 404, and says how to mend a typing error."""
    entry = entry_open_to_reader(code)
    if entry is None:
        return not_known(code)
    if code != entry.code:
        return redirect(url_for(".show_certificate", code=entry.code))
    return unlisted(Response(show_page(entry, clock.now(), is_mine=is_mine(entry.person_id))))


@bp.get("/certificates/<code>.pdf")
@limiter.limit(CODES)
def show_document(code: str) -> ResponseReturnValue:
    found = open_to_reader(code)
    if found is None:
        return not_known(code)
    settings: Settings = current_app.extensions["lms_settings"]
    response = Response(rendering.document_of(found.certificate, settings), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="certificate-{found.certificate.code}.pdf"'
    return unlisted(response)


@bp.get("/certificates/<code>.png")
@limiter.limit(CODES)
def show_picture(code: str) -> ResponseReturnValue:
    found = open_to_reader(code)
    if found is None:
        abort(404)
    settings: Settings = current_app.extensions["lms_settings"]
    response = Response(rendering.picture_of(found.certificate, settings), mimetype="image/png")
    response.headers["Cache-Control"] = "private, max-age=86400"
    return unlisted(response)


@bp.get("/certificates/<code>.json")
@limiter.limit(CODES)
def show_data(code: str) -> ResponseReturnValue:
    """The same answer for programs: what was certified, and what it is worth today."""
    entry, now = entry_open_to_reader(code), clock.now()
    if entry is None:
        abort(404)
    answer = {
        "code": entry.code,
        "status": entry.status_on(content.today(now)).value,
        "checked_at": now.isoformat(timespec="seconds"),
        "holder": entry.holder_name,
        "credential": entry.snapshot["credential"],
        "track": entry.snapshot["track"] or None,
        "program": entry.snapshot["program"]["title"],
        "issuer": entry.snapshot["issuer"]["name"],
        "issued_on": entry.issued_on.isoformat(),
        "expires_on": entry.expires_on.isoformat() if entry.expires_on else None,
        "superseded_by": entry.successor_code,
        "revoked_because": entry.reason,
    }
    return unlisted(Response(json.dumps(answer, ensure_ascii=False), mimetype="application/json"))


@bp.get("/verify")
@limiter.limit(CODES)
def verify() -> ResponseReturnValue:
    """Enter a code. A code that can't be one is refused with what a code looks like."""
    if "code" not in request.args:
        return render_template("credentials/verify.html", form=CodeForm(formdata=None))
    form = CodeForm(request.args)
    if not form.validate():
        return render_template("credentials/verify.html", form=form), 422
    code = read_code(form.code.data or "")
    if code is None:
        form.code.errors = [
            _(
                "A code has 26 letters and digits, such as 7KX2M-4P9QT-D0A1B-C2DEF-3GH4JK. Spaces and dashes don't matter."
            )
        ]
        return render_template("credentials/verify.html", form=form), 422
    return redirect(url_for(".show_certificate", code=code))


def not_known(typed: str) -> ResponseReturnValue:
    form = CodeForm(formdata=None, data={"code": typed[:100]})
    return unlisted(Response(render_template("credentials/not_known.html", form=form), status=404))


def open_to_reader(code: str) -> Found | None:
    """The certificate with this code, on whatever channel, if it may be seen."""
    found = queries.by_code(code)
    return found if found and may_see(found.certificate.person_id, found.certificate.snapshot) else None


def entry_open_to_reader(code: str) -> Entry | None:
    """The same as the register has it, for who needs no more than what it says."""
    entry = queries.entry(code, TEMPLATE)
    return entry if entry and may_see(entry.person_id, entry.snapshot) else None


def may_see(person_id: int, snapshot: Mapping[str, Any]) -> bool:
    """A public one is for everybody, a private one only for its holder and who sees people."""
    if snapshot.get("public", True) or is_mine(person_id):
        return True
    reader = viewer()
    return reader is not None and reader.can(Capability.SEE_PEOPLE)


def is_mine(person_id: int) -> bool:
    reader = viewer()
    return reader is not None and reader.person_id == person_id


def unlisted(response: Response) -> Response:
    """A certificate is for who has its code: search engines stay away."""
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response
