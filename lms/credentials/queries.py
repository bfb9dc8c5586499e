"""Questions about certificates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select

from lms.credentials.models import Certificate, Rendering, Revocation
from lms.credentials.rules import AwardKey, CertificateStatus, read_code, status_on
from lms.foundation.database import db
from lms.foundation.prepared import PreparedForMany, prepared


@dataclass(frozen=True)
class HeldFact:
    """A certificate that was not ended, whether or not its date has passed."""

    id: int
    person_id: int
    credential_id: str
    subject: str
    issued_on: date
    expires_on: date | None


@dataclass(frozen=True)
class Found:
    """A certificate with what ended it."""

    certificate: Certificate
    revocation: Revocation | None
    successor_code: str | None

    def status_on(self, day: date) -> CertificateStatus:
        return status_on(
            day,
            expires_on=self.certificate.expires_on,
            revoked=self.revocation is not None,
            superseded=self.certificate.superseded_by is not None,
        )


@dataclass(frozen=True)
class Entry:
    """What the register says of one certificate, in the words of the day of issue; `fingerprint` is that of its file."""

    code: str
    person_id: int
    holder_name: str
    snapshot: dict[str, Any]
    issued_on: date
    expires_on: date | None
    superseded_by: int | None
    successor_code: str | None
    revoked_at: datetime | None
    reason: str | None
    fingerprint: str | None = None

    def status_on(self, day: date) -> CertificateStatus:
        return status_on(
            day,
            expires_on=self.expires_on,
            revoked=self.revoked_at is not None,
            superseded=self.superseded_by is not None,
        )


HELD = PreparedForMany(
    lambda person_ids: (
        select(
            Certificate.id,
            Certificate.person_id,
            Certificate.credential_id,
            Certificate.subject,
            Certificate.issued_on,
            Certificate.expires_on,
        )
        .where(Certificate.person_id.in_(person_ids), Certificate.ended_at.is_(None))
        .order_by(Certificate.id)
    )
)


def held(person_ids: Sequence[int]) -> list[HeldFact]:
    return [HeldFact(*row) for row in HELD.rows(person_ids)]


def certified(enrollment_ids: Collection[int]) -> frozenset[int]:
    """Which of these enrollments have a certificate that was not ended."""
    return frozenset(
        db.session.scalars(
            select(Certificate.enrollment_id).where(
                Certificate.enrollment_id.in_(enrollment_ids), Certificate.ended_at.is_(None)
            )
        )
    )


def standing_certificate_for(award: AwardKey) -> Certificate | None:
    """The certificate of this award that was not ended."""
    return db.session.scalar(
        select(Certificate).where(
            Certificate.person_id == award.person_id,
            Certificate.credential_id == award.credential_id,
            Certificate.subject == award.subject,
            Certificate.period == award.period,
            Certificate.ended_at.is_(None),
        )
    )


SUCCESSOR = Certificate.__table__.alias("successor")
FOUND = (
    select(Certificate, Revocation, SUCCESSOR.c.code)
    .outerjoin(Revocation, Revocation.certificate_id == Certificate.id)
    .outerjoin(SUCCESSOR, SUCCESSOR.c.id == Certificate.superseded_by)
    .order_by(Certificate.id.desc())
)
OF_PEOPLE = FOUND.where(Certificate.person_id.in_(bindparam("person_ids", expanding=True)))
BY_CODE = FOUND.where(Certificate.code == bindparam("code"))
ENTRIES = (
    select(
        Certificate.code,
        Certificate.person_id,
        Certificate.holder_name,
        Certificate.snapshot,
        Certificate.issued_on,
        Certificate.expires_on,
        Certificate.superseded_by,
        SUCCESSOR.c.code,
        Revocation.revoked_at,
        Revocation.reason,
    )
    .outerjoin(Revocation, Revocation.certificate_id == Certificate.id)
    .outerjoin(SUCCESSOR, SUCCESSOR.c.id == Certificate.superseded_by)
)
OWN_ENTRIES = PreparedForMany(
    lambda person_ids: ENTRIES.where(Certificate.person_id.in_(person_ids)).order_by(Certificate.id.desc())
)
ENTRY = prepared(
    ENTRIES.add_columns(Rendering.sha256)
    .outerjoin(Rendering, (Rendering.certificate_id == Certificate.id) & (Rendering.template == bindparam("template")))
    .where(Certificate.code == bindparam("code"))
)


def own_certificates(person_ids: Sequence[int]) -> list[Found]:
    """A person's certificates, newest first."""
    return [Found(*row) for row in db.session.execute(OF_PEOPLE, {"person_ids": list(person_ids)})]


def own_entries(person_ids: Sequence[int]) -> list[Entry]:
    """What the register says of a person's certificates, newest first; their files are not asked for."""
    return [Entry(*row) for row in OWN_ENTRIES.rows(person_ids)]


def by_code(typed: str) -> Found | None:
    """The certificate with this code, however it was typed. Anyone with the code may ask."""
    code = read_code(typed)
    if code is None:
        return None
    found = db.session.execute(BY_CODE, {"code": code}).first()
    return None if found is None else Found(*found)


def entry(typed: str, template: str) -> Entry | None:
    """What the register says of the certificate with this code, however it was typed."""
    code = read_code(typed)
    row = None if code is None else ENTRY.row(code=code, template=template)
    return None if row is None else Entry(*row)


def issued_in(enrollment_id: int) -> Certificate | None:
    return db.session.scalar(
        select(Certificate).where(Certificate.enrollment_id == enrollment_id).order_by(Certificate.id.desc()).limit(1)
    )


def document(certificate_id: int, template: str) -> bytes | None:
    """The file that was stored of a certificate, or None."""
    return db.session.scalar(select(Rendering.document).where(*_stored(certificate_id, template)))


def fingerprint(certificate_id: int, template: str) -> str | None:
    """The SHA-256 of that file in hexadecimal, or None; the file itself stays where it is."""
    return db.session.scalar(select(Rendering.sha256).where(*_stored(certificate_id, template)))


def _stored(certificate_id: int, template: str) -> tuple[ColumnElement[bool], ...]:
    return Rendering.certificate_id == certificate_id, Rendering.template == template
