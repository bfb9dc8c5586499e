from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.foundation import outbox
from lms.foundation.database import db
from lms.foundation.outbox import OutboxRow
from tests.support.moments import DAY, HOUR, MINUTE, NOON


@pytest.fixture
def row(app: Flask) -> OutboxRow:
    outbox.put("mail", "mail:1", {"secret": "mailed"}, now=NOON)
    db.session.flush()
    return db.session.scalars(select(OutboxRow)).one()


def test_a_key_is_queued_once(row: OutboxRow) -> None:
    again = outbox.put("mail", "mail:1", {}, now=NOON + DAY)

    assert not again
    assert db.session.scalar(select(func.count()).select_from(OutboxRow)) == 1


def test_a_row_waits_for_its_moment(app: Flask) -> None:
    outbox.put("mail", "mail:later", {}, now=NOON, not_before=NOON + HOUR)
    db.session.flush()

    assert (outbox.any_due(NOON), outbox.any_due(NOON + HOUR)) == (False, True)


def test_what_was_leased_is_hidden_until_the_lease_ends(row: OutboxRow) -> None:
    outbox.lease([row], until=NOON + MINUTE)

    assert outbox.due(NOON) == []
    assert outbox.due(NOON + MINUTE) == [row]


def test_each_retry_waits_twice_as_long_up_to_six_hours(row: OutboxRow) -> None:
    waits: list[timedelta] = []
    for _try in range(14):
        row.retry_later("451", at=NOON)
        waits.append(row.available_at - NOON)

    assert waits[:3] == [timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=40)]
    assert waits[-1] == timedelta(hours=6)


def test_what_is_over_keeps_its_key_and_loses_its_payload(row: OutboxRow) -> None:
    row.deliver(at=NOON)
    db.session.flush()

    assert (row.key, row.payload) == ("mail:1", {})
    assert not outbox.any_due(NOON + DAY)


def test_a_row_that_was_given_up_is_not_tried_again(row: OutboxRow) -> None:
    row.give_up("550 no such mailbox", at=NOON)
    db.session.flush()

    assert row.payload == {}
    assert not outbox.any_due(NOON + DAY)


def test_many_rows_are_queued_at_once(app: Flask) -> None:
    outbox.put_all("advance", {f"advance:{number}": {"person_id": number} for number in range(3)}, now=NOON)
    outbox.put_all("advance", {}, now=NOON)

    assert [row.payload["person_id"] for row in outbox.due(NOON)] == [0, 1, 2]
