"""One person entering one program in many windows."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.catalog import queries
from lms.catalog.models import Enrollment
from lms.catalog.services import AlreadyEnrolled
from lms.foundation.database import db
from lms.notices.models import Notice
from lms.usecases import enrolling
from tests.support.classes import people
from tests.support.moments import NOON
from tests.support.racing import FEW, race, without_row_locks


def enrol(person_id: int) -> str:
    return enrolling.enrol(person_id, "starter", track="", now=NOON).token


def assert_enrolled_once(person_id: int, winners: list[str]) -> None:
    assert list(db.session.scalars(select(Enrollment.token).where(Enrollment.person_id == person_id))) == winners
    assert db.session.scalar(select(func.count()).where(Notice.person_id == person_id)) == 1


def test_many_presses_at_once_make_one_enrollment(app: Flask) -> None:
    [person_id] = people(1)

    ended = race(app, lambda _hand: enrol(person_id), hands=FEW)

    assert (len(ended.answers), ended.refused_with) == (1, {AlreadyEnrolled})
    assert_enrolled_once(person_id, ended.answers)


def test_the_index_alone_makes_one_enrollment(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    [person_id] = people(1)
    monkeypatch.setattr(queries, "is_enrolled", lambda *_of: False)

    with without_row_locks():
        ended = race(app, lambda _hand: enrol(person_id), hands=FEW)

    assert (len(ended.answers), ended.refused_with) == (1, {AlreadyEnrolled})
    assert_enrolled_once(person_id, ended.answers)
