"""My certificates; and the public page of each, which is its verification page."""

from __future__ import annotations

import json

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from lms.accounts.queries import ids_of
from lms.accounts.rules import Capability
from lms.content import queries as content
from lms.credentials import queries
from lms.credentials.queries import Found
from lms.credentials.rendering import TEMPLATE
from lms.credentials.rules import CertificateStatus, read_code, written_code
from lms.foundation import clock
from lms.foundation.settings import Settings
from lms.interop.words import gettext as _
from lms.usecases import rendering
from lms.web.credentials.forms import CodeForm
from lms.web.limits import CODES, limiter
from lms.web.viewing import require_sign_in, signed_in, viewer

bp = Blueprint("credentials", __name__)

HEADLINES = {
    CertificateStatus.VALID: lazy_gettext("Valid today"),
    CertificateStatus.EXPIRED: lazy_gettext("Expired"),
    CertificateStatus.SUPERSEDED: lazy_gettext("Replaced by a newer one"),
    CertificateStatus.SUSPENDED: lazy_gettext("Suspended"),
    CertificateStatus.REVOKED: lazy_gettext("Revoked"),
}


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
    found = open_to_reader(code)
    if found is None:
        return not_known(code)
    if code != found.certificate.code:
        return redirect(url_for(".show_certificate", code=found.certificate.code))
    now = clock.now()
    page = render_template(
        "credentials/show_certificate.html",
        found=found,
        certificate=found.certificate,
        written=written_code(found.certificate.code),
        status=found.status_on(content.today(now)),
        headline=HEADLINES[found.status_on(content.today(now))],
        checked_at=now,
        fingerprint=queries.fingerprint(found.certificate.id, TEMPLATE),
        is_mine=is_mine(found),
    )
    return unlisted(Response(page))


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
    found = open_to_reader(code)
    if found is None:
        abort(404)
    certificate, now = found.certificate, clock.now()
    answer = {
        "code": certificate.code,
        "status": found.status_on(content.today(now)).value,
        "checked_at": now.isoformat(timespec="seconds"),
        "holder": certificate.holder_name,
        "credential": certificate.snapshot["credential"],
        "track": certificate.snapshot["track"] or None,
        "program": certificate.snapshot["program"]["title"],
        "issuer": certificate.snapshot["issuer"]["name"],
        "issued_on": certificate.issued_on.isoformat(),
        "expires_on": certificate.expires_on.isoformat() if certificate.expires_on else None,
        "superseded_by": found.successor_code,
        "revoked_because": found.revocation.reason if found.revocation else None,
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
    """The certificate with this code, on whatever channel; a private one only for its holder and who sees people."""
    found = queries.by_code(code)
    if found is None or found.certificate.snapshot.get("public", True) or is_mine(found):
        return found
    reader = viewer()
    return found if reader is not None and reader.can(Capability.SEE_PEOPLE) else None


def is_mine(found: Found) -> bool:
    reader = viewer()
    return reader is not None and reader.person_id == found.certificate.person_id


def unlisted(response: Response) -> Response:
    """A certificate is for who has its code: search engines stay away."""
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    return response
