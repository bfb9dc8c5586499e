"""Writes about exams and quizzes: starting, saving, closing, and opening forms."""

from lms.assessment.services.activating import SamePerson, activate_form, withdraw_form
from lms.assessment.services.closing import close, marked_anew, release, score
from lms.assessment.services.saving import Save, closed, read_response, save_answer
from lms.assessment.services.starting import NoFormOpen, StartedElsewhere, draw, start
from lms.assessment.services.tallying import fold, recount, rows_to_fold

__all__ = [
    "NoFormOpen",
    "SamePerson",
    "Save",
    "StartedElsewhere",
    "activate_form",
    "close",
    "closed",
    "draw",
    "fold",
    "marked_anew",
    "read_response",
    "recount",
    "release",
    "rows_to_fold",
    "save_answer",
    "score",
    "start",
    "withdraw_form",
]
