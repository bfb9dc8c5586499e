"""How far capabilities reach: what lies outside is not found by any overview."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from lms.accounts.models import Person, Role, ScopeKind
from lms.accounts.rules import Capability, Grant, Viewer
from lms.foundation.database import db
from lms.overviews import authoring, claims, classes, forms, people, queues, results
from lms.overviews.dossier import dossier
from lms.overviews.reach import reach
from lms.overviews.results import Filter
from tests.support.cast import Cast
from tests.support.claims import state
from tests.support.classes import announce, enrol
from tests.support.moments import NOON
from tests.support.sittings import sit


def staff_of(cast: Cast, kind: ScopeKind, scope: str) -> Viewer:
    return replace(cast.staff.viewer(), grants=(Grant(Role.STAFF, kind, scope),))


def test_a_viewer_without_the_capability_finds_nothing(app: Flask, cast: Cast) -> None:
    learner = cast.learner.viewer()
    claim = state(cast.stranger.person_id)
    attempt = sit(cast, cast.stranger)
    offering = announce(cast.instructor)
    stranger = db.session.get_one(Person, cast.stranger.person_id)

    assert reach(learner, Capability.SEE_PEOPLE).nothing
    assert claims.claim_queue(learner).rows == ()
    assert claims.claim_case(learner, claim.token) is None
    assert results.attempt_list(learner, "judges-exam", Filter()).rows == ()
    assert results.attempt_case(learner, attempt.token) is None
    assert sum(row.attempts for row in results.exam_rows(learner)) == 0
    assert people.people_list(learner).rows == ()
    assert dossier(learner, stranger.token, now=NOON) is None
    assert classes.class_list(learner).rows == ()
    assert classes.class_case(learner, offering.token) is None
    assert classes.class_stages(learner) == []
    assert forms.exam_forms(learner) == []
    assert queues.queues(learner, NOON) == []
    assert authoring.tree(learner) == []
    assert authoring.lesson_text(learner, "warm-up-order") is None
    assert authoring.release_case(learner, 1) is None


def test_a_scope_of_one_class_reaches_that_class_alone(app: Flask, cast: Cast) -> None:
    inside, outside = announce(cast.instructor, title="Inside"), announce(cast.instructor, title="Outside")
    viewer = staff_of(cast, ScopeKind.CLASS, inside.token)

    assert [row.title for row in classes.class_list(viewer).rows] == ["Inside"]
    assert classes.class_case(viewer, outside.token) is None
    assert people.people_list(viewer).rows == ()


def test_a_scope_of_one_program_reaches_its_people_alone(app: Flask, cast: Cast) -> None:
    enrol(cast.learner.person_id, "workshop")
    viewer = staff_of(cast, ScopeKind.PROGRAM, "workshop")

    assert [row.name for row in people.people_list(viewer).rows] == [cast.learner.name]


def test_a_scope_of_a_track_reaches_who_chose_it(app: Flask, cast: Cast) -> None:
    enrol(cast.learner.person_id, "workshop").track = "throws"
    enrol(cast.stranger.person_id, "workshop")
    viewer = staff_of(cast, ScopeKind.TRACK, "throws")
    db.session.flush()

    assert [row.name for row in people.people_list(viewer).rows] == [cast.learner.name]


def test_certification_items_need_both_capabilities(app: Flask, cast: Cast) -> None:
    instructor, author = cast.instructor.viewer(), cast.author.viewer()
    found = authoring.exam_bank_text(author, "judges-exam")

    assert authoring.exam_bank_text(instructor, "judges-exam") is None
    assert found is not None
    assert "judge-item-1" in found.source
    assert authoring.exam_banks(instructor) == []
