"""Tables of what people were told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base


class Notice(Base):
    """One thing told to one person, once per key; the mail about it is an outbox row."""

    __tablename__ = "notice"
    __table_args__ = (Index("notice_of_person", "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    message: Mapped[dict[str, Any]]
    path: Mapped[str]
    written_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
