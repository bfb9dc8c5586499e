"""The audit trail: who did what to what, and when. Ids only, never answers or personal data.

Rows are added and never changed: the database itself refuses it. The worker seals them in
batches, each holding the digest of the one before (`audit_sealing`), so that a change made
behind the product's back is found (`audit_verifying`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base, db


class AuditEntry(Base):
    """One state change that was committed. Rows are added, never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("audit_entry_object", "object_kind", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    details: Mapped[dict[str, Any]]


class AuditSeal(Base):
    """A batch of entries that can't change unnoticed any more: every entry with an id from `first_id` to `last_id`.

    `prints` holds 40 bytes for each entry, in the order of ids: the id in 8 bytes, big end first, and the
    SHA-256 of what the entry says. `digest` is over all of the seal and over `previous`, the digest before it.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (CheckConstraint("number >= 1 AND count >= 1 AND first_id <= last_id", name="holds_something"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_id: Mapped[int] = mapped_column(unique=True)
    last_id: Mapped[int] = mapped_column(unique=True)
    count: Mapped[int]
    previous: Mapped[str] = mapped_column(unique=True)
    prints: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(unique=True)
    sealed_at: Mapped[datetime]


def record(
    action: str, object_kind: str, object_id: object, *, actor_id: int | None, at: datetime, **details: str | int | None
) -> None:
    """Write one line; `actor_id` is a person's id, None for the system itself."""
    entry = AuditEntry(
        at=at, actor_id=actor_id, action=action, object_kind=object_kind, object_id=str(object_id), details=details
    )
    db.session.add(entry)
