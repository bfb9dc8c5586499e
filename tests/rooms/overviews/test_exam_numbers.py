"""How many sittings of each exam staff are told of: all that they may see, but for their own."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from lms.accounts.models import PersonAlias, Role, ScopeKind
from lms.accounts.rules import Grant, Viewer
from lms.foundation.database import db
from lms.overviews import results
from lms.usecases import submitting
from tests.support.cast import Cast, Member
from tests.support.moments import NOON
from tests.support.sittings import answer_all, sit
from tests.support.statements import statements

Numbers = tuple[int, int, int, int]


def numbers(viewer: Viewer, exam_id: str = "judges-exam") -> Numbers:
    """Attempts, open, waiting for release, and passed."""
    [row] = [row for row in results.exam_rows(viewer) if row.exam.id == exam_id]
    return row.attempts, row.open, row.waiting, row.passed


def passed(cast: Cast, member: Member) -> None:
    attempt = sit(cast, member)
    answer_all(attempt)
    submitting.submit(attempt, now=NOON)
    db.session.commit()


def staff_of(cast: Cast, kind: ScopeKind, scope: str) -> Viewer:
    return replace(cast.staff.viewer(), grants=(Grant(Role.STAFF, kind, scope),))


def test_sittings_are_told_by_what_became_of_them(app: Flask, cast: Cast) -> None:
    passed(cast, cast.learner)
    sit(cast, cast.stranger)
    waits = sit(cast, cast.author, program="official", exam="officials-exam")
    submitting.submit(waits, now=NOON)

    assert numbers(cast.staff.viewer()) == (2, 1, 0, 1)
    assert numbers(cast.staff.viewer(), "officials-exam") == (1, 0, 1, 0)
    assert numbers(cast.staff.viewer(), "coach-exam") == (0, 0, 0, 0)


def test_ones_own_sittings_are_not_among_them_under_whichever_id(app: Flask, cast: Cast) -> None:
    passed(cast, cast.learner)
    passed(cast, cast.staff)
    passed(cast, cast.stranger)
    before = numbers(cast.staff.viewer()), numbers(cast.staff2.viewer())
    db.session.add(
        PersonAlias(
            person_id=cast.stranger.person_id,
            into_id=cast.staff.person_id,
            merged_at=NOON,
            merged_by=cast.staff2.person_id,
        )
    )
    db.session.flush()

    assert before == ((2, 0, 0, 2), (3, 0, 0, 3))
    assert (numbers(cast.staff.viewer()), numbers(cast.staff2.viewer())) == ((1, 0, 0, 1), (3, 0, 0, 3))


def test_staff_of_one_program_are_told_of_that_program_alone(app: Flask, cast: Cast) -> None:
    passed(cast, cast.learner)
    sit(cast, cast.author, program="official", exam="officials-exam")
    judges, officials = (staff_of(cast, ScopeKind.PROGRAM, scope) for scope in ("judge", "official"))

    assert (numbers(judges), numbers(judges, "officials-exam")) == ((1, 0, 0, 1), (0, 0, 0, 0))
    assert (numbers(officials), numbers(officials, "officials-exam")) == ((0, 0, 0, 0), (1, 1, 0, 0))
    assert numbers(staff_of(cast, ScopeKind.CLASS, "some-class")) == (0, 0, 0, 0)


def test_sittings_of_others_are_not_counted_to_tell_them(app: Flask, cast: Cast) -> None:
    passed(cast, cast.learner)
    numbers(cast.staff.viewer())

    with statements(app) as sent:
        numbers(cast.staff.viewer())

    [own] = [statement for statement in sent if "FROM attempt " in statement]
    assert "WHERE attempt.form != " in own
    assert "attempt.person_id IN (SELECT " in own
