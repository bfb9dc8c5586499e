from __future__ import annotations

from sqlalchemy import select

from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.foundation.outbox import OutboxRow
from lms.notices import queries, services
from tests.support.cast import Cast
from tests.support.moments import HOUR, NOON

MESSAGE = Message("Your seat is confirmed.")


def tell(person_id: int, key: str) -> bool:
    return services.tell(person_id, key, "seat", MESSAGE, path="/classes/x", now=NOON)


def test_a_key_is_told_once_and_mailed_once(cast: Cast) -> None:
    told = [tell(cast.learner.person_id, "seat:1"), tell(cast.learner.person_id, "seat:1")]

    assert told == [True, False]
    assert len(queries.own_notices(cast.learner.person_id)) == 1
    assert [row.key for row in db.session.scalars(select(OutboxRow))] == ["mail:seat:1"]


def test_notices_are_read_newest_first_and_by_pages(cast: Cast) -> None:
    for number in range(3):
        tell(cast.learner.person_id, f"seat:{number}")

    first = queries.own_notices(cast.learner.person_id, limit=2)
    rest = queries.own_notices(cast.learner.person_id, before_id=first[-1].id)

    assert [notice.key for notice in (*first, *rest)] == ["seat:2", "seat:1", "seat:0"]


def test_another_persons_notices_are_not_seen(cast: Cast) -> None:
    tell(cast.stranger.person_id, "seat:1")

    assert queries.own_notices(cast.learner.person_id) == []
    assert queries.unseen_count(cast.learner.person_id) == 0


def test_what_was_seen_is_not_counted_again(cast: Cast) -> None:
    tell(cast.learner.person_id, "seat:1")
    services.mark_seen(cast.learner.person_id, now=NOON + HOUR)
    tell(cast.learner.person_id, "seat:2")

    assert queries.unseen_count(cast.learner.person_id) == 1
