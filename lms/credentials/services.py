"""Writes about certificates."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from lms.credentials import queries
from lms.credentials.models import Certificate, Rendering, Revocation
from lms.credentials.rules import AwardKey
from lms.foundation.database import db
from lms.foundation.errors import DomainError


class CertificateEnded(DomainError):
    """The certificate was revoked or replaced before."""

    code = "certificate-ended"


def issue(
    award: AwardKey,
    *,
    holder_name: str,
    enrollment_id: int | None,
    snapshot: dict[str, Any],
    issued_on: date,
    expires_on: date | None,
    now: datetime,
) -> tuple[Certificate, bool]:
    """Issue the certificate of this award, or return the one that stands; the flag says whether it is new."""
    if standing := queries.standing_certificate_for(award):
        return standing, False
    certificate = Certificate(
        person_id=award.person_id,
        credential_id=award.credential_id,
        subject=award.subject,
        period=award.period,
        enrollment_id=enrollment_id,
        holder_name=holder_name,
        snapshot=snapshot,
        issued_at=now,
        issued_on=issued_on,
        expires_on=expires_on,
    )
    db.session.add(certificate)
    db.session.flush()
    return certificate, True


def revoke(certificate: Certificate, *, reason: str, by: int | None, now: datetime) -> Revocation:
    """End a certificate. Its code still answers, and says why."""
    if certificate.ended_at is not None:
        raise CertificateEnded("This certificate was revoked or replaced before.")
    certificate.ended_at = now
    revocation = Revocation(certificate_id=certificate.id, reason=reason, revoked_at=now, revoked_by=by)
    db.session.add(revocation)
    return revocation


def store_rendering(certificate_id: int, document: bytes, *, template: str, renderer: str, now: datetime) -> None:
    """Keep a certificate's file, once per template."""
    if queries.fingerprint(certificate_id, template) is not None:
        return
    stored = Rendering(
        certificate_id=certificate_id,
        template=template,
        renderer=renderer,
        sha256=hashlib.sha256(document).hexdigest(),
        document=document,
        rendered_at=now,
    )
    db.session.add(stored)
