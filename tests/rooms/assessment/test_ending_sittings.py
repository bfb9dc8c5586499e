"""Closing, scoring and releasing; and what others may know of an outcome before."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.assessment import queries, services
from lms.assessment.models import AttemptClosed, AttemptStatus, ClosedBy, Score
from lms.assessment.rules.starting import SatElsewhere
from lms.content import queries as content
from lms.content.models import Revision
from lms.foundation.database import db
from lms.foundation.errors import NotFound
from tests.support.cast import Cast
from tests.support.moments import DAY, HOUR, MINUTE, NOON
from tests.support.sittings import answer, answer_all, enrol, open_forms, sit


def test_an_omitted_item_counts_nothing_and_is_asked_all_the_same(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt, right=3)
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)

    score = services.score(attempt, at=NOON)

    assert (score.raw, score.maximum, score.scaled, score.passed) == (Decimal(3), Decimal(4), Decimal("0.75"), True)


def test_only_the_answer_that_stands_is_scored(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer(attempt, 1, right=False, sequence=5)
    answer(attempt, 1, right=True, sequence=4)
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)

    score = services.score(attempt, at=NOON)

    assert score.raw == 0


def test_scoring_twice_gives_the_one_score(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)

    first, again = services.score(attempt, at=NOON), services.score(attempt, at=NOON + HOUR)

    assert again is first
    assert db.session.scalar(select(func.count()).select_from(Score)) == 1


def test_an_open_attempt_is_neither_scored_nor_released(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    with pytest.raises(AttemptClosed):
        services.score(attempt, at=NOON)
    with pytest.raises(AttemptClosed):
        services.release(attempt, at=NOON, by=None)


def test_the_profile_lists_areas_in_the_order_of_the_exam(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt, right=1)
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)

    profile = services.score(attempt, at=NOON).profile

    assert [(area["area"], area["right"], area["asked"]) for area in profile] == [
        ("warming-up", 1, 2),
        ("throwing-safely", 0, 2),
    ]
    assert sum(objective["asked"] for area in profile for objective in area["objectives"]) == 4


def test_an_item_edited_during_the_sitting_is_scored_as_it_was_shown(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt)
    shown = queries.sitting(attempt).places[0].document
    packed = {
        **shown.packed,
        "options": [{**option, "right": not option["right"]} for option in shown.packed["options"]],
    }
    edited = Revision(
        kind="item",
        document_id=shown.id,
        content_hash="an edit in the middle of the exam",
        path="bank.md",
        compiled={"item": packed, "html": dict(shown.html)},
        secure=True,
    )
    db.session.add(edited)
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)

    score = services.score(attempt, at=NOON)

    assert (score.raw, score.maximum) == (Decimal(4), Decimal(4))


def test_only_a_released_outcome_is_a_fact(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt)
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)
    services.score(attempt, at=NOON)
    before = queries.released_outcomes([attempt.enrollment_id])

    services.release(attempt, at=NOON + HOUR, by=None)

    [fact] = queries.released_outcomes([attempt.enrollment_id])
    assert before == []
    assert (fact.exam_id, fact.passed, fact.scaled, fact.released_at) == ("judges-exam", True, Decimal(1), NOON + HOUR)


def test_a_voided_attempt_is_no_fact_and_uses_up_nothing(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)
    services.score(attempt, at=NOON)
    services.release(attempt, at=NOON, by=None)

    attempt.status = AttemptStatus.VOIDED
    db.session.flush()

    assert queries.released_outcomes([attempt.enrollment_id]) == []
    assert queries.past_attempts(queries.attempts_of(attempt.enrollment_id, "judges-exam")) == []
    assert queries.sat_elsewhere(cast.learner.person_id, "judges-exam", but=0) == SatElsewhere()


def test_the_newest_score_counts(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)
    first = services.score(attempt, at=NOON)
    services.release(attempt, at=NOON, by=None)

    db.session.add(
        Score(
            attempt_id=attempt.id,
            number=2,
            raw=Decimal(4),
            maximum=first.maximum,
            scaled=Decimal(1),
            passed=True,
            profile=first.profile,
            scored_at=NOON + DAY,
        )
    )
    db.session.flush()

    [fact] = queries.released_outcomes([attempt.enrollment_id])
    assert fact.passed
    assert queries.attempts_of(attempt.enrollment_id, "judges-exam")[0].passed


def test_what_ran_out_of_time_is_found_the_longest_overdue_first(app: Flask, cast: Cast) -> None:
    late = sit(cast, cast.learner, now=NOON)
    enrol(cast.stranger, "judge")
    enrolled = enrol(cast.author, "starter")
    quiz = content.exam(enrolled.release_id, "warming-up-quiz")
    assert quiz is not None
    services.start(
        enrollment_id=enrolled.id,
        person_id=cast.author.person_id,
        release_id=enrolled.release_id,
        exam=quiz,
        now=NOON,
        window_ends_at=None,
    )

    at_the_limit = queries.attempts_to_close(NOON + 30 * MINUTE, 10)
    after = queries.attempts_to_close(NOON + 31 * MINUTE, 10)

    assert at_the_limit == []
    assert after == [late]


def test_results_are_for_who_may_see_them(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    assert queries.results_page(cast.instructor.viewer(), "judges-exam") == []
    assert queries.result_of(cast.author.viewer(), attempt.token) is None
    row = queries.result_of(cast.staff.viewer(), attempt.token)
    assert row is not None
    assert (row.person_name, row.status, row.raw) == (cast.learner.name, AttemptStatus.IN_PROGRESS, None)


def test_results_are_paged_by_key_and_filtered_by_status(app: Flask, cast: Cast) -> None:
    first = sit(cast, cast.learner)
    services.close(first, at=NOON, by=ClosedBy.LEARNER)
    services.score(first, at=NOON)
    enrolled = enrol(cast.stranger, "judge")
    exam = content.exam(enrolled.release_id, "judges-exam")
    assert exam is not None
    second = services.start(
        enrollment_id=enrolled.id,
        person_id=cast.stranger.person_id,
        release_id=enrolled.release_id,
        exam=exam,
        now=NOON,
        window_ends_at=None,
    )
    viewer = cast.staff.viewer()

    newest = queries.results_page(viewer, "judges-exam", limit=1)
    older = queries.results_page(viewer, "judges-exam", before_id=newest[0].attempt_id)
    graded = queries.results_page(viewer, "judges-exam", status=AttemptStatus.GRADED)

    assert [row.attempt_id for row in newest] == [second.id]
    assert [row.attempt_id for row in older] == [row.attempt_id for row in graded] == [first.id]


def test_who_reviewed_a_form_does_not_open_it(app: Flask, cast: Cast) -> None:
    exam = content.exam(content.current_release_id(), "judges-exam")
    assert exam is not None

    with pytest.raises(services.SamePerson):
        services.activate_form(exam, "a", reviewed_by=cast.staff.person_id, by=cast.staff.person_id, now=NOON)
    with pytest.raises(NotFound):
        services.activate_form(exam, "z", reviewed_by=cast.staff.person_id, by=cast.staff2.person_id, now=NOON)

    assert queries.activations("judges-exam") == []


def test_opening_a_form_twice_is_one_activation(app: Flask, cast: Cast) -> None:
    open_forms(cast, "judges-exam", "a")
    open_forms(cast, "judges-exam", "a")

    assert [one.form for one in queries.activations("judges-exam")] == ["a"]
