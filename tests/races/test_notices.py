"""Many hands that tell one thing: it is told once, and mailed once."""

from __future__ import annotations

import pytest
import sqlalchemy
from flask import Flask
from sqlalchemy import func, select

from lms.foundation.database import db
from lms.foundation.errors import Conflict
from lms.foundation.messages import Message
from lms.foundation.outbox import OutboxRow
from lms.notices import services
from lms.notices.models import Notice
from tests.support.classes import people
from tests.support.moments import NOON
from tests.support.racing import FEW, race


def tell(person_id: int, key: str) -> bool:
    return services.tell(person_id, key, "seat", Message("Your seat is confirmed."), path="/classes", now=NOON)


def told_and_mailed(key: str) -> tuple[int | None, int | None]:
    told = select(func.count()).select_from(Notice).where(Notice.key == key)
    mailed = select(func.count()).select_from(OutboxRow).where(OutboxRow.key == f"mail:{key}")
    return db.session.scalar(told), db.session.scalar(mailed)


def test_a_key_that_many_tell_is_told_once(app: Flask) -> None:
    [person_id] = people(1)
    key = f"told:{person_id}"

    ended = race(app, lambda _hand: tell(person_id, key), hands=FEW)

    assert sorted(ended.answers) == [False] * (FEW - 1) + [True]
    assert told_and_mailed(key) == (1, 1)


def test_the_key_alone_is_told_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "insert_once", sqlalchemy.insert)
    [person_id] = people(1)
    key = f"told:{person_id}"

    ended = race(app, lambda _hand: tell(person_id, key), hands=FEW)

    assert (ended.answers, ended.refused_with) == ([True], {Conflict})
    assert told_and_mailed(key) == (1, 1)
