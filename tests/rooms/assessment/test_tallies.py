"""The numbers of sittings that are kept: at each moment what counting all of them gives."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from lms import worker
from lms.assessment import queries, services
from lms.assessment.models import Attempt, AttemptTally, ClosedBy
from lms.assessment.services.tallying import MOST_ROWS
from lms.content import queries as content
from lms.foundation.database import db
from tests.support.cast import Cast, Member
from tests.support.moments import HOUR, NOON
from tests.support.sittings import answer_all, enrol, open_forms, sit

Numbers = tuple[int, ...]


def kept(exam_id: str = "judges-exam") -> Numbers:
    """Attempts, running, waiting for release, and passed, as they are kept."""
    of_exam = select(*queries.SUMS).where(AttemptTally.exam_id == exam_id)
    return tuple(int(number or 0) for number in db.session.execute(of_exam).one())


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(AttemptTally)) or 0


def sit_again(member: Member) -> Attempt:
    """Another sitting within the enrollment that is there."""
    [earlier, *_rest] = db.session.scalars(select(Attempt).where(Attempt.person_id == member.person_id))
    release_id = content.current_release_id()
    exam = content.exam(release_id, earlier.exam_id)
    assert exam is not None
    return services.start(
        enrollment_id=earlier.enrollment_id,
        person_id=member.person_id,
        release_id=release_id,
        exam=exam,
        now=NOON + HOUR,
        window_ends_at=None,
    )


def sit_often(cast: Cast, times: int) -> None:
    attempt = sit(cast, cast.learner)
    for _time in range(times - 1):
        services.close(attempt, at=NOON, by=ClosedBy.LEARNER)
        attempt = sit_again(cast.learner)
    db.session.commit()


@pytest.mark.parametrize(("right", "passed"), [(4, 1), (0, 0)])
def test_each_fact_changes_the_numbers_with_it(app: Flask, cast: Cast, right: int, passed: int) -> None:
    attempt = sit(cast, cast.learner)
    answer_all(attempt, right=right)
    told = [kept()]
    for step in (
        lambda: services.close(attempt, at=NOON, by=ClosedBy.LEARNER),
        lambda: services.score(attempt, at=NOON),
        lambda: services.score(attempt, at=NOON),
        lambda: services.release(attempt, at=NOON, by=None),
        lambda: services.release(attempt, at=NOON, by=None),
    ):
        step()
        told.append(kept())
        assert queries.tally_differences() == []

    before = [(1, 1, 0, 0), (1, 0, 1, 0)]
    assert told == [*before, (1, 0, 1, passed), (1, 0, 1, passed), (1, 0, 0, passed), (1, 0, 0, passed)]


def test_what_is_undone_changes_no_number(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)
    db.session.rollback()

    assert kept() == (1, 1, 0, 0)
    assert queries.tally_differences() == []


def test_a_start_that_finds_an_open_sitting_is_not_counted(app: Flask, cast: Cast) -> None:
    sit(cast, cast.learner)

    sit_again(cast.learner)

    assert kept() == (1, 1, 0, 0)


def test_quizzes_are_not_counted(app: Flask, cast: Cast) -> None:
    enrolled = enrol(cast.author, "starter")
    quiz = content.exam(enrolled.release_id, "warming-up-quiz")
    assert quiz is not None

    attempt = services.start(
        enrollment_id=enrolled.id,
        person_id=cast.author.person_id,
        release_id=enrolled.release_id,
        exam=quiz,
        now=NOON,
        window_ends_at=None,
    )
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)

    assert rows() == 0
    assert queries.tally_differences() == []


def test_rows_are_put_together_when_they_are_many(app: Flask, cast: Cast) -> None:
    sit_often(cast, MOST_ROWS)
    before, scattered = kept(), services.rows_to_fold()

    for kind in scattered:
        services.fold(*kind)

    assert [exam_id for exam_id, _program, _track in scattered] == ["judges-exam"]
    assert (kept(), rows()) == (before, 1)
    assert services.rows_to_fold() == []
    assert queries.tally_differences() == []


def test_the_worker_puts_rows_together(app: Flask, cast: Cast) -> None:
    sit_often(cast, MOST_ROWS)
    before = kept()

    worker.run_once(NOON)

    assert (kept(), rows()) == (before, 1)


def test_rows_of_another_exam_stay_where_they_are(app: Flask, cast: Cast) -> None:
    sit(cast, cast.stranger, program="official", exam="officials-exam")
    sit(cast, cast.learner)

    services.fold("judges-exam", "judge", "")

    assert (kept(), kept("officials-exam")) == ((1, 1, 0, 0), (1, 1, 0, 0))


def test_folding_what_has_no_row_makes_none(app: Flask) -> None:
    services.fold("judges-exam", "judge", "")

    assert rows() == 0


def test_wrong_numbers_are_named_and_mended_by_counting(app: Flask, cast: Cast) -> None:
    open_forms(cast, "officials-exam")
    sit_often(cast, 3)
    right = kept()
    db.session.execute(update(AttemptTally).values(passed=7))
    [difference] = queries.tally_differences()

    services.recount()

    assert (difference.exam_id, difference.kept, difference.counted) == ("judges-exam", (*right[:3], 35), right)
    assert (kept(), queries.tally_differences()) == (right, [])


def test_lost_numbers_are_named(app: Flask, cast: Cast) -> None:
    sit(cast, cast.learner)

    db.session.execute(delete(AttemptTally))

    assert [one.counted for one in queries.tally_differences()] == [(1, 1, 0, 0)]
