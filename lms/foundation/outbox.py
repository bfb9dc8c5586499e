"""The one durable queue: rows written in the same transaction as what they announce.

`lms worker` delivers each at least once under its unique key; a handler is
therefore idempotent. What has been delivered keeps its key and loses its payload,
which may hold a mailed secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Index, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base, db, insert_once

FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=6)
LONGEST_ERROR = 500


class OutboxRow(Base):
    """One thing to do outside the database, once."""

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_due", "delivered_at", "available_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    def deliver(self, *, at: datetime) -> None:
        self.delivered_at = at
        self.payload = {}

    def retry_later(self, error: str, *, at: datetime) -> None:
        """Wait twice as long as before, at most six hours."""
        self.attempts += 1
        self.last_error = error[:LONGEST_ERROR]
        self.available_at = at + min(FIRST_RETRY * 2 ** min(self.attempts - 1, 20), LONGEST_RETRY)

    def give_up(self, error: str, *, at: datetime) -> None:
        """No later try can help: the row stays for staff to see, and is not tried again."""
        self.attempts += 1
        self.last_error = error[:LONGEST_ERROR]
        self.gave_up_at = at
        self.payload = {}


def put(topic: str, key: str, payload: dict[str, Any], *, now: datetime, not_before: datetime | None = None) -> bool:
    """Queue one thing, unless its key was queued before. Returns whether it is new."""
    row = insert_once(OutboxRow).values(
        topic=topic, key=key, payload=payload, created_at=now, available_at=not_before or now
    )
    return db.session.scalar(row.returning(OutboxRow.id)) is not None


def was_put(key: str) -> bool:
    """Whether something was queued under this key, delivered or not."""
    return db.session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None


def put_all(topic: str, payloads: Mapping[str, dict[str, Any]], *, now: datetime) -> None:
    """Queue many things under new keys at once."""
    rows = [
        {"topic": topic, "key": key, "payload": payload, "created_at": now, "available_at": now, "attempts": 0}
        for key, payload in payloads.items()
    ]
    if rows:
        db.session.execute(insert(OutboxRow), rows)


def any_due(now: datetime) -> bool:
    """Whether there is anything to deliver: asked every second, and takes no lock."""
    return db.session.scalar(select(OutboxRow.id).where(*_waiting(now)).limit(1)) is not None


def due(now: datetime, *, limit: int = 50) -> list[OutboxRow]:
    """The oldest rows to deliver; on PostgreSQL rows that another worker holds are passed over."""
    rows = select(OutboxRow).where(*_waiting(now)).order_by(OutboxRow.id).limit(limit).with_for_update(skip_locked=True)
    return list(db.session.scalars(rows))


def lease(rows: list[OutboxRow], *, until: datetime) -> None:
    """Hide rows from other workers while their network calls run outside a transaction."""
    ids = [row.id for row in rows]
    db.session.execute(update(OutboxRow).where(OutboxRow.id.in_(ids)).values(available_at=until))


def _waiting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.delivered_at.is_(None), OutboxRow.gave_up_at.is_(None), OutboxRow.available_at <= now
