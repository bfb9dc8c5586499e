"""The page of a certificate: drawn once for each way it can look, and filled in with what the register says of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from flask import render_template, url_for
from flask_babel import lazy_gettext

from lms.content import queries as content
from lms.credentials.queries import Entry
from lms.credentials.rules import CertificateStatus, written_code
from lms.web import chrome, stencils
from lms.web.chrome import Look
from lms.web.stencils import Stencil, blank
from lms.web.viewing import viewer
from lms.web.wording import day, moment, zone_name

TEMPLATE = "credentials/show_certificate.html"
KEPT_STENCILS = 256
HEADLINES = {
    CertificateStatus.VALID: lazy_gettext("Valid today"),
    CertificateStatus.EXPIRED: lazy_gettext("Expired"),
    CertificateStatus.SUPERSEDED: lazy_gettext("Replaced by a newer one"),
    CertificateStatus.SUSPENDED: lazy_gettext("Suspended"),
    CertificateStatus.REVOKED: lazy_gettext("Revoked"),
}


@dataclass(frozen=True)
class Kind:
    """What the page says of any certificate like this one; `said` names what there is to say of this one besides."""

    status: CertificateStatus
    is_mine: bool
    said: frozenset[str]


def show_page(entry: Entry, now: datetime, *, is_mine: bool) -> str:
    """The page of a certificate, for whoever asks."""
    said = words_of(entry, now)
    kind = Kind(entry.status_on(content.today(now)), is_mine, frozenset(said))
    if not stencils.can_be_filled():
        return render_template(TEMPLATE, **context(kind, said))
    reader = viewer()
    look = chrome.look_for(reader, chrome.campus())
    return stencils.fill_open(stencil(look, reader.locale if reader else None, kind), **said)


@lru_cache(maxsize=KEPT_STENCILS)
def stencil(look: Look, locale: str | None, kind: Kind) -> Stencil:  # noqa: ARG001  # the key of what is kept
    """The page with a blank for each thing that is said of one certificate: nothing of anybody is kept."""
    return stencils.draw_open(TEMPLATE, locale, **context(kind, {name: blank(name) for name in kind.said}))


def context(kind: Kind, said: Mapping[str, str]) -> dict[str, object]:
    return {"kind": kind, "status": kind.status.value, "headline": HEADLINES[kind.status], "said": said}


def words_of(entry: Entry, now: datetime) -> dict[str, str]:
    """What there is to say of this certificate; what does not apply to it is left out."""
    credential, program = entry.snapshot, entry.snapshot["program"]
    words = {
        "written": written_code(entry.code),
        "url": url_for("credentials.show_certificate", code=entry.code),
        "checked": moment(now),
        "zone": zone_name(),
        "holder": entry.holder_name,
        "credential": credential["credential"],
        "track": credential["track"],
        "program": program["title"],
        "hours": str(program["hours"] or ""),
        "issued": day(entry.issued_on),
        "issuer": credential["issuer"]["name"],
        "expires": day(entry.expires_on),
        "fingerprint": entry.fingerprint,
        "revoked": day(entry.revoked_at),
        "reason": entry.reason,
        "successor": entry.successor_code and url_for("credentials.show_certificate", code=entry.successor_code),
    }
    return {name: word for name, word in words.items() if word}
