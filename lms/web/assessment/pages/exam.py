"""An exam before it is taken: its rules, my standing, my attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from lms.assessment.models import Attempt, AttemptStatus
from lms.assessment.queries import TakenAttempt
from lms.assessment.rules.saying import terms
from lms.interop.words import gettext as _
from lms.requirements import Decision
from lms.usecases.starting import Prospect
from lms.web.assessment.pages.words import exam_title, ordinal, points
from lms.web.wording import moment, percent, say


@dataclass(frozen=True)
class AttemptRow:
    """A past attempt in the list; `state` is a word of the status macro."""

    name: str
    url: str
    state: str
    word: str
    score: str
    ended_at: datetime


@dataclass(frozen=True)
class ExamPage:
    """What an exam's page shows. `door` is None where nothing is missing there; `reasons` say why none may start now."""

    title: str
    summary: str
    is_quiz: bool
    program_id: str
    program_title: str
    exam_id: str
    terms: tuple[str, ...]
    door: Decision | None
    reasons: tuple[str, ...]
    may_start: bool
    start_label: str
    left: str
    closes_at: datetime | None
    open_url: str
    open_words: str
    attempts: tuple[AttemptRow, ...]
    passed: bool


def exam_page(before: Prospect) -> ExamPage:
    open_attempt = before.open_attempt
    return ExamPage(
        title=exam_title(before.exam),
        summary=before.exam.summary,
        is_quiz=before.exam.kind == "quiz",
        program_id=before.program.id,
        program_title=before.program.title,
        exam_id=before.exam.id,
        terms=tuple(say(message) for message in terms(before.exam)),
        door=None if before.door.met or before.passed else before.door,
        reasons=reasons(before),
        may_start=before.may_start and open_attempt is None,
        start_label=start_label(before),
        left=left_words(before),
        closes_at=before.attempts.closes_at if before.attempts.allowed else None,
        open_url=url_for("assessment.show_attempt", token=open_attempt.token) if open_attempt else "",
        open_words=open_words(before, open_attempt) if open_attempt else "",
        attempts=tuple(attempt_row(one) for one in before.taken if not one.attempt.is_open),
        passed=before.passed,
    )


def reasons(before: Prospect) -> tuple[str, ...]:
    """Why no attempt may start now, requirements aside: these stand in rows of their own."""
    if not before.active:
        return (_("You are not active in the %(program)s any more.", program=before.program.title),)
    said = tuple(say(message) for message in before.attempts.reasons)
    if said or before.form_open:
        return said
    return (_("No form of this exam is open yet."),)


def start_label(before: Prospect) -> str:
    if before.exam.kind == "quiz":
        return str(_("Try again") if before.taken else _("Start the quiz"))
    return str(_("Start attempt %(number)s", number=len(before.taken) + 1) if before.taken else _("Start the exam"))


def left_words(before: Prospect) -> str:
    """How many attempts are left, where they are counted and one may be made."""
    left, included = before.attempts.attempts_left, before.exam.attempts_included
    if left is None or included is None or before.passed:
        return ""
    return str(_("%(left)s of %(included)s attempts left", left=left, included=included))


def open_words(before: Prospect, attempt: Attempt) -> str:
    if attempt.enrollment_id != before.enrollment.id:
        return str(_("You are sitting it within another program. Hand that in first; its result counts there."))
    if attempt.deadline_at is None:
        return str(_("Your answers so far are kept."))
    return str(_("The clock runs until %(moment)s.", moment=moment(attempt.deadline_at)))


def attempt_row(one: TakenAttempt) -> AttemptRow:
    state, word = outcome_words(one)
    known = one.score is not None and one.released
    score = f"{points(one.score.raw, one.score.maximum)} · {percent(one.score.scaled)}" if known and one.score else ""
    url = url_for("assessment.show_result", token=one.attempt.token)
    return AttemptRow(ordinal(one.attempt.number).capitalize(), url, state, word, score, one.ended_at)


def outcome_words(one: TakenAttempt) -> tuple[str, str]:
    """The state, and the word that comes first: colour alone tells nobody enough."""
    if one.attempt.status is AttemptStatus.VOIDED:
        return "cancelled", str(_("Voided"))
    if one.passed is None:
        return "submitted", str(_("Submitted"))
    return ("passed", str(_("Passed"))) if one.passed else ("failed", str(_("Not passed")))
