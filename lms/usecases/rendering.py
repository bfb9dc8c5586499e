"""Certificates as files: made from the snapshot, the same bytes each time, stored once."""

from __future__ import annotations

from datetime import datetime

from lms.credentials import queries, services
from lms.credentials.models import Certificate
from lms.credentials.rendering import RENDERER, TEMPLATE, page_of
from lms.foundation.database import db
from lms.foundation.settings import Settings
from lms.interop.certificate_pdf import draw_certificate, render_certificate


def document_of(certificate: Certificate, settings: Settings) -> bytes:
    """A certificate's PDF: the stored one, or the same bytes made now."""
    return queries.document(certificate.id, TEMPLATE) or render(certificate, settings)


def render(certificate: Certificate, settings: Settings) -> bytes:
    return render_certificate(page_of(certificate, settings.base_url), created_at=certificate.issued_at)


def picture_of(certificate: Certificate, settings: Settings) -> bytes:
    """A certificate's page as a PNG, for the page that verifies it."""
    return draw_certificate(page_of(certificate, settings.base_url))


def store(certificate_id: int, settings: Settings, *, now: datetime) -> None:
    """Keep the PDF of a certificate, if it is not kept yet."""
    certificate = db.session.get_one(Certificate, certificate_id)
    if queries.fingerprint(certificate_id, TEMPLATE) is None:
        document = render(certificate, settings)
        services.store_rendering(certificate_id, document, template=TEMPLATE, renderer=RENDERER, now=now)
