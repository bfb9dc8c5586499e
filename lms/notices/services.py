"""Writes about what people are told. The mail is an outbox row; the worker turns it into a letter."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from lms.foundation import outbox
from lms.foundation.database import db, insert_once
from lms.foundation.messages import Message
from lms.notices.models import Notice

TOPIC = "mail"


def tell(
    person_id: int,
    key: str,
    kind: str,
    message: Message,
    *,
    path: str,
    now: datetime,
    mail_at: datetime | None = None,
    replaced_by: str = "",
) -> bool:
    """Tell a person one thing, on their page and by mail. Returns False if the key was told before.

    With `mail_at` the mail waits until then; with `replaced_by` it is never sent where a later notice, whose key
    begins so, was told meanwhile.
    """
    notice = insert_once(Notice).values(
        person_id=person_id, key=key, kind=kind, message=message.to_json(), path=path, written_at=now
    )
    notice_id = db.session.scalar(notice.returning(Notice.id))
    if notice_id is None:
        return False
    payload = {"notice_id": notice_id, **({"replaced_by": replaced_by} if replaced_by else {})}
    outbox.put(TOPIC, f"mail:{key}", payload, now=now, not_before=mail_at)
    return True


def write_to(account_id: int, key: str, kind: str, message: Message, *, path: str, now: datetime) -> bool:
    """Mail an address something that is no notice, such as a link with a secret in its path."""
    payload = {"account_id": account_id, "kind": kind, "message": message.to_json(), "path": path}
    return outbox.put(TOPIC, f"mail:{key}", payload, now=now)


def was_written(key: str) -> bool:
    """Whether `write_to` was called with this key before."""
    return outbox.was_put(f"{TOPIC}:{key}")


def mark_seen(person_id: int, *, now: datetime) -> int:
    """Note that a person saw what they were told. Returns how many notices were new to them."""
    seeing = update(Notice).where(Notice.person_id == person_id, Notice.seen_at.is_(None)).values(seen_at=now)
    return len(db.session.scalars(seeing.returning(Notice.id)).all())
