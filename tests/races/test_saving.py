"""Saves of one answer that arrive in any order: the newest stands, each is kept once, none comes after the end."""

from __future__ import annotations

import random

import pytest
from flask import Flask
from sqlalchemy import select

from lms.assessment import queries, services
from lms.assessment.models import AnswerEntry, Attempt, AttemptClosed
from lms.assessment.rules.journal import Receipt
from lms.assessment.services import Save, saving
from lms.foundation.database import db
from lms.usecases import starting, submitting
from tests.support.cast import Cast
from tests.support.classes import enrol, people
from tests.support.moments import MINUTE, NOON
from tests.support.racing import HANDS, race, without_row_locks
from tests.support.sittings import open_forms

SEQUENCES = HANDS // 2  # each is sent twice, as by a browser that did not hear the answer


def sitting_under_way(cast: Cast) -> Attempt:
    open_forms(cast, "judges-exam")
    [person_id] = people(1)
    enrol(person_id, "judge")
    attempt = starting.start(person_id, "judge", "judges-exam", now=NOON)
    db.session.commit()
    return attempt


def deliveries() -> list[int]:
    """Every sequence twice, the order of arrival shuffled; threads shuffle it once more."""
    sent = [*range(1, SEQUENCES + 1)] * 2
    random.Random(42).shuffle(sent)  # noqa: S311  # a seed, so that a failure can be looked at again
    return sent


def option_of(sequence: int) -> str:
    return str(sequence % 4)


def save(attempt: tuple[int, str], sequence: int) -> Receipt:
    person_id, token = attempt
    return services.save_answer(person_id, token, Save(1, sequence, [option_of(sequence)]), now=NOON + MINUTE)


def journal(attempt: Attempt) -> list[int]:
    lines = select(AnswerEntry.sequence).where(AnswerEntry.attempt_id == attempt.id).order_by(AnswerEntry.id)
    return list(db.session.scalars(lines))


def assert_newest_stands(attempt: Attempt, newest: int) -> None:
    [place, *_others] = queries.sitting(attempt).places
    assert place.entry is not None
    assert place.entry.sequence == newest
    assert place.response == {"options": [place.order[int(option_of(newest))]]}


def test_an_older_save_that_arrives_later_changes_nothing(app: Flask, cast: Cast) -> None:
    attempt, sent = sitting_under_way(cast), deliveries()
    sitter = (attempt.person_id, attempt.token)

    ended = race(app, lambda hand: (sent[hand], save(sitter, sent[hand])), hands=len(sent))

    assert len(ended.answers) == len(sent), "a stale save is answered, not refused"
    for number, receipt in ended.answers:
        assert receipt.sequence >= number
        assert receipt.stands == (receipt.sequence == number)
    assert sorted(journal(attempt)) == list(range(1, SEQUENCES + 1))
    assert_newest_stands(attempt, SEQUENCES)


def test_the_key_alone_keeps_each_save_once_and_lets_the_newest_stand(app: Flask, cast: Cast) -> None:
    attempt, sent = sitting_under_way(cast), deliveries()
    sitter = (attempt.person_id, attempt.token)

    with without_row_locks():
        ended = race(app, lambda hand: save(sitter, sent[hand]).position, hands=len(sent))

    assert len(ended.answers) == len(sent)
    assert sorted(journal(attempt)) == list(range(1, SEQUENCES + 1))
    assert_newest_stands(attempt, SEQUENCES)


# ---- the end


def save_or_submit(attempt_id: int, sitter: tuple[int, str], hand: int) -> int | None:
    """One hand in the middle hands in; every other saves. The sequence that was acknowledged."""
    if hand == SEQUENCES // 2:
        submitting.submit(db.session.get_one(Attempt, attempt_id), now=NOON + MINUTE)
        return None
    return save(sitter, hand + 1).sequence


def assert_score_is_what_is_stored(attempt: Attempt, acknowledged: list[int | None]) -> None:
    db.session.rollback()
    db.session.expire_all()
    score = queries.score_of(attempt.id)
    assert score is not None
    assert score.raw == services.marked_anew(attempt).raw
    assert set(journal(attempt)) >= {sequence for sequence in acknowledged if sequence is not None}


def test_what_is_acknowledged_while_somebody_hands_in_is_in_the_score(app: Flask, cast: Cast) -> None:
    attempt = sitting_under_way(cast)
    attempt_id, sitter = attempt.id, (attempt.person_id, attempt.token)

    ended = race(app, lambda hand: save_or_submit(attempt_id, sitter, hand), hands=SEQUENCES)

    assert ended.refused_with <= {AttemptClosed}
    assert len(journal(attempt)) == len(ended.answers) - 1
    assert_score_is_what_is_stored(attempt, ended.answers)


def test_the_journal_alone_takes_nothing_after_the_end(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = sitting_under_way(cast)
    attempt_id, sitter = attempt.id, (attempt.person_id, attempt.token)
    monkeypatch.setattr(saving, "_refuse_closed", lambda _row, _at: None)

    with without_row_locks():
        ended = race(app, lambda hand: save_or_submit(attempt_id, sitter, hand), hands=SEQUENCES)
        late = race(app, lambda hand: save(sitter, 100 + hand), hands=2)

    assert ended.refused_with <= {AttemptClosed}
    assert (late.answers, late.refused_with) == ([], {AttemptClosed})
    assert_score_is_what_is_stored(attempt, [])
