"""Submitting: closed, scored, released and moved on, once, whoever comes how often."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from lms.assessment import queries
from lms.assessment.models import Attempt, AttemptClosed, AttemptStatus, ClosedBy, OutcomeRelease, Score
from lms.assessment.services import SamePerson
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.credentials.models import Certificate
from lms.foundation.audit import AuditEntry
from lms.foundation.database import Base, db
from lms.foundation.errors import Forbidden, NotFound
from lms.notices.models import Notice
from lms.usecases import activating, starting, submitting
from lms.usecases.activating import NotReviewed
from tests.support.cast import Cast
from tests.support.moments import DAY, HOUR, MINUTE, NOON
from tests.support.sittings import answer, answer_all, enrol, sit


def count(table: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def audited(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def results_told() -> int:
    return db.session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "result_released")) or 0


def test_passing_the_last_exam_issues_the_certificate(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt, right=3)

    submitted = submitting.submit(attempt, now=NOON + HOUR / 4)

    assert submitted.score is not None
    assert (submitted.score.scaled, submitted.score.passed) == (Decimal("0.75"), True)
    [certificate] = submitted.advanced.certificates
    assert certificate.enrollment_id == attempt.enrollment_id
    assert attempt.status is AttemptStatus.RELEASED
    assert db.session.get_one(Enrollment, attempt.enrollment_id).status is EnrollmentStatus.COMPLETED


def test_failing_issues_nothing_and_tells_the_result(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt, right=2)

    submitted = submitting.submit(attempt, now=NOON + MINUTE)

    assert submitted.score is not None
    assert not submitted.score.passed
    assert submitted.advanced.certificates == ()
    assert (count(Certificate), results_told()) == (0, 1)


def test_each_step_is_on_record_once(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    submitting.submit(attempt, now=NOON + MINUTE)

    submitting.submit(attempt, now=NOON + HOUR)

    [line] = audited("submit")
    assert (line.actor_id, line.object_id, line.details["by"]) == (cast.learner.person_id, str(attempt.id), "learner")
    assert len(audited("release")) == 1
    assert attempt.closed_at == NOON + MINUTE


def test_a_score_is_the_recomputation_of_what_is_stored(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer(attempt, 1, right=True, sequence=3)
    answer(attempt, 1, right=False, sequence=2)
    answer(attempt, 2, right=False)
    answer(attempt, 2, right=True, sequence=2)

    submitted = submitting.submit(attempt, now=NOON + MINUTE)

    from lms.assessment.services import marked_anew

    assert submitted.score is not None
    assert marked_anew(attempt).raw == submitted.score.raw == 2


def test_time_that_ran_out_is_submitted_with_what_was_saved(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt)

    early = submitting.close_overdue(NOON + 30 * MINUTE)
    closed = submitting.close_overdue(NOON + 31 * MINUTE)
    again = submitting.close_overdue(NOON + 32 * MINUTE)

    assert (early, closed, again) == (0, 1, 0)
    assert attempt.closed_by is ClosedBy.EXPIRY
    assert count(Certificate) == 1
    assert audited("submit")[0].actor_id is None


def test_a_late_submit_counts_as_expiry_and_the_wait_runs_from_the_deadline(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    submitting.submit(attempt, now=NOON + 5 * HOUR)

    [taken] = queries.attempts_of(attempt.enrollment_id, "judges-exam")
    assert attempt.closed_by is ClosedBy.EXPIRY
    assert taken.ended_at == NOON + 30 * MINUTE


def test_a_quiz_moves_the_learner_on_and_sends_no_letter(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "starter")
    attempt = starting.start(cast.learner.person_id, "starter", "warming-up-quiz", now=NOON)
    answer_all(attempt)

    submitting.submit(attempt, now=NOON + DAY)

    [fact] = queries.released_outcomes([enrollment.id])
    assert (fact.exam_id, fact.passed) == ("warming-up-quiz", True)
    assert results_told() == 0


def test_what_staff_release_is_no_fact_before(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner, program="official", exam="officials-exam")
    answer_all(attempt)

    submitted = submitting.submit(attempt, now=NOON)

    assert attempt.status is AttemptStatus.GRADED
    assert submitted.advanced.certificates == ()
    assert (count(Certificate), count(OutcomeRelease), results_told()) == (0, 0, 0)


def test_releasing_moves_the_learner_on_once(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner, program="official", exam="officials-exam")
    answer_all(attempt)
    submitting.submit(attempt, now=NOON)

    first = submitting.release(attempt, cast.staff.viewer(), now=NOON + DAY)
    again = submitting.release(attempt, cast.staff2.viewer(), now=NOON + DAY)

    assert len(first.advanced.certificates) == 1
    assert again.advanced.certificates == ()
    assert [line.actor_id for line in audited("release")] == [cast.staff.person_id]
    assert results_told() == 1


def test_only_staff_release_and_nobody_their_own(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.staff, program="official", exam="officials-exam")
    with pytest.raises(AttemptClosed):
        submitting.release(attempt, cast.staff2.viewer(), now=NOON)
    submitting.submit(attempt, now=NOON)

    with pytest.raises(NotFound):
        submitting.release(attempt, cast.instructor.viewer(), now=NOON)
    with pytest.raises(Forbidden):
        submitting.release(attempt, cast.staff.viewer(), now=NOON)

    assert count(OutcomeRelease) == 0


def test_a_voided_attempt_is_not_scored_by_a_late_submit(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    db.session.execute(update(Attempt).values(status=AttemptStatus.VOIDED, closed_at=NOON))

    submitted = submitting.submit(attempt, now=NOON)

    assert submitted.score is None
    assert count(Score) == 0


def test_a_second_person_opens_a_form_and_it_is_on_record(app: Flask, cast: Cast) -> None:
    staff, colleague = cast.staff.viewer(), cast.staff2.person_id

    activating.activate(staff, "judges-exam", "a", reviewed_by=colleague, now=NOON)
    activating.activate(staff, "judges-exam", "a", reviewed_by=colleague, now=NOON)

    [line] = audited("activate")
    assert (line.actor_id, line.details["form"], line.details["reviewed_by"]) == (staff.person_id, "a", colleague)


def test_forms_are_opened_by_staff_on_a_named_review_of_somebody_else(app: Flask, cast: Cast) -> None:
    with pytest.raises(NotFound):
        activating.activate(cast.author.viewer(), "judges-exam", "a", reviewed_by=cast.staff.person_id, now=NOON)
    with pytest.raises(NotFound):
        activating.activate(cast.staff.viewer(), "judges-exam", "z", reviewed_by=cast.staff2.person_id, now=NOON)
    with pytest.raises(NotReviewed):
        activating.activate(cast.staff.viewer(), "judges-exam", "a", now=NOON)
    with pytest.raises(SamePerson):
        activating.activate(cast.staff.viewer(), "judges-exam", "a", reviewed_by=cast.staff.person_id, now=NOON)

    assert audited("activate") == []


def test_a_withdrawn_form_starts_no_sitting(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    for form in ("a", "b"):
        activating.withdraw(cast.staff.viewer(), "judges-exam", form, now=NOON)

    before = starting.prospect(cast.learner.person_id, "judge", "judges-exam", now=NOON)
    assert not before.form_open
    assert len(audited("withdraw")) == 2
    assert submitting.submit(attempt, now=NOON).score is not None
