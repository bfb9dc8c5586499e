"""Fifty hands on one sitting: begun once, scored once, certified once, told once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.assessment import queries, services
from lms.assessment.models import Attempt, AttemptStatus, OutcomeRelease, Score
from lms.assessment.services import StartedElsewhere
from lms.credentials import queries as credential_queries
from lms.credentials import services as credentials
from lms.credentials.models import Certificate
from lms.credentials.rules import AwardKey
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import Conflict
from lms.foundation.outbox import OutboxRow
from lms.notices.models import Notice
from lms.usecases import starting, submitting
from tests.support.cast import Cast
from tests.support.classes import enrol, people
from tests.support.moments import MINUTE, NOON
from tests.support.racing import FEW, HANDS, at_once, race, without_row_locks
from tests.support.sittings import answer_all, open_forms

PROGRAM, EXAM, ATTEMPTS = "judge", "judges-exam", 3


def learner(cast: Cast) -> int:
    """Somebody who may sit the exam."""
    open_forms(cast, EXAM)
    [person_id] = people(1)
    enrol(person_id, PROGRAM)
    return person_id


def start(person_id: int) -> Attempt:
    return starting.start(person_id, PROGRAM, EXAM, now=NOON)


def with_one_attempt_left(cast: Cast) -> int:
    person_id = learner(cast)
    for _attempt in range(ATTEMPTS - 1):
        submitting.submit(start(person_id), now=NOON)
    return person_id


def attempts_of(person_id: int) -> list[tuple[int, AttemptStatus]]:
    rows = select(Attempt.number, Attempt.status).where(Attempt.person_id == person_id).order_by(Attempt.number)
    return [(number, status) for number, status in db.session.execute(rows)]


USED = [(number, AttemptStatus.RELEASED) for number in range(1, ATTEMPTS)]
LAST = (ATTEMPTS, AttemptStatus.IN_PROGRESS)


def audited(action: str, person_id: int) -> int:
    lines = select(func.count()).where(AuditEntry.action == action, AuditEntry.actor_id == person_id)
    return db.session.scalar(lines) or 0


# ---- starting


def test_fifty_starts_of_the_last_attempt_begin_one_sitting(app: Flask, cast: Cast) -> None:
    person_id = with_one_attempt_left(cast)

    ended = race(app, lambda _hand: start(person_id).token)

    assert (len(ended.answers), len(set(ended.answers))) == (HANDS, 1)
    assert attempts_of(person_id) == [*USED, LAST]
    assert audited("start", person_id) == ATTEMPTS


def test_the_index_alone_begins_one_sitting(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = with_one_attempt_left(cast)
    monkeypatch.setattr(queries, "open_attempt", lambda *_of: None)

    with without_row_locks():
        ended = race(app, lambda _hand: start(person_id).token, hands=FEW)

    assert len(ended.answers) == 1
    assert ended.refused_with == {StartedElsewhere}
    assert attempts_of(person_id) == [*USED, LAST]
    assert audited("start", person_id) == ATTEMPTS


# ---- submitting


def answered_sitting(cast: Cast) -> Attempt:
    attempt = start(learner(cast))
    db.session.commit()
    answer_all(attempt)
    return attempt


def hand_in(attempt_id: int) -> tuple[AttemptStatus, int, Decimal]:
    """What a hand sees in the end: the sitting's state and the score that counts."""
    submitted = submitting.submit(db.session.get_one(Attempt, attempt_id), now=NOON + MINUTE)
    assert submitted.score is not None
    return submitted.attempt.status, submitted.score.id, submitted.score.scaled


def traces(attempt: Attempt) -> dict[str, int]:
    """How often each thing that follows from handing in was done, for a person who sat this once."""

    def count(table: type[Score | OutcomeRelease | Certificate | Notice], column: object, value: object) -> int:
        return db.session.scalar(select(func.count()).select_from(table).where(column == value)) or 0  # type: ignore[arg-type]  # a column compared is a condition

    keys = select(Notice.key).where(Notice.person_id == attempt.person_id)
    told = [f"mail:{key}" for key in db.session.scalars(keys)]
    return {
        "scores": count(Score, Score.attempt_id, attempt.id),
        "releases": count(OutcomeRelease, OutcomeRelease.attempt_id, attempt.id),
        "certificates": count(Certificate, Certificate.person_id, attempt.person_id),
        "results told": sum(key == f"mail:result:{attempt.id}" for key in told),
        "certificates told": sum(key.startswith("mail:certificate:") for key in told),
        "mails beyond one a notice": db.session.scalar(select(func.count()).where(OutboxRow.key.in_(told))) - len(told),  # type: ignore[operator]  # a count is never None
        "submits on record": audited("submit", attempt.person_id),
    }


ONCE = {
    "scores": 1,
    "releases": 1,
    "certificates": 1,
    "results told": 1,
    "certificates told": 1,
    "mails beyond one a notice": 0,
    "submits on record": 1,
}


def test_fifty_submits_give_one_score_and_the_same_answer_to_all(app: Flask, cast: Cast) -> None:
    attempt = answered_sitting(cast)
    attempt_id = attempt.id

    ended = race(app, lambda _hand: hand_in(attempt_id))

    assert (len(ended.answers), len(set(ended.answers))) == (HANDS, 1)
    assert ended.answers[0][0] is AttemptStatus.RELEASED
    assert ended.answers[0][2] == 1
    assert traces(attempt) == ONCE


def test_the_tables_alone_score_and_certify_once(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = answered_sitting(cast)
    attempt_id = attempt.id
    # Everybody believes to be the first: the sitting looks open, and no score is seen.
    monkeypatch.setattr(Attempt, "is_open", True)
    monkeypatch.setattr(queries, "score_of", lambda _attempt_id: None)

    with without_row_locks():
        ended = race(app, lambda _hand: hand_in(attempt_id), hands=FEW)

    assert len(ended.answers) == 1
    assert ended.refused_with == {Conflict}
    assert traces(attempt) == ONCE


# ---- certificates


def award(person_id: int, number: int) -> AwardKey:
    return AwardKey(person_id, "judge", f"race {number}", "")


def issue(key: AwardKey) -> str:
    certificate, _is_new = credentials.issue(
        key,
        holder_name="Coach",
        enrollment_id=None,
        snapshot={},
        issued_on=NOON.date(),
        expires_on=None,
        now=NOON,
    )
    return certificate.code


def certificates_of(person_id: int) -> int:
    return db.session.scalar(select(func.count()).where(Certificate.person_id == person_id)) or 0


def test_many_decisions_issue_one_certificate(app: Flask) -> None:
    [person_id] = people(1)

    ended = race(app, lambda _hand: issue(award(person_id, 1)), hands=FEW)

    assert len(set(ended.answers)) == 1
    assert ended.refused_with <= {Conflict}, "those who looked before the first had committed"
    assert certificates_of(person_id) == 1


def test_the_index_alone_issues_one_certificate(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    [person_id] = people(1)
    monkeypatch.setattr(credential_queries, "standing_certificate_for", lambda _award: None)

    ended = race(app, lambda _hand: issue(award(person_id, 2)), hands=FEW)

    assert (len(ended.answers), ended.refused_with) == (1, {Conflict})
    assert certificates_of(person_id) == 1


def test_every_sitting_is_counted_while_numbers_are_put_together(app: Flask, cast: Cast) -> None:
    open_forms(cast, EXAM)
    hands = people(FEW)
    for person_id in hands:
        enrol(person_id, PROGRAM)

    def work(index: int) -> int:
        if index >= FEW:
            services.fold(EXAM, PROGRAM, "")
            return 0
        attempt = start(hands[index])
        answer_all(attempt)
        submitting.submit(attempt, now=NOON + MINUTE)
        return 1

    before = queries.tally_differences()
    answers = at_once(app, FEW + 4, work)

    assert sum(answers) == FEW
    assert (before, queries.tally_differences()) == ([], [])


def test_counting_anew_loses_nobody_who_sits_meanwhile(app: Flask, cast: Cast) -> None:
    open_forms(cast, EXAM)
    hands = people(FEW)
    for person_id in hands:
        enrol(person_id, PROGRAM)

    def work(index: int) -> int:
        if index >= FEW:
            services.recount()
            return 0
        submitting.submit(start(hands[index]), now=NOON + MINUTE)
        return 1

    at_once(app, FEW + 2, work)

    assert queries.tally_differences() == []
