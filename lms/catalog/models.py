"""Tables of enrolments."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base
from lms.foundation.errors import DomainError
from lms.foundation.tokens import new_token


class EnrollmentStatus(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class EnrollmentClosed(DomainError):
    """The enrollment was completed, withdrawn or ended before."""

    code = "enrollment-closed"


ACTIVE = text("status = 'active'")


class Enrollment(Base):
    """One person's way through one program, pinned to a release for its structure."""

    __tablename__ = "enrollment"
    __table_args__ = (
        Index(
            "one_active_enrollment",
            "person_id",
            "program_id",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
        Index("enrollment_of_program", "program_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    program_id: Mapped[str]
    track: Mapped[str] = mapped_column(default="")
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    status: Mapped[EnrollmentStatus]
    enrolled_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str] = mapped_column(default="")

    def complete(self, *, at: datetime) -> None:
        self._close(EnrollmentStatus.COMPLETED, at=at, reason="")

    def withdraw(self, *, at: datetime, reason: str) -> None:
        self._close(EnrollmentStatus.WITHDRAWN, at=at, reason=reason)

    def end(self, *, at: datetime, reason: str) -> None:
        """Attempts used up or window past, and nothing pending."""
        self._close(EnrollmentStatus.ENDED, at=at, reason=reason)

    def _close(self, status: EnrollmentStatus, *, at: datetime, reason: str) -> None:
        if self.status is not EnrollmentStatus.ACTIVE:
            raise EnrollmentClosed("This enrollment is not active any more.")
        self.status = status
        self.closed_at = at
        self.close_reason = reason
