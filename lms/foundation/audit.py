"""The audit trail: who did what to what, and when. Ids only, never answers or personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
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


def record(
    action: str, object_kind: str, object_id: object, *, actor_id: int | None, at: datetime, **details: str | int | None
) -> None:
    """Write one line; `actor_id` is a person's id, None for the system itself."""
    entry = AuditEntry(
        at=at, actor_id=actor_id, action=action, object_kind=object_kind, object_id=str(object_id), details=details
    )
    db.session.add(entry)
