"""Beginning a sitting, in its room."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.assessment import queries, services
from lms.assessment.models import Attempt, AttemptItem, AttemptStatus, ClosedBy, FormActivation
from lms.catalog.models import Enrollment
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.content.models import Revision
from lms.foundation.database import db
from lms.usecases import submitting
from tests.support.cast import Cast, Member
from tests.support.moments import DAY, HOUR, MINUTE, NOON
from tests.support.sittings import enrol, open_forms


def exam_of(enrollment: Enrollment, exam_id: str = "judges-exam") -> ExamDocument:
    exam = content.exam(enrollment.release_id, exam_id)
    assert exam is not None
    return exam


def start(enrollment: Enrollment, *, exam_id: str = "judges-exam", now: datetime = NOON) -> Attempt:
    return services.start(
        enrollment_id=enrollment.id,
        person_id=enrollment.person_id,
        release_id=enrollment.release_id,
        exam=exam_of(enrollment, exam_id),
        now=now,
        window_ends_at=None,
    )


def shown(attempt: Attempt) -> list[str]:
    return list(
        db.session.scalars(
            select(AttemptItem.item_id).where(AttemptItem.attempt_id == attempt.id).order_by(AttemptItem.position)
        )
    )


def test_an_exam_shows_the_items_of_an_open_form_at_the_revisions_of_that_moment(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam", "b")

    attempt = start(enrollment)

    assert attempt.form == "b"
    assert shown(attempt) == list(exam_of(enrollment).forms["b"])
    revisions = db.session.scalars(
        select(Revision.document_id)
        .join(AttemptItem, AttemptItem.revision_id == Revision.id)
        .where(AttemptItem.attempt_id == attempt.id)
        .order_by(AttemptItem.position)
    )
    assert list(revisions) == shown(attempt)


def test_the_deadline_is_the_limit_of_the_exam_and_never_after_the_window(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam")

    attempt = services.start(
        enrollment_id=enrollment.id,
        person_id=enrollment.person_id,
        release_id=enrollment.release_id,
        exam=exam_of(enrollment),
        now=NOON,
        window_ends_at=NOON + 10 * MINUTE,
    )

    assert attempt.deadline_at == NOON + 10 * MINUTE


def test_without_an_open_form_no_attempt_is_used(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "judge")

    with pytest.raises(services.NoFormOpen):
        start(enrollment)

    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_a_form_that_was_withdrawn_or_changed_since_its_review_is_not_shown(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam")
    rows = db.session.scalars(select(FormActivation).order_by(FormActivation.form)).all()
    services.withdraw_form(rows[0], now=NOON)
    rows[1].form_hash = "what somebody reviewed once"
    db.session.flush()

    with pytest.raises(services.NoFormOpen):
        start(enrollment)

    assert queries.active_forms(exam_of(enrollment)) == ()


def test_opening_a_withdrawn_form_again_counts(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam", "a")
    services.withdraw_form(db.session.scalars(select(FormActivation)).one(), now=NOON)

    open_forms(cast, "judges-exam", "a")

    assert queries.open_forms(exam_of(enrollment), enrollment.release_id) == ("a",)


def test_the_second_sitting_shows_the_other_form(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam")
    first = start(enrollment)
    submitting.submit(first, now=NOON)

    second = start(enrollment, now=NOON + DAY)

    assert {first.form, second.form} == {"a", "b"}
    assert (first.number, second.number) == (1, 2)


def test_starting_again_while_one_is_open_returns_it_with_its_clock(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam")
    first = start(enrollment)

    again = start(enrollment, now=NOON + HOUR)

    assert again is first
    assert again.started_at == NOON
    assert again.deadline_at == NOON + 30 * MINUTE


def test_a_quiz_draws_what_was_seen_least(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "starter")
    pool = {item.id for item in exam_of(enrollment, "warming-up-quiz").pool}
    seen: list[str] = []

    for tries in range(len(pool) // 2):
        attempt = start(enrollment, exam_id="warming-up-quiz", now=NOON + tries * HOUR)
        seen += shown(attempt)
        services.close(attempt, at=NOON + tries * HOUR, by=ClosedBy.LEARNER)

    assert len(seen) == len(set(seen)) == len(pool) // 2 * 2
    assert attempt.deadline_at is None


def test_two_starts_at_once_never_take_the_same_number(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam")
    first = start(enrollment)
    first.status = AttemptStatus.VOIDED
    db.session.flush()

    second = start(enrollment)

    assert (first.number, second.number) == (1, 2)


def own(member: Member, attempt: Attempt) -> Attempt | None:
    return queries.own_attempt(member.person_id, attempt.token)


def test_an_attempt_is_found_by_its_person_alone(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam")

    attempt = start(enrollment)

    assert own(cast.learner, attempt) is attempt
    assert own(cast.stranger, attempt) is None
