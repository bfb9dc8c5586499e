"""How many sittings of each exam there are: the numbers that are kept, and the same counted anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from lms.assessment.models import Attempt, AttemptStatus, AttemptTally, Score
from lms.assessment.queries.attempts import newest_score_id
from lms.catalog.models import Enrollment
from lms.foundation.database import db

RUNNING = (AttemptStatus.IN_PROGRESS, AttemptStatus.OVERDUE)
WAITING = (AttemptStatus.SUBMITTED, AttemptStatus.GRADED)
KIND = (AttemptTally.exam_id, AttemptTally.program_id, AttemptTally.track)
COUNTED_KIND = (Attempt.exam_id, Enrollment.program_id, Enrollment.track)
SUMS = tuple(
    func.sum(column)
    for column in (AttemptTally.attempts, AttemptTally.running, AttemptTally.waiting, AttemptTally.passed)
)


@dataclass(frozen=True)
class TallyDifference:
    """Sittings of one exam, program and track whose numbers are not those that counting gives."""

    exam_id: str
    program_id: str
    track: str
    kept: tuple[int, ...]
    counted: tuple[int, ...]


def one_is(*states: AttemptStatus) -> ColumnElement[bool]:
    """Whether an attempt is in one of these states, in a statement that may be prepared."""
    return Attempt.status == states[0] if len(states) == 1 else (Attempt.status == states[0]) | one_is(*states[1:])


def counted(*by: Any) -> Select[*tuple[Any, ...]]:
    """The sittings of exams, counted one by one: attempts, running, waiting for release, passed by the newest score."""
    return (
        select(
            *by,
            func.count(),
            func.count().filter(one_is(*RUNNING)),
            func.count().filter(one_is(*WAITING)),
            func.count().filter(Score.passed.is_(True)),
        )
        .select_from(Attempt)
        .join(Enrollment, Enrollment.id == Attempt.enrollment_id)
        .outerjoin(Score, Score.id == newest_score_id())
        .where(Attempt.form != "")
        .group_by(*by)
    )


def tally_differences() -> list[TallyDifference]:
    """Where the numbers that are kept are not those that counting gives. Counts everything."""
    kept = _numbers(select(*KIND, *SUMS).group_by(*KIND))
    anew = _numbers(counted(*COUNTED_KIND))
    none = (0, 0, 0, 0)
    pairs = {kind: (kept.get(kind, none), anew.get(kind, none)) for kind in sorted({*kept, *anew})}
    return [TallyDifference(*kind, said, found) for kind, (said, found) in pairs.items() if said != found]


def _numbers(statement: Select[*tuple[Any, ...]]) -> dict[tuple[str, str, str], tuple[int, ...]]:
    return {(row[0], row[1], row[2]): tuple(map(int, row[3:])) for row in db.session.execute(statement)}
