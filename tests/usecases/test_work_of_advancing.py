"""How much is asked and judged when somebody is moved on: counted, since nothing timed is asserted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask import Flask

from lms.accounts import services as accounts
from lms.foundation.database import db
from lms.pathway import index
from lms.pathway.models import StandingRow
from lms.requirements.tree import Leaf
from lms.usecases import advancing
from tests.support.cast import Cast
from tests.support.moments import MINUTE, NOON
from tests.support.statements import statements
from tests.support.studying import be_member_of_age, enrolled

OF_AN_ADVANCE = 9  # person, clock, enrollments; under which ids, what is held, what was done; pinned, current; the row


def test_moving_somebody_on_takes_the_same_few_statements(app: Flask, cast: Cast) -> None:
    be_member_of_age(cast.learner)
    enrolled(cast.learner, "coach")
    db.session.commit()
    advancing.advance(cast.learner.person_id, now=NOON)
    db.session.commit()

    with statements(app) as sent:
        advancing.advance(cast.learner.person_id, now=NOON)

    assert len(sent) <= OF_AN_ADVANCE


def test_what_stages_ask_is_judged_once(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    enrolled(cast.learner)
    judged: Counter[Leaf] = Counter()
    original = Leaf.decide

    def counted(self: Leaf, *known: Any, **more: Any) -> Any:
        judged[self] += 1
        return original(self, *known, **more)

    monkeypatch.setattr(Leaf, "decide", counted)
    advancing.advance(cast.learner.person_id, now=NOON)

    assert judged
    assert set(judged.values()) == {1}


def test_who_is_held_is_not_asked_for_again_until_something_is_undone(app: Flask, cast: Cast) -> None:
    person_id = cast.learner.person_id
    db.session.commit()

    with statements(app) as sent:
        accounts.lock_person(person_id)
        accounts.lock_person(person_id)
        with db.session.begin_nested():
            pass
        accounts.lock_person(person_id)  # a savepoint that is let go lets go of nobody
        db.session.begin_nested().rollback()
        accounts.lock_person(person_id)
        db.session.rollback()
        accounts.lock_person(person_id)

    assert len([one for one in sent if "FROM person" in one]) == 3


def test_a_row_of_the_index_that_was_read_before_shows_what_was_written_since(app: Flask, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)
    row = db.session.get_one(StandingRow, enrollment.id)
    assert row.decided_at < NOON + MINUTE

    advancing.advance(cast.learner.person_id, now=NOON + MINUTE)

    assert row.decided_at == NOON + MINUTE
    assert index.clock_of(cast.learner.person_id, NOON) == NOON + MINUTE
