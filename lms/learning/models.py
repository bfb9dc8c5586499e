"""Tables of what was read and tried. Each row is a fact of one enrollment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base


class LessonCompletion(Base):
    """A lesson was done: read to its end and, where it says so, its checks answered."""

    __tablename__ = "lesson_completion"
    __table_args__ = (UniqueConstraint("enrollment_id", "lesson_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    lesson_id: Mapped[str]
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    completed_at: Mapped[datetime]


class CheckAnswer(Base):
    """An answer to a check inside a lesson, on the revision it was shown. Practice: as many as one likes."""

    __tablename__ = "check_answer"
    __table_args__ = (Index("check_answer_of_lesson", "enrollment_id", "lesson_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    lesson_id: Mapped[str]
    item_id: Mapped[str]
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    response: Mapped[dict[str, Any]]
    right: Mapped[bool]
    answered_at: Mapped[datetime]
