"""Learners by the thousand, copied inside the database from people of the demo.

The *acting* ones have all that their model has, so that every page and write of theirs is a
real one; the rest have what makes lists and counts long: an enrollment with its standing,
two lessons, and one released attempt at the exam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, literal, null, select

from bench.copying import Overrides, copy_rows, numbered_token
from lms.accounts.models import Account, Person
from lms.assessment import services
from lms.assessment.models import Attempt, AttemptItem, AttemptStatus, OutcomeRelease, Score
from lms.catalog.models import Enrollment
from lms.content import queries as content
from lms.foundation.database import db
from lms.learning.models import CheckAnswer, LessonCompletion
from lms.pathway.models import StandingRow

PROGRAM, EXAM = "level-1", "level-1-exam"
MODEL = "learner@example.org"
BATCH = 10_000
MOMENT = Attempt.started_at.type


@dataclass(frozen=True)
class Models:
    """The ids of what is copied: an enrollment under way, and a released attempt at the exam."""

    enrollment_id: int
    release_id: int
    reachable: Sequence[str]
    attempt_id: int


@dataclass(frozen=True)
class Acting:
    """Those who act, and what they can do: pages to read, lessons to mark, sittings to answer in."""

    person_ids: Sequence[int]
    lessons_to_read: Sequence[tuple[str, str]]
    lessons_to_mark: Sequence[tuple[str, str]]
    sittings: Sequence[tuple[int, str]]
    items: int


def gather_crowd(size: int, acting: int, *, now: datetime) -> Acting:
    """Add `size` people, the first `acting` of whom act, the rest with one attempt at the exam each. Commits."""
    models = _models()
    first = _add_people(size, now=now)
    doers, others = range(first, first + acting), range(first + acting, first + size)
    _enrol(models, range(first, first + size))
    _copy_facts(models, doers)
    _copy_quizzes(models, doers)
    _open_exam(models, doers, now=now)
    _copy_little(models, others, now=now)
    made = _acting(models, doers, now=now)
    services.recount()
    db.session.commit()
    db.session.connection().exec_driver_sql("ANALYZE")
    db.session.commit()
    return made


def forget_marks(acting: Acting) -> None:
    """Undo what was marked as read, so that every mark of the next round is a new one. Commits."""
    lessons = [lesson for _part, lesson in acting.lessons_to_mark]
    gone = LessonCompletion.person_id.in_(acting.person_ids), LessonCompletion.lesson_id.in_(lessons)
    db.session.execute(delete(LessonCompletion).where(*gone))
    db.session.commit()


def _models() -> Models:
    enrolled = (
        select(Enrollment.id, Enrollment.release_id, StandingRow.reachable)
        .join(Account, Account.person_id == Enrollment.person_id)
        .join(StandingRow, StandingRow.enrollment_id == Enrollment.id)
        .where(Account.email == MODEL, Enrollment.program_id == PROGRAM)
    )
    sat = select(func.min(Attempt.id)).where(Attempt.exam_id == EXAM, Attempt.status == AttemptStatus.RELEASED)
    enrollment_id, release_id, reachable = db.session.execute(enrolled).one()
    return Models(enrollment_id, release_id, reachable, db.session.scalars(sat).one() or 0)


# ---- what everybody has


def _add_people(size: int, *, now: datetime) -> int:
    """Returns the first of the new ids; the others follow it."""
    first = int(db.session.scalar(select(func.max(Person.id))) or 0) + 1
    same = {"zone": "America/Chicago", "created_at": now}
    stored_hash = db.session.scalars(select(Account.password_hash).limit(1)).one()
    opens = {"password_hash": stored_hash, "created_at": now, "verified_at": now}
    for start in range(first, first + size, BATCH):
        ids = range(start, min(start + BATCH, first + size))
        db.session.execute(insert(Person), [{"id": n, "name": f"Robin Field {n}", **same} for n in ids])
        mails = {n: f"robin.{n}@example.org" for n in ids}
        accounts = [{"person_id": n, "email": mail, "email_key": mail, **opens} for n, mail in mails.items()]
        db.session.execute(insert(Account), accounts)
    return first


def _enrol(models: Models, people: range) -> None:
    crowd = select(Person.id).where(Person.id.between(people[0], people[-1])).subquery()
    named = {"person_id": crowd.c.id, "token": numbered_token("enrolled", crowd.c.id)}
    copy_rows(Enrollment, Enrollment.id == models.enrollment_id, crowd, named)
    theirs = _enrollments(people)
    copy_rows(StandingRow, StandingRow.enrollment_id == models.enrollment_id, theirs, _links(theirs))


# ---- what the acting have


def _copy_facts(models: Models, people: range) -> None:
    for table in (LessonCompletion, CheckAnswer):
        theirs = _enrollments(people)
        copy_rows(table, table.enrollment_id == models.enrollment_id, theirs, _links(theirs))


def _copy_quizzes(models: Models, people: range) -> None:
    """Every attempt of the model, with its score and its release."""
    for attempt_id in db.session.scalars(select(Attempt.id).where(Attempt.enrollment_id == models.enrollment_id)):
        _copy_attempt(attempt_id, people, {})


def _open_exam(models: Models, people: range, *, now: datetime) -> None:
    """A sitting under way for each, with a day to go and nothing answered."""
    theirs = _enrollments(people)
    begun: Overrides = {
        "token": numbered_token("sitting", theirs.c.id),
        "number": literal(9),
        "status": literal(AttemptStatus.IN_PROGRESS, Attempt.status.type),
        "started_at": literal(now, MOMENT),
        "deadline_at": literal(now + timedelta(days=1), MOMENT),
        "closed_at": null(),
        "closed_by": null(),
    }
    copy_rows(Attempt, Attempt.id == models.attempt_id, theirs, {**_links(theirs), **begun})
    sittings = select(Attempt.id).where(Attempt.token.startswith("sitting-")).subquery()
    copy_rows(AttemptItem, AttemptItem.attempt_id == models.attempt_id, sittings, {"attempt_id": sittings.c.id})


def _acting(models: Models, people: range, *, now: datetime) -> Acting:
    program = content.program_pinned(models.release_id, PROGRAM)
    if program is None:
        raise SystemExit(f"The demo has no program {PROGRAM}.")
    parts = [part for part in program.parts if part.id in models.reachable]
    readable = [(part.id, lesson) for part in parts for lesson in part.lessons]
    done = db.session.scalars(
        select(LessonCompletion.lesson_id).where(LessonCompletion.enrollment_id == models.enrollment_id)
    ).all()
    waiting = [(part, lesson) for part, lesson in readable if lesson not in done]
    for _part, lesson_id in waiting:
        _answer_checks(models, lesson_id, people, now=now)
    shown = select(func.count()).where(AttemptItem.attempt_id == models.attempt_id)
    sittings = db.session.execute(select(Attempt.person_id, Attempt.token).where(Attempt.token.startswith("sitting-")))
    return Acting(
        list(people), readable, waiting, [(one[0], one[1]) for one in sittings], db.session.scalar(shown) or 0
    )


def _answer_checks(models: Models, lesson_id: str, people: range, *, now: datetime) -> None:
    """All checks of a lesson answered rightly, so that it may be marked as read."""
    lesson = content.lesson(models.release_id, lesson_id)
    enrolled = db.session.execute(select(Enrollment.id, Enrollment.person_id).where(Enrollment.person_id.in_(people)))
    who = [{"enrollment_id": one[0], "person_id": one[1]} for one in enrolled]
    for item_id in lesson.check_ids if lesson else ():
        revision_id = content.check_revision_id(lesson, item_id) if lesson else None
        said = {"lesson_id": lesson_id, "item_id": item_id, "revision_id": revision_id}
        same: dict[str, Any] = {**said, "response": {}, "right": True, "answered_at": now}
        db.session.execute(insert(CheckAnswer), [{**one, **same} for one in who])


# ---- what the rest have


def _copy_little(models: Models, people: range, *, now: datetime) -> None:
    """Two lessons, and a released attempt at the exam."""
    two = db.session.scalars(
        select(LessonCompletion.id).where(LessonCompletion.enrollment_id == models.enrollment_id).limit(2)
    ).all()
    theirs = _enrollments(people)
    copy_rows(LessonCompletion, LessonCompletion.id.in_(two), theirs, _links(theirs))
    _copy_attempt(models.attempt_id, people, {"number": literal(1), "started_at": literal(now, MOMENT)})


def _copy_attempt(attempt_id: int, people: range, changed: Overrides) -> None:
    """An attempt with its score and its release, for each of these people."""
    theirs, mark = _enrollments(people), f"copy-{attempt_id}"
    named = {"token": numbered_token(mark, theirs.c.id), **_links(theirs), **changed}
    copy_rows(Attempt, Attempt.id == attempt_id, theirs, named)
    made = select(Attempt.id).where(Attempt.token.startswith(f"{mark}-")).subquery()
    for marked in (Score, OutcomeRelease):
        copy_rows(marked, marked.attempt_id == attempt_id, made, {"attempt_id": made.c.id})


def _enrollments(people: range) -> Any:
    between = Enrollment.person_id.between(people[0], people[-1])
    return select(Enrollment.id, Enrollment.person_id).where(between).subquery()


def _links(enrollments: Any) -> dict[str, Any]:
    return {"enrollment_id": enrollments.c.id, "person_id": enrollments.c.person_id}
