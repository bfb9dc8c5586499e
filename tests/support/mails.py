"""What the outbox holds for the mail, as tests read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.foundation.database import db
from lms.foundation.outbox import OutboxRow
from lms.usecases import registering


def mails(kind: str) -> list[dict[str, Any]]:
    """The payloads of mails of this kind that go to an address, oldest first."""
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.topic == "mail").order_by(OutboxRow.id))
    return [row.payload for row in rows if row.payload.get("kind") == kind]


def answer_sign_ups(now: datetime) -> None:
    """What the worker does with sign-ups that nobody has answered yet. It commits."""
    rows = db.session.scalars(
        select(OutboxRow).where(OutboxRow.topic == registering.SIGN_UP_TOPIC, OutboxRow.delivered_at.is_(None))
    )
    for row in rows.all():
        registering.answer_sign_up(**row.payload, now=now)
        row.deliver(at=now)
    db.session.commit()


def secret_of(payload: dict[str, Any]) -> str:
    """The secret at the end of a mailed link."""
    return str(payload["path"].rpartition("/")[2])
