"""Keeping the numbers of sittings: a row for each change, put together now and then."""

from __future__ import annotations

from sqlalchemy import Integer, String, bindparam, delete, func, insert, select, text

from lms.assessment.models import Attempt, AttemptTally
from lms.assessment.queries.tallies import COUNTED_KIND, KIND, counted
from lms.catalog.models import Enrollment
from lms.foundation.database import db
from lms.foundation.prepared import Prepared

MOST_ROWS = 20
NUMBERS = ("attempts", "running", "waiting", "passed")
FIELDS = ("exam_id", "program_id", "track", *NUMBERS)
CHANGE = Prepared(
    lambda _dialect: (
        insert(AttemptTally)
        .from_select(
            FIELDS,
            select(
                bindparam("exam", type_=String),
                Enrollment.program_id,
                Enrollment.track,
                *(bindparam(name, type_=Integer) for name in NUMBERS),
            ).where(Enrollment.id == bindparam("enrollment", type_=Integer)),
        )
        .returning(AttemptTally.id)
    )
)


def count(attempt: Attempt, *, attempts: int = 0, running: int = 0, waiting: int = 0, passed: int = 0) -> None:
    """Note how the numbers change by what just happened to this attempt. A quiz, which has no form, is not counted."""
    if attempt.form:
        CHANGE.rows(
            exam=attempt.exam_id,
            enrollment=attempt.enrollment_id,
            attempts=attempts,
            running=running,
            waiting=waiting,
            passed=passed,
        )


def rows_to_fold() -> list[tuple[str, str, str]]:
    """The exams, with program and track, whose numbers lie in more rows than a page should add up."""
    many = select(*KIND).group_by(*KIND).having(func.count() > MOST_ROWS).order_by(*KIND)
    return [(exam_id, program_id, track) for exam_id, program_id, track in db.session.execute(many)]


def fold(exam_id: str, program_id: str, track: str) -> None:
    """Put the rows of an exam, program and track together into one with their sum. Rows added meanwhile stay."""
    kind = {"exam_id": exam_id, "program_id": program_id, "track": track}
    columns = [getattr(AttemptTally, name) for name in NUMBERS]
    gone = db.session.execute(delete(AttemptTally).filter_by(**kind).returning(*columns)).all()
    sums = [sum(numbers) for numbers in zip(*gone, strict=True)]
    if gone:
        db.session.execute(insert(AttemptTally).values(**kind, **dict(zip(NUMBERS, sums, strict=True))))


def recount() -> None:
    """Forget the numbers and count every sitting anew. On PostgreSQL who writes meanwhile waits: SQLite has one writer."""
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE attempt_tally IN EXCLUSIVE MODE"))
    db.session.execute(delete(AttemptTally))
    db.session.execute(insert(AttemptTally).from_select(FIELDS, counted(*COUNTED_KIND)))
