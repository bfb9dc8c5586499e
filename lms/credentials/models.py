"""Tables of certificates. A certificate is never edited: it is revoked, superseded, or it expires."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base
from lms.foundation.tokens import new_code

UNENDED = text("ended_at IS NULL")


class Certificate(Base):
    """An award made from a recorded decision.

    The award key is (person, credential, subject, period): subject = track or course,
    period = the expiry date, "" where none. `snapshot` keeps what stood at issue: names,
    program, release, hours, and the decision with the ids of its evidence.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        Index(
            "one_unended_certificate", "person_id", "credential_id", "subject", "period",
            unique=True, sqlite_where=UNENDED, postgresql_where=UNENDED,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True, default=new_code)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    credential_id: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    period: Mapped[str]
    enrollment_id: Mapped[int | None] = mapped_column(ForeignKey("enrollment.id"), index=True)
    holder_name: Mapped[str]
    snapshot: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))


class Revocation(Base):
    """Why a certificate does not count any more."""

    __tablename__ = "revocation"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    reason: Mapped[str]
    revoked_at: Mapped[datetime]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Rendering(Base):
    """A certificate as a file, stored once per template."""

    __tablename__ = "rendering"
    __table_args__ = (UniqueConstraint("certificate_id", "template"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    template: Mapped[str]
    renderer: Mapped[str]
    sha256: Mapped[str]
    document: Mapped[bytes] = mapped_column(LargeBinary)
    rendered_at: Mapped[datetime]
