"""The end of a sitting: closing, scoring and releasing are three facts."""

from __future__ import annotations

from datetime import datetime

from lms.assessment import queries
from lms.assessment.models import Attempt, ClosedBy, OutcomeRelease, Score
from lms.assessment.rules.scoring import Marked, ShownItem, Titles, mark
from lms.assessment.services.tallying import count
from lms.foundation.database import db

FIRST = 1


def close(attempt: Attempt, *, at: datetime, by: ClosedBy) -> None:
    """Take no further answers. Raises AttemptClosed if it was closed before."""
    attempt.close(at=at, by=by)
    db.session.flush()
    count(attempt, running=-1, waiting=1)


def score(attempt: Attempt, *, at: datetime) -> Score:
    """Mark a submitted attempt by its journal and the items it showed, once; afterwards the score that stands.

    Raises AttemptClosed while it is open.
    """
    standing = queries.score_of(attempt.id)
    if standing is not None:
        return standing
    attempt.grade()
    marked = marked_anew(attempt)
    row = Score(
        attempt_id=attempt.id,
        number=FIRST,
        raw=marked.raw,
        maximum=marked.maximum,
        scaled=marked.scaled,
        passed=marked.passed,
        profile=marked.profile,
        scored_at=at,
    )
    db.session.add(row)
    db.session.flush()
    if row.passed:
        count(attempt, passed=1)
    return row


def marked_anew(attempt: Attempt) -> Marked:
    """What the attempt is worth by what is stored: the same whenever it is asked."""
    sat = queries.sitting(attempt)
    shown = [
        ShownItem(place.position, place.document.item, sat.exam.areas.get(place.document.id, ""))
        for place in sat.places
    ]
    responses = {place.position: place.response for place in sat.places}
    titles = Titles(sat.exam.area_titles, sat.exam.objectives)
    return mark(shown, responses, pass_mark=sat.exam.cut(attempt.form), titles=titles)


def release(attempt: Attempt, *, at: datetime, by: int | None) -> OutcomeRelease:
    """Let the learner know the outcome, and let rules count it; once. `by` is a person of the staff, None the exam's rule.

    Raises AttemptClosed before it is graded.
    """
    standing = db.session.get(OutcomeRelease, attempt.id)
    if standing is not None:
        return standing
    attempt.release()
    row = OutcomeRelease(attempt_id=attempt.id, released_at=at, released_by=by)
    db.session.add(row)
    db.session.flush()
    count(attempt, waiting=-1)
    return row
