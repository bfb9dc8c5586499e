"""Tables of exams and quizzes: attempts, what they showed, the answer journal, scores and outcomes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base
from lms.foundation.errors import DomainError
from lms.foundation.tokens import new_token


class AttemptStatus(StrEnum):
    """`not_started` is the absence of a row."""

    IN_PROGRESS = "in_progress"
    OVERDUE = "overdue"
    SUBMITTED = "submitted"
    GRADED = "graded"
    RELEASED = "released"
    ABANDONED = "abandoned"
    VOIDED = "voided"


class ClosedBy(StrEnum):
    LEARNER = "learner"
    EXPIRY = "expiry"
    STAFF = "staff"


class AttemptClosed(DomainError):
    """The attempt takes no answers any more."""

    code = "attempt-closed"


OPEN = text("status IN ('in_progress', 'overdue')")


class FormActivation(Base):
    """A second person opened a reviewed form of an exam: publishing alone opens nothing.

    `form_hash` is what was reviewed; a form whose items changed since is not the one activated.
    """

    __tablename__ = "form_activation"
    __table_args__ = (UniqueConstraint("exam_id", "form", "form_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[str]
    form: Mapped[str]
    form_hash: Mapped[str]
    reviewed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    activated_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    activated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Attempt(Base):
    """One sitting of an exam or quiz by one person, within one enrollment."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("one_open_attempt", "person_id", "exam_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        UniqueConstraint("enrollment_id", "exam_id", "number"),
        Index("attempt_of_exam", "exam_id", "id"),
        Index("attempt_to_close", "deadline_at", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"))
    exam_id: Mapped[str]
    exam_revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    number: Mapped[int]
    form: Mapped[str]
    seed: Mapped[str]
    status: Mapped[AttemptStatus]
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[ClosedBy | None]

    @property
    def is_open(self) -> bool:
        return self.status in {AttemptStatus.IN_PROGRESS, AttemptStatus.OVERDUE}

    def close(self, *, at: datetime, by: ClosedBy) -> None:
        if not self.is_open:
            raise AttemptClosed("This attempt was already submitted.")
        self.status = AttemptStatus.SUBMITTED
        self.closed_at = at
        self.closed_by = by

    def grade(self) -> None:
        if self.status is not AttemptStatus.SUBMITTED:
            raise AttemptClosed("Only a submitted attempt can be graded.")
        self.status = AttemptStatus.GRADED

    def release(self) -> None:
        if self.status is not AttemptStatus.GRADED:
            raise AttemptClosed("Only a graded attempt can be released.")
        self.status = AttemptStatus.RELEASED


class AttemptItem(Base):
    """One item as this attempt shows it, for ever: position from 1, the exact revision."""

    __tablename__ = "attempt_item"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    part: Mapped[str]


class AnswerEntry(Base):
    """One line of the answer journal. Rows are added, never changed; the highest sequence of a position wins.

    Only an open attempt takes lines: the database itself refuses any other (see `JOURNAL_GUARDS`).
    """

    __tablename__ = "answer_entry"
    __table_args__ = (UniqueConstraint("attempt_id", "position", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    position: Mapped[int]
    sequence: Mapped[int]
    response: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


# On PostgreSQL the attempt is held until the line is committed, so that nobody closes it in between.
JOURNAL_GUARDS = {
    "sqlite": (
        """
CREATE TRIGGER answer_entry_of_open_attempt BEFORE INSERT ON answer_entry
WHEN NOT EXISTS (SELECT 1 FROM attempt WHERE id = NEW.attempt_id AND status IN ('in_progress', 'overdue'))
BEGIN SELECT RAISE(ABORT, 'a closed attempt takes no answers'); END
""",
    ),
    "postgresql": (
        """
CREATE FUNCTION refuse_answer_to_closed_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM attempt WHERE id = NEW.attempt_id AND status IN ('in_progress', 'overdue') FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a closed attempt takes no answers' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
        """
CREATE TRIGGER answer_entry_of_open_attempt BEFORE INSERT ON answer_entry
FOR EACH ROW EXECUTE FUNCTION refuse_answer_to_closed_attempt()
""",
    ),
}
for _engine, _guards in JOURNAL_GUARDS.items():
    for _guard in _guards:
        _made = DDL(_guard).execute_if(dialect=_engine)  # type: ignore[no-untyped-call]  # SQLAlchemy's own, without types
        event.listen(AnswerEntry.__table__, "after_create", _made)


class Score(Base):
    """What an attempt was worth. Corrected by adding another row, numbered from 1; the newest counts."""

    __tablename__ = "score"
    __table_args__ = (Index("score_of_attempt", "attempt_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    number: Mapped[int]
    raw: Mapped[Decimal]
    maximum: Mapped[Decimal]
    scaled: Mapped[Decimal]
    passed: Mapped[bool]
    profile: Mapped[list[Any]]
    scored_at: Mapped[datetime]


class OutcomeRelease(Base):
    """From this moment the learner may know the outcome, and rules may count it."""

    __tablename__ = "outcome_release"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    released_at: Mapped[datetime]
    released_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AttemptTally(Base):
    """How many more, or fewer, sittings of an exam there are; the sum of all rows is what there is. Quizzes don't count.

    Each fact that changes a number adds a row in its transaction, and the worker puts rows together: if the numbers
    stood in one row, all who sit one exam would wait for each other.
    """

    __tablename__ = "attempt_tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[str]
    program_id: Mapped[str]
    track: Mapped[str]
    attempts: Mapped[int]
    running: Mapped[int]
    waiting: Mapped[int]
    passed: Mapped[int]
