"""Exams with what became of their attempts, and one attempt with its items, for who may see results.

One's own attempts do not exist here: what is right and wrong in them is told by the exam's own rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from operator import sub
from typing import Any

from markupsafe import escape
from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select

from lms.accounts.models import Person
from lms.accounts.rules import Capability, Viewer
from lms.assessment import queries as assessment
from lms.assessment.models import (
    AnswerEntry,
    Attempt,
    AttemptStatus,
    AttemptTally,
    ClosedBy,
    FormActivation,
    OutcomeRelease,
    Score,
)
from lms.assessment.queries import Place as ShownPlace
from lms.assessment.queries import Sitting
from lms.catalog.models import Enrollment
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.foundation.database import db
from lms.foundation.prepared import Prepared, prepared
from lms.items import score, type_named
from lms.overviews.paging import FROM_THE_START, AnySelect, Page, Place, PreparedPages
from lms.overviews.reach import Reach, not_oneself, oneself, other_than, reach

KEPT_LISTS = 64
NO_NUMBERS = (0, 0, 0, 0)


@dataclass(frozen=True)
class ExamRow:
    """An exam with how many attempts there are, are open, wait for release, and were passed."""

    exam: ExamDocument
    attempts: int
    open: int
    waiting: int
    passed: int


@dataclass(frozen=True)
class Filter:
    """What a list of attempts is narrowed to; empty means everything."""

    status: str = ""
    passed: str = ""
    form: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if self.status in set(AttemptStatus):
            conditions.append(Attempt.status == AttemptStatus(self.status))
        if self.passed in {"yes", "no"}:
            conditions.append(Score.passed.is_(self.passed == "yes"))
        if self.form:
            conditions.append(Attempt.form == self.form)
        return conditions


@dataclass(frozen=True)
class AttemptRow:
    """An attempt in a list; score and outcome stand here before their release, since staff release them."""

    token: str
    person: str
    exam_id: str
    form: str
    number: int
    status: AttemptStatus
    started_at: datetime
    closed_at: datetime | None
    raw: Decimal | None
    maximum: Decimal | None
    scaled: Decimal | None
    passed: bool | None


@dataclass(frozen=True)
class ShownAnswer:
    """One item of an attempt: its stem, what was answered, and whether it was right (None while the attempt is open).

    `key` holds the right answers as HTML. For who may not see certification items, stem, answer and key are empty:
    what was answered rightly is the key.
    """

    position: int
    stem_html: str
    objective: str
    answered: bool
    answer: tuple[str, ...]
    right: bool | None
    saved_at: datetime | None
    saves: int
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of an attempt's history: what, when, and by whom where it was a person of the staff."""

    what: str
    at: datetime
    count: int = 0
    by: str = ""


@dataclass(frozen=True)
class AttemptCase:
    """One sitting with everything staff look at."""

    attempt: Attempt
    person: str
    person_token: str
    exam: ExamDocument
    score: Score | None
    answers: tuple[ShownAnswer, ...]
    history: tuple[Line, ...]
    siblings: tuple[AttemptRow, ...]
    items_shown: bool
    profile: Sequence[Mapping[str, Any]] = field(default=())


def exam_rows(viewer: Viewer) -> list[ExamRow]:
    """The exams of the current release with their counts."""
    within = reach(viewer, Capability.SEE_RESULTS)
    everybody = {exam_id: numbers for exam_id, *numbers in _kept_numbers(within).rows()}
    own = {exam_id: numbers for exam_id, *numbers in _own_numbers(within).rows(reader=viewer.person_id)}
    return [_exam_row(exam, everybody.get(exam.id), own.get(exam.id)) for exam in content.exams_of_release()]


def attempt_list(viewer: Viewer, exam_id: str, chosen: Filter, *, place: Place = FROM_THE_START) -> Page[AttemptRow]:
    """The attempts at an exam, newest first: the later begun has the higher id, in which their index is sorted."""
    pages = _pages(reach(viewer, Capability.SEE_RESULTS), chosen)
    return pages.page(place, exam=exam_id, reader=viewer.person_id).of(lambda row: AttemptRow(*row))


FORMS_OPENED = prepared(select(FormActivation.form).where(FormActivation.exam_id == bindparam("exam")).distinct())


def forms_opened(exam_id: str) -> list[str]:
    """The forms that attempts at an exam can have shown: those that were ever opened."""
    return sorted(form for (form,) in FORMS_OPENED.rows(exam=exam_id))


def attempt_case(viewer: Viewer, token: str) -> AttemptCase | None:
    """One attempt of somebody else. Right and wrong for who sees results; what the items say with `secure_items` as well."""
    row = db.session.execute(
        select(Attempt, Person.name, Person.token)
        .join(Person, Person.id == Attempt.person_id)
        .join(Enrollment, Enrollment.id == Attempt.enrollment_id)
        .where(Attempt.token == token, *_within(viewer))
    ).one_or_none()
    if row is None:
        return None
    attempt, name, person_token = row
    sat = assessment.sitting(attempt)
    marked = assessment.score_of(attempt.id)
    saves = _saves(attempt.id)
    with_items = sat.exam.kind == "quiz" or viewer.can(Capability.SECURE_ITEMS)
    return AttemptCase(
        attempt=attempt,
        person=name,
        person_token=person_token,
        exam=sat.exam,
        score=marked,
        answers=tuple(_answer(place, sat, saves.get(place.position, 0), with_items=with_items) for place in sat.places),
        history=tuple(_history(attempt, sat, saves, marked)),
        siblings=tuple(_siblings(attempt)),
        items_shown=with_items,
        profile=marked.profile if marked else (),
    )


@lru_cache(maxsize=KEPT_LISTS)
def _kept_numbers(within: Reach) -> Prepared:
    """The numbers of each exam within this reach, as they are kept: counting every sitting would take ever longer."""
    reached = within.covered(AttemptTally.program_id, AttemptTally.track)
    return prepared(select(AttemptTally.exam_id, *assessment.SUMS).where(reached).group_by(AttemptTally.exam_id))


@lru_cache(maxsize=KEPT_LISTS)
def _own_numbers(within: Reach) -> Prepared:
    """The same of the reader's own sittings, whichever id they were sat under; those are few enough to be counted."""
    own = oneself(bindparam("reader", type_=BigInteger), Attempt.person_id)
    return prepared(assessment.counted(Attempt.exam_id).where(own, within.enrollments()))


@lru_cache(maxsize=KEPT_LISTS)
def _pages(within: Reach, chosen: Filter) -> PreparedPages:
    """The attempts at some exam that somebody with this reach may see, narrowed to what was chosen."""
    reader = bindparam("reader", type_=BigInteger)
    seen = other_than(reader, Attempt.person_id), within.enrollments()
    listed = _rows().where(Attempt.exam_id == bindparam("exam"), *seen, *chosen.conditions())
    return PreparedPages(listed, Attempt.id, Attempt.token, newest_first=True)


def _within(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return not_oneself(viewer, Attempt.person_id), reach(viewer, Capability.SEE_RESULTS).enrollments()


def _newest_score_id() -> ColumnElement[int]:
    return select(func.max(Score.id)).where(Score.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()


def _rows() -> AnySelect:
    return (
        select(
            Attempt.token,
            Person.name,
            Attempt.exam_id,
            Attempt.form,
            Attempt.number,
            Attempt.status,
            Attempt.started_at,
            Attempt.closed_at,
            Score.raw,
            Score.maximum,
            Score.scaled,
            Score.passed,
        )
        .join(Person, Person.id == Attempt.person_id)
        .join(Enrollment, Enrollment.id == Attempt.enrollment_id)
        .outerjoin(Score, Score.id == _newest_score_id())
    )


def _exam_row(exam: ExamDocument, everybody: Sequence[int] | None, own: Sequence[int] | None) -> ExamRow:
    attempts, running, waiting, passed = map(sub, everybody or NO_NUMBERS, own or NO_NUMBERS)
    return ExamRow(exam, attempts, running, waiting, passed)


def _saves(attempt_id: int) -> dict[int, int]:
    """How often each position was saved."""
    rows = db.session.execute(
        select(AnswerEntry.position, func.count())
        .where(AnswerEntry.attempt_id == attempt_id)
        .group_by(AnswerEntry.position)
    )
    return {position: count for position, count in rows}  # noqa: C416  # rows are not pairs to mypy


def _answer(place: ShownPlace, sat: Sitting, saves: int, *, with_items: bool) -> ShownAnswer:
    item, is_open = place.document.item, sat.attempt.is_open
    return ShownAnswer(
        position=place.position,
        stem_html=place.document.stem_html if with_items else "",
        objective=sat.exam.objectives.get(item.objective, item.objective),
        answered=place.answered,
        answer=type_named(item.type).describe(item, place.response) if with_items else (),
        right=None if is_open else score(item, place.response).full,
        saved_at=place.entry.saved_at if place.entry else None,
        saves=saves,
        key=_key(place) if with_items and not is_open else (),
    )


def _key(place: ShownPlace) -> tuple[str, ...]:
    item = place.document.item
    if item.options:
        return tuple(place.document.option_html[option.id] for option in item.options if option.right)
    return tuple(str(escape(line)) for line in type_named(item.type).head_lines(item))


def _history(attempt: Attempt, sat: Sitting, saves: Mapping[int, int], marked: Score | None) -> list[Line]:
    lines = [Line("started", attempt.started_at)]
    if sat.last_saved_at is not None:
        lines.append(Line("saved", sat.last_saved_at, count=sum(saves.values())))
    if attempt.closed_at is not None:
        lines.append(Line(f"closed_by_{attempt.closed_by or ClosedBy.LEARNER}", attempt.closed_at))
    if marked is not None:
        lines.append(Line("scored", marked.scored_at))
    released = db.session.execute(
        select(OutcomeRelease.released_at, Person.name)
        .outerjoin(Person, Person.id == OutcomeRelease.released_by)
        .where(OutcomeRelease.attempt_id == attempt.id)
    ).one_or_none()
    if released is not None:
        lines.append(Line("released", released.released_at, by=released.name or ""))
    return lines


def _siblings(attempt: Attempt) -> list[AttemptRow]:
    """Every attempt at this exam within the same enrollment, in order."""
    rows = db.session.execute(
        _rows()
        .where(Attempt.enrollment_id == attempt.enrollment_id, Attempt.exam_id == attempt.exam_id)
        .order_by(Attempt.number)
    )
    return [AttemptRow(*row) for row in rows]
