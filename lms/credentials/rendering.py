"""A certificate as the page that is printed: everything from its snapshot, nothing from today."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext as _

from lms.credentials.models import Certificate
from lms.credentials.rules import written_code
from lms.interop.certificate_pdf import CertificatePage
from lms.interop.wording import day, listed, reading_as, word

TEMPLATE = "stadium-1"
RENDERER = "typst-0.15"
LANGUAGE = "en"


def page_of(certificate: Certificate, base_url: str) -> CertificatePage:
    """The words of a certificate. The same row gives the same page for ever."""
    with reading_as(LANGUAGE, "UTC"):
        return _written(certificate, base_url)


def _written(certificate: Certificate, base_url: str) -> CertificatePage:
    snapshot = certificate.snapshot
    title = snapshot["credential"]
    if snapshot["track"]:
        title = f"{title}, {snapshot['track']}"
    return CertificatePage(
        holder=certificate.holder_name,
        title=title,
        intro=_("%(issuer)s certifies that", issuer=snapshot["issuer"]["name"]),
        statement=snapshot["statement"],
        hours_line=_hours_line(certificate),
        issued_label=_("Issued"),
        issued=day(certificate.issued_on),
        expires_label=_("Valid until"),
        expires=day(certificate.expires_on) if certificate.expires_on else None,
        code_label=_("Certificate"),
        code=written_code(certificate.code),
        signatory=snapshot["issuer"]["signatory"],
        signatory_title=snapshot["issuer"]["name"],
        verify_label=_("Verify at"),
        verify_at=base_url.split("://", 1)[-1] + "/verify",
        scan_line=_("or scan the code"),
        verify_url=f"{base_url}/certificates/{certificate.code}",
        qr_alt=_("QR code that opens the verification page of this certificate"),
        incomplete_note=_("Some letters could not be printed; the verification page shows the full text."),
        language=LANGUAGE,
    )


def _hours_line(certificate: Certificate) -> str:
    program = certificate.snapshot["program"]
    stages = listed([stage.lower() for stage in certificate.snapshot["stages"]])
    if not program["hours"]:
        return str(program["title"])
    return str(
        _(
            "%(program)s, %(hours)s hours: %(stages)s",
            program=program["title"],
            hours=word(Decimal(program["hours"])),
            stages=stages,
        )
    )
