"""Questions about exams and quizzes: attempts, sittings, forms and outcomes."""

from lms.assessment.queries.attempts import (
    TakenAttempt,
    attempts_of,
    attempts_to_close,
    locked_attempt,
    open_attempt,
    open_attempts_within,
    own_attempt,
    past_attempts,
    sat_elsewhere,
)
from lms.assessment.queries.forms import activations, active_forms, forms_seen, open_forms, times_shown
from lms.assessment.queries.outcomes import OutcomeFact, ResultRow, released_outcomes, result_of, results_page
from lms.assessment.queries.sittings import Place, Sitting, clock_of, score_of, sitting
from lms.assessment.queries.tallies import RUNNING, SUMS, WAITING, TallyDifference, counted, tally_differences

__all__ = [
    "RUNNING",
    "SUMS",
    "WAITING",
    "OutcomeFact",
    "Place",
    "ResultRow",
    "Sitting",
    "TakenAttempt",
    "TallyDifference",
    "activations",
    "active_forms",
    "attempts_of",
    "attempts_to_close",
    "clock_of",
    "counted",
    "forms_seen",
    "locked_attempt",
    "open_attempt",
    "open_attempts_within",
    "open_forms",
    "own_attempt",
    "past_attempts",
    "released_outcomes",
    "result_of",
    "results_page",
    "sat_elsewhere",
    "score_of",
    "sitting",
    "tally_differences",
    "times_shown",
]
