"""Whether what is stored agrees with itself: what `lms db verify` and the soak ask after every fault.

Constraints and use cases ought to make every one of these impossible; this asks the rows
themselves, so that a restored copy, a mended bug or a fallen machine can be trusted again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, func, select

from lms.assessment import queries as assessment
from lms.assessment import services as marking
from lms.assessment.models import AnswerEntry, Attempt, AttemptStatus, OutcomeRelease
from lms.credentials.models import UNENDED, Certificate
from lms.foundation.database import db
from lms.live.models import Offering, Seat
from lms.live.queries import LIVE_STATUSES
from lms.pathway import index

BATCH = 100
SCORED = (AttemptStatus.GRADED, AttemptStatus.RELEASED)


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree: what it is (`attempt 17`), and how."""

    subject: str
    words: str

    def as_line(self) -> str:
        return f"{self.subject}: {self.words}"


def findings(now: datetime) -> Iterator[Finding]:
    """Everything that does not agree, at the moment `now`. Reads; writes nothing."""
    yield from scores_that_differ()
    yield from closed_attempts_written_to()
    yield from releases_that_differ()
    yield from tallies_that_differ()
    yield from awards_held_twice()
    yield from overbooked_classes()
    yield from standings_that_differ(now)


def scores_that_differ() -> Iterator[Finding]:
    """The score that counts is what the answer journal and the items shown give when they are marked anew."""
    for attempt in _scored_attempts():
        score = assessment.score_of(attempt.id)
        if score is None:
            yield Finding(f"attempt {attempt.id}", "is graded and has no score")
            continue
        anew = marking.marked_anew(attempt)
        if (score.raw, score.maximum, score.passed) != (anew.raw, anew.maximum, anew.passed):
            yield Finding(f"attempt {attempt.id}", f"its score is {score.raw}, its journal gives {anew.raw}")


def closed_attempts_written_to() -> Iterator[Finding]:
    """Nothing enters the journal of an attempt after it was closed."""
    late = (
        select(Attempt.id, func.count())
        .join(AnswerEntry, AnswerEntry.attempt_id == Attempt.id)
        .where(AnswerEntry.saved_at > Attempt.closed_at)
        .group_by(Attempt.id)
    )
    for attempt_id, count in _rows(late):
        yield Finding(f"attempt {attempt_id}", f"{count} answers were saved after it was closed")


def releases_that_differ() -> Iterator[Finding]:
    """An attempt is released where it has a release, and nowhere else."""
    differing = (
        select(Attempt.id)
        .outerjoin(OutcomeRelease, OutcomeRelease.attempt_id == Attempt.id)
        .where((Attempt.status == AttemptStatus.RELEASED) != OutcomeRelease.attempt_id.is_not(None))
    )
    for (attempt_id,) in _rows(differing):
        yield Finding(f"attempt {attempt_id}", "its state and its release say different things")


def tallies_that_differ() -> Iterator[Finding]:
    """The numbers of sittings are what counting them gives."""
    for one in assessment.tally_differences():
        said, found = "/".join(map(str, one.kept)), "/".join(map(str, one.counted))
        words = f"its sittings are kept as {said}, counting gives {found}: run `lms db recount`"
        yield Finding(f"exam {one.exam_id} in {one.program_id}", words)


def awards_held_twice() -> Iterator[Finding]:
    """One unended certificate for each award key."""
    key = (Certificate.person_id, Certificate.credential_id, Certificate.subject, Certificate.period)
    twice = select(*key, func.count()).where(UNENDED).group_by(*key).having(func.count() > 1)
    for person_id, credential_id, _subject, _period, count in _rows(twice):
        yield Finding(f"person {person_id}", f"holds {count} unended certificates {credential_id}")


def overbooked_classes() -> Iterator[Finding]:
    """No class has more live seats than places."""
    full = (
        select(Offering.id, Offering.capacity, func.count())
        .join(Seat, Seat.offering_id == Offering.id)
        .where(Seat.status.in_(LIVE_STATUSES))
        .group_by(Offering.id, Offering.capacity)
        .having(func.count() > Offering.capacity)
    )
    for offering_id, capacity, count in _rows(full):
        yield Finding(f"class {offering_id}", f"{count} seats are taken of {capacity}")


def standings_that_differ(now: datetime) -> Iterator[Finding]:
    """The standing index says what the rules say."""
    for enrollment_id, column in index.verify(now):
        yield Finding(f"enrollment {enrollment_id}", f"the standing index differs in {column}")


def _scored_attempts() -> Iterator[Attempt]:
    last = 0
    while batch := db.session.scalars(
        select(Attempt).where(Attempt.status.in_(SCORED), Attempt.id > last).order_by(Attempt.id).limit(BATCH)
    ).all():
        yield from batch
        last = batch[-1].id


def _rows(statement: Executable) -> list[Any]:
    return list(db.session.execute(statement))
