"""The sealed audit trail: whatever is done to a row or a seal behind the product's back is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import OperationalError

from lms.foundation import audit, audit_sealing, unit_of_work
from lms.foundation.audit import AuditEntry, AuditSeal
from lms.foundation.audit_verifying import Verified, verify
from lms.foundation.database import db
from tests.support import amounts
from tests.support.moments import HOUR, MINUTE, NOON
from tests.support.racing import at_once

A_BATCH = 4
ENTRIES = 14
SEALS = 4
AT_RANDOM = settings(
    deadline=None,
    max_examples=100 if amounts.WHOLE else 12,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
positions = st.integers(0, ENTRIES - 1)


@pytest.fixture
def sealed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of fourteen entries under four seals; whatever a test tries is undone by `tried`."""
    monkeypatch.setattr(audit_sealing, "BATCH", A_BATCH)
    write(ENTRIES)
    assert audit_sealing.seal_due(NOON + HOUR) == SEALS
    return list(db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def write(count: int, *, at: datetime = NOON) -> None:
    for number in range(count):
        said: dict[str, str | int | None] = {"exam": f"exam “{number}”", "number": number, "none": None}
        audit.record(
            "submit", "attempt", number, actor_id=number % 3 or None, at=at + timedelta(seconds=number), **said
        )
    db.session.commit()


def tried(*changes: Any, head: str = "") -> Verified:
    """What `verify` says after these statements, which are undone afterwards."""
    with unit_of_work.writing(db.session):
        for change in changes:
            db.session.execute(change, execution_options={"synchronize_session": False})
        return verify(head)


def said(found: Verified) -> str:
    assert found.broken is not None
    return found.broken.in_english()


def seal_of(entry_position: int) -> int:
    return entry_position // A_BATCH + 1


def heads() -> list[str]:
    return list(db.session.scalars(select(AuditSeal.digest).order_by(AuditSeal.number)))


# ---- sealing


def test_what_is_sealed_verifies(sealed: list[int]) -> None:
    found = verify(heads()[-1])

    assert (found.sound, found.seals, found.entries, found.head) == (True, SEALS, ENTRIES, heads()[-1])


def test_nothing_is_sealed_twice(sealed: list[int]) -> None:
    before = heads()

    again = [audit_sealing.seal_due(NOON + HOUR), audit_sealing.seal_due(NOON + 2 * HOUR)]

    assert again == [0, 0]
    assert heads() == before


def test_entries_wait_a_minute_to_be_sealed_together(app: Flask) -> None:
    write(3)

    sealed = [audit_sealing.seal_due(NOON + timedelta(seconds=59)), audit_sealing.seal_due(NOON + MINUTE)]

    assert sealed == [0, 1]
    assert db.session.scalar(select(AuditSeal.count)) == 3


def test_entries_from_before_a_clock_was_set_back_are_sealed_at_once(app: Flask) -> None:
    write(3)

    assert audit_sealing.seal_due(NOON - HOUR) == 1


def test_a_turn_without_anything_to_seal_takes_no_lock(sealed: list[int], engine_kind: str) -> None:
    if engine_kind != "sqlite":
        pytest.skip("PostgreSQL has no lock on the whole database")
    db.session.commit()
    with db.engine.connect() as other:  # begins in write mode: holds the lock
        other.exec_driver_sql("SELECT 1")

        assert audit_sealing.seal_due(NOON + 2 * HOUR) == 0


def test_many_workers_at_once_make_one_chain(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_sealing, "BATCH", A_BATCH)
    write(ENTRIES)

    seals = at_once(app, 4, lambda _hand: audit_sealing.seal_due(NOON + HOUR))

    assert sum(seals) == SEALS
    assert verify().sound


def test_entries_are_sealed_while_others_are_written(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_sealing, "BATCH", A_BATCH)

    def hand(index: int) -> int:
        if index % 2:
            return audit_sealing.seal_due(NOON + HOUR)
        write(5)
        return 0

    at_once(app, 8, hand)
    audit_sealing.seal_due(NOON + HOUR)

    found = verify()
    assert (found.broken, found.entries) == (None, 20)


@pytest.fixture
def overtaken(app: Flask, engine_kind: str) -> Iterator[Any]:
    """A connection that has drawn an id and not committed, with an entry of a greater id committed after it."""
    if engine_kind != "postgresql":
        pytest.skip("SQLite has one writer at a time: nobody overtakes")
    entry = {"at": NOON, "action": "a", "object_kind": "k", "object_id": "slow", "details": {}}
    with db.engine.connect() as slow:
        slow.execute(insert(AuditEntry).values(entry))
        write(1)
        yield slow


def test_no_seal_is_set_over_an_id_that_may_still_appear(overtaken: Any) -> None:
    with pytest.raises(OperationalError) as waiting:
        audit_sealing.seal_due(NOON + HOUR)
    overtaken.commit()
    sealed = audit_sealing.seal_due(NOON + HOUR)

    assert unit_of_work.is_busy(waiting.value)
    assert sealed == 1
    assert (verify().broken, verify().entries) == (None, 2)


def test_an_id_that_was_drawn_in_vain_is_no_gap(overtaken: Any) -> None:
    overtaken.rollback()

    audit_sealing.seal_due(NOON + HOUR)

    assert (verify().broken, verify().entries) == (None, 1)


# ---- what is found


CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "at": st.datetimes().map(lambda at: at.replace(tzinfo=NOON.tzinfo)),
    "actor_id": st.none() | st.integers(4, 9999),
    "action": st.sampled_from(["release", "submit ", "Submit", ""]),
    "object_kind": st.sampled_from(["seat", "attempts", ""]),
    "object_id": st.sampled_from(["99", "-1", " 1", ""]),
    "details": st.sampled_from([{}, {"exam": "other"}, {"number": "1"}, {"none": 0}]),
}


@AT_RANDOM
@given(position=positions, column=st.sampled_from(list(CHANGES)), drawn=st.data())
def test_a_change_of_any_column_of_any_entry_is_found(
    sealed: list[int], position: int, column: str, drawn: st.DataObject
) -> None:
    entry_id = sealed[position]
    value = drawn.draw(CHANGES[column])
    standing = db.session.scalar(select(getattr(AuditEntry, column)).where(AuditEntry.id == entry_id))
    if value == standing:
        return

    found = tried(update(AuditEntry).where(AuditEntry.id == entry_id).values({column: value}))

    assert said(found) == f"Entry {entry_id} of seal {seal_of(position)} was changed."
    assert verify().sound


@AT_RANDOM
@given(position=positions)
def test_an_entry_that_was_removed_is_found(sealed: list[int], position: int) -> None:
    found = tried(delete(AuditEntry).where(AuditEntry.id == sealed[position]))

    assert said(found) == f"Entry {sealed[position]} of seal {seal_of(position)} is missing."


@AT_RANDOM
@given(position=positions)
def test_an_entry_that_was_given_another_id_is_found(sealed: list[int], position: int) -> None:
    found = tried(update(AuditEntry).where(AuditEntry.id == sealed[position]).values(id=9999))

    assert said(found) == f"Entry {sealed[position]} of seal {seal_of(position)} is missing."


@AT_RANDOM
@given(pair=st.lists(positions, min_size=2, max_size=2, unique=True).map(sorted))
def test_two_entries_that_were_exchanged_are_found(sealed: list[int], pair: list[int]) -> None:
    first, second = (sealed[position] for position in pair)
    moves = [(first, -1), (second, first), (-1, second)]

    found = tried(*(update(AuditEntry).where(AuditEntry.id == old).values(id=new) for old, new in moves))

    words = "exchanged with another" if seal_of(pair[0]) == seal_of(pair[1]) else "changed"
    assert said(found) == f"Entry {first} of seal {seal_of(pair[0])} was {words}."


def test_an_entry_that_was_added_among_sealed_ones_is_found(sealed: list[int]) -> None:
    copy = {"at": NOON, "actor_id": 1, "action": "a", "object_kind": "k", "object_id": "1", "details": {}}

    found = tried(insert(AuditEntry).values(copy | {"id": sealed[0] - 1}))

    assert said(found) == f"Entry {sealed[0] - 1} was added among the entries of seal 1."


SEAL_CHANGES = {
    "number": 77,
    "first_id": -5,
    "last_id": 7777,
    "count": 3,
    "previous": "a" * 64,
    "prints": b"\0" * 160,
    "digest": "b" * 64,
    "sealed_at": NOON - HOUR,
}


@AT_RANDOM
@given(number=st.integers(1, SEALS), column=st.sampled_from(list(SEAL_CHANGES)))
def test_a_change_of_any_column_of_any_seal_is_found(sealed: list[int], number: int, column: str) -> None:
    found = tried(update(AuditSeal).where(AuditSeal.number == number).values({column: SEAL_CHANGES[column]}))

    what = "is missing" if column == "number" else "was changed"
    assert said(found) == f"Seal {number} {what}."


def test_a_seal_that_was_made_anew_by_itself_is_found_by_the_one_after(sealed: list[int]) -> None:
    forged = db.session.scalars(select(AuditSeal).where(AuditSeal.number == 2)).one()
    forged.sealed_at = NOON
    digest = audit_sealing.digest_of(forged)
    db.session.rollback()

    found = tried(update(AuditSeal).where(AuditSeal.number == 2).values(sealed_at=NOON, digest=digest))

    assert said(found) == "Seal 3 does not follow the seal before it."


def test_every_column_of_both_tables_is_tried(app: Flask) -> None:
    assert {*CHANGES, "id"} == set(AuditEntry.__table__.columns.keys())
    assert set(SEAL_CHANGES) == set(AuditSeal.__table__.columns.keys())


@pytest.mark.parametrize("number", range(1, SEALS))
def test_a_seal_that_was_removed_is_found(sealed: list[int], number: int) -> None:
    found = tried(delete(AuditSeal).where(AuditSeal.number == number))

    assert said(found) == f"Seal {number} is missing."


@pytest.mark.parametrize("left", range(SEALS))
def test_a_trail_that_was_cut_off_at_its_end_is_found_with_a_digest_from_outside(sealed: list[int], left: int) -> None:
    kept = sealed[: left * A_BATCH]
    cut = (delete(AuditSeal).where(AuditSeal.number > left), delete(AuditEntry).where(AuditEntry.id.not_in(kept)))

    assert tried(*cut).sound
    assert "was cut off or made anew" in said(tried(*cut, head=heads()[-1]))


def test_a_trail_that_was_made_anew_as_a_whole_is_found_with_a_digest_from_outside(sealed: list[int]) -> None:
    noted = heads()[0]
    db.session.execute(delete(AuditSeal))
    db.session.execute(update(AuditEntry).where(AuditEntry.id == sealed[0]).values(action="forged"))
    db.session.commit()
    audit_sealing.seal_due(NOON + HOUR)

    assert verify().sound
    assert "was cut off or made anew" in said(verify(noted))


def test_an_older_digest_is_still_known_after_more_was_sealed(sealed: list[int]) -> None:
    noted = heads()[1]
    write(3, at=NOON + HOUR)
    audit_sealing.seal_due(NOON + 2 * HOUR)

    assert verify(noted.upper()).sound


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE audit_entry SET at = 'yesterday' WHERE id = {id}", "Entry {id} of seal 1 was changed."),
        ("UPDATE audit_entry SET details = '{{' WHERE id = {id}", "Entry {id} of seal 1 was changed."),
        ("UPDATE audit_entry SET action = x'00ff' WHERE id = {id}", "Entry {id} of seal 1 was changed."),
        ("UPDATE audit_seal SET prints = 'text' WHERE number = 1", "Seal 1 was changed."),
        ("UPDATE audit_seal SET sealed_at = 'never' WHERE number = 1", "Seal 1 was changed."),
    ],
)
def test_what_can_not_even_be_read_is_named(sealed: list[int], engine_kind: str, change: str, found: str) -> None:
    if engine_kind != "sqlite":
        pytest.skip("PostgreSQL refuses values of another type")
    entry_id = sealed[1]

    assert said(tried(text(change.format(id=entry_id)))) == found.format(id=entry_id)


def test_entries_that_no_seal_covers_yet_are_not_looked_at(sealed: list[int]) -> None:
    write(2, at=NOON + HOUR)

    found = verify()

    assert (found.broken, found.entries) == (None, ENTRIES)
    assert db.session.scalar(select(func.count(AuditEntry.id))) == ENTRIES + 2
