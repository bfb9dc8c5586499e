"""Starting an exam or a quiz: one attempt, or everything that stands in the way."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.assessment.models import Attempt
from lms.assessment.services import NoFormOpen
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import NotFound
from lms.pathway.deciding import NotReady
from lms.usecases import enrolling, starting, submitting
from lms.usecases.enrolling import SittingUnderWay
from lms.usecases.starting import StartRefused
from tests.support.cast import Cast
from tests.support.moments import DAY, HOUR, MINUTE, NOON
from tests.support.sittings import answer_all, enrol, open_forms, sit


def attempts() -> int:
    return db.session.scalar(select(func.count()).select_from(Attempt)) or 0


def audited(action: str) -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)) or 0


def test_who_is_not_enrolled_finds_no_such_exam(app: Flask, cast: Cast) -> None:
    with pytest.raises(NotFound):
        starting.start(cast.stranger.person_id, "judge", "judges-exam", now=NOON)


def test_an_exam_of_another_program_is_not_found(app: Flask, cast: Cast) -> None:
    enrol(cast.learner, "judge")

    with pytest.raises(NotFound):
        starting.start(cast.learner.person_id, "judge", "officials-exam", now=NOON)


def test_without_an_open_form_the_page_says_so_and_the_start_is_refused(app: Flask, cast: Cast) -> None:
    enrol(cast.learner, "judge")

    before = starting.prospect(cast.learner.person_id, "judge", "judges-exam", now=NOON)

    assert (before.form_open, before.may_start) == (False, False)
    with pytest.raises(NoFormOpen):
        starting.start(cast.learner.person_id, "judge", "judges-exam", now=NOON)
    assert attempts() == 0


def test_a_start_is_one_attempt_and_one_line_of_the_audit(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    again = starting.start(cast.learner.person_id, "judge", "judges-exam", now=NOON + MINUTE)

    assert again.id == attempt.id
    assert attempt.deadline_at == NOON + 30 * MINUTE
    assert (attempts(), audited("start")) == (1, 1)


def test_a_stage_that_is_shut_names_what_is_missing(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner, "starter")
    enrollment.program_id = "coach"  # whose exam asks for its modules, its class, and a membership
    db.session.flush()
    open_forms(cast, "coach-exam")

    before = starting.prospect(cast.learner.person_id, "coach", "coach-exam", now=NOON)
    with pytest.raises(NotReady) as refusal:
        starting.start(cast.learner.person_id, "coach", "coach-exam", now=NOON)

    assert not before.may_start
    assert before.door.missing() == refusal.value.decision.missing()
    assert len(before.door.missing()) >= 2
    assert attempts() == 0


def test_attempts_run_out(app: Flask, cast: Cast) -> None:
    for tries in range(3):
        moment = NOON + tries * HOUR
        attempt = (
            starting.start(cast.learner.person_id, "judge", "judges-exam", now=moment)
            if tries
            else sit(cast, cast.learner)
        )
        submitting.submit(attempt, now=moment)

    before = starting.prospect(cast.learner.person_id, "judge", "judges-exam", now=NOON + DAY)

    assert (before.attempts.attempts_left, before.attempts.opens_at) == (0, None)
    with pytest.raises(StartRefused):
        starting.start(cast.learner.person_id, "judge", "judges-exam", now=NOON + DAY)
    assert attempts() == 3


def test_who_passed_starts_no_other(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt)
    submitting.submit(attempt, now=NOON)

    before = starting.prospect(cast.learner.person_id, "judge", "judges-exam", now=NOON + DAY)

    assert before.passed
    with pytest.raises(StartRefused):
        starting.start(cast.learner.person_id, "judge", "judges-exam", now=NOON + DAY)


def test_a_result_that_staff_hold_back_tells_nothing_and_holds_the_next_start(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner, program="official", exam="officials-exam")
    answer_all(attempt)
    submitting.submit(attempt, now=NOON)

    before = starting.prospect(cast.learner.person_id, "official", "officials-exam", now=NOON + DAY)

    assert not before.passed
    assert [one.passed for one in before.taken] == [None]
    assert not before.may_start


def test_who_left_the_program_starts_nothing(app: Flask, cast: Cast) -> None:
    enrol(cast.learner, "judge")
    open_forms(cast, "judges-exam")
    enrolling.withdraw(cast.learner.person_id, "judge", now=NOON)

    with pytest.raises(StartRefused):
        starting.start(cast.learner.person_id, "judge", "judges-exam", now=NOON)


def test_leaving_and_entering_again_gives_no_fresh_attempts(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt, right=0)
    submitting.submit(attempt, now=NOON)
    left = starting.prospect(cast.learner.person_id, "judge", "judges-exam", now=NOON + 9 * DAY).attempts.attempts_left

    enrolling.withdraw(cast.learner.person_id, "judge", now=NOON + DAY)
    enrol(cast.learner, "judge")

    anew = starting.prospect(cast.learner.person_id, "judge", "judges-exam", now=NOON + 9 * DAY)
    assert anew.taken == ()
    assert anew.attempts.attempts_left == left


def test_nobody_leaves_a_program_in_the_middle_of_its_exam(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    with pytest.raises(SittingUnderWay):
        enrolling.withdraw(cast.learner.person_id, "judge", now=NOON + MINUTE)

    assert attempt.is_open
    submitting.submit(attempt, now=NOON + MINUTE)
    assert enrolling.withdraw(cast.learner.person_id, "judge", now=NOON + MINUTE).closed_at == NOON + MINUTE


def test_an_exam_is_found_in_the_program_in_which_one_has_it(app: Flask, cast: Cast) -> None:
    enrol(cast.learner, "judge")

    assert starting.program_with(cast.learner.person_id, "judges-exam") == "judge"
    assert starting.program_with(cast.learner.person_id, "coach-exam") is None
    assert starting.program_with(cast.stranger.person_id, "judges-exam") is None
