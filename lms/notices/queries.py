"""Questions about what people were told."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from lms.foundation.database import db
from lms.notices.models import Notice


def own_notices(person_id: int, *, before_id: int | None = None, limit: int = 25) -> Sequence[Notice]:
    """A person's notices, newest first."""
    notices = select(Notice).where(Notice.person_id == person_id)
    if before_id is not None:
        notices = notices.where(Notice.id < before_id)
    return db.session.scalars(notices.order_by(Notice.id.desc()).limit(limit)).all()


def unseen_count(person_id: int) -> int:
    counted = select(func.count()).select_from(Notice).where(Notice.person_id == person_id, Notice.seen_at.is_(None))
    return db.session.scalar(counted) or 0


def told_keys(keys: Collection[str]) -> set[str]:
    """Which of these keys were told before."""
    return set(db.session.scalars(select(Notice.key).where(Notice.key.in_(keys))))


def is_replaced(notice: Notice, prefix: str) -> bool:
    """Whether the same person was told something later under a key that begins so."""
    if not prefix:
        return False
    later = select(Notice.id).where(
        Notice.person_id == notice.person_id, Notice.id > notice.id, Notice.key.startswith(prefix, autoescape=True)
    )
    return db.session.scalar(later.limit(1)) is not None


def notice(notice_id: int) -> Notice | None:
    return db.session.get(Notice, notice_id)
