"""Two of the staff on one claim, and one person who states the same in many windows."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts.models import IN_QUEUE, Claim, ClaimDecided, ClaimDecision, ClaimStatus
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import Conflict
from lms.notices.models import Notice
from lms.usecases import claiming
from tests.support.cast import Cast
from tests.support.claims import NEXT_YEAR, state
from tests.support.classes import people
from tests.support.moments import NOON
from tests.support.racing import FEW, race, without_row_locks


def waiting_claim() -> tuple[int, int]:
    """The ids of a claim in the queue and of the person who made it."""
    [person_id] = people(1)
    return state(person_id).id, person_id


def decide(cast: Cast, claim_id: int, hand: int) -> int:
    """One of two colleagues decides: one approves, the other rejects."""
    viewer, outcome = (
        (cast.staff.viewer(), ClaimStatus.APPROVED) if hand % 2 else (cast.staff2.viewer(), ClaimStatus.REJECTED)
    )
    decision = claiming.decide(db.session.get_one(Claim, claim_id), viewer, outcome, "Seen.", now=NOON)
    return decision.decided_by


def assert_decided_once(claim_id: int, person_id: int, winners: list[int]) -> None:
    [winner] = winners
    db.session.rollback()
    [decision] = db.session.scalars(select(ClaimDecision).where(ClaimDecision.claim_id == claim_id))
    assert decision.decided_by == winner
    assert db.session.get_one(Claim, claim_id).status is decision.outcome
    lines = select(func.count()).where(AuditEntry.action == "decide", AuditEntry.object_id == str(claim_id))
    told = select(func.count()).where(Notice.person_id == person_id, Notice.kind == "claim_decided")
    assert (db.session.scalar(lines), db.session.scalar(told)) == (1, 1)


def test_of_two_who_decide_one_claim_one_is_first(app: Flask, cast: Cast) -> None:
    claim_id, person_id = waiting_claim()

    ended = race(app, lambda hand: decide(cast, claim_id, hand), hands=FEW)

    assert ended.refused_with == {ClaimDecided}
    assert_decided_once(claim_id, person_id, ended.answers)


def test_the_index_alone_takes_one_decision(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    claim_id, person_id = waiting_claim()
    # The claim looks undecided to everybody, and takes every decision.
    monkeypatch.setattr(Claim, "decide", lambda self, outcome: setattr(self, "status", outcome))

    with without_row_locks():
        ended = race(app, lambda hand: decide(cast, claim_id, hand), hands=FEW)

    assert ended.refused_with == {ClaimDecided}
    assert_decided_once(claim_id, person_id, ended.answers)


def claim(person_id: int, hand: int) -> str:
    return claiming.claim(person_id, "membership", "", f"card {hand}", None, NEXT_YEAR, "", now=NOON).token


def in_queue(person_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(Claim).where(Claim.person_id == person_id, IN_QUEUE)) or 0


def test_what_one_person_states_in_many_windows_waits_once(app: Flask) -> None:
    [person_id] = people(1)

    ended = race(app, lambda hand: claim(person_id, hand), hands=FEW)

    assert len(set(ended.answers)) == FEW, "each took the place of the one before"
    assert in_queue(person_id) == 1


def test_the_index_alone_lets_one_wait(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    [person_id] = people(1)
    monkeypatch.setattr(Claim, "replace", lambda _self: None)

    with without_row_locks():
        ended = race(app, lambda hand: claim(person_id, hand), hands=FEW)

    assert (len(ended.answers), ended.refused_with) == (1, {Conflict})
    assert in_queue(person_id) == 1
