"""Two colleagues who open one form of an exam: it is open, and on record once."""

from __future__ import annotations

import pytest
import sqlalchemy
from flask import Flask
from sqlalchemy import delete, func, select

from lms.assessment.models import FormActivation
from lms.assessment.services import activating as service
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import Conflict
from lms.usecases import activating
from tests.support.cast import Cast
from tests.support.moments import NOON
from tests.support.racing import FEW, race, without_row_locks

EXAM, FORM = "coach-exam", "a"


@pytest.fixture(autouse=True)
def shut(app: Flask) -> None:
    """Nobody opened the form before."""
    db.session.execute(delete(FormActivation).where(FormActivation.exam_id == EXAM))
    db.session.commit()


def activate(cast: Cast, hand: int) -> tuple[int, int]:
    """Open the form as one of two colleagues; the activation that stands, and who opened it."""
    viewer = (cast.staff if hand % 2 else cast.staff2).viewer()
    reviewer = cast.administrator.person_id
    standing = activating.activate(viewer, EXAM, FORM, now=NOON, reviewed_by=reviewer)
    return standing.id, standing.activated_by


def times_on_record() -> int:
    """How often opening any form was put on record; lines of the trail can't be taken away between races."""
    lines = select(func.count()).where(AuditEntry.object_kind == "form_activation", AuditEntry.action == "activate")
    return db.session.scalar(lines) or 0


def assert_opened_once(answers: list[tuple[int, int]]) -> None:
    [answer] = set(answers)
    [standing] = db.session.scalars(select(FormActivation).where(FormActivation.exam_id == EXAM))
    assert (standing.id, standing.activated_by) == answer


def test_of_two_who_open_a_form_one_does_and_the_other_finds_it_open(app: Flask, cast: Cast) -> None:
    before = times_on_record()

    ended = race(app, lambda hand: activate(cast, hand), hands=FEW)

    assert len(ended.answers) == FEW
    assert_opened_once(ended.answers)
    assert times_on_record() == before + 1


def test_the_key_alone_opens_a_form_once(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "insert_once", sqlalchemy.insert)
    before = times_on_record()

    with without_row_locks():
        ended = race(app, lambda hand: activate(cast, hand), hands=FEW)

    assert (len(ended.answers), ended.refused_with) == (1, {Conflict})
    assert_opened_once(ended.answers)
    assert times_on_record() == before + 1


def test_a_form_that_was_shut_is_opened_anew_once(app: Flask, cast: Cast) -> None:
    activate(cast, 0)
    activating.withdraw(cast.staff.viewer(), EXAM, FORM, now=NOON)
    before = times_on_record()

    ended = race(app, lambda hand: activate(cast, hand), hands=FEW)

    assert len(set(ended.answers)) == 1
    assert times_on_record() == before + 1
