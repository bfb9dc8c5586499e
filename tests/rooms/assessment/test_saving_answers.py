"""The answer journal: what is acknowledged stands, whatever comes late, twice or in another order."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from lms.assessment import queries, services
from lms.assessment.models import AnswerEntry, Attempt, AttemptClosed, ClosedBy
from lms.assessment.rules.journal import Receipt
from lms.assessment.services import Save
from lms.foundation.database import db
from lms.foundation.errors import Invalid, NotFound
from lms.items import BadResponse
from tests.support.cast import Cast
from tests.support.moments import HOUR, MINUTE, NOON
from tests.support.racing import at_once
from tests.support.sittings import answer, sit, values_of
from tests.support.statements import statements

SECOND = MINUTE / 60
LIMIT = 30 * MINUTE
HANDS = 20


def save(attempt: Attempt, position: int, sequence: int, *values: str, now: datetime = NOON) -> Receipt:
    return services.save_answer(attempt.person_id, attempt.token, Save(position, sequence, values), now=now)


def journal(attempt: Attempt) -> list[AnswerEntry]:
    return list(
        db.session.scalars(select(AnswerEntry).where(AnswerEntry.attempt_id == attempt.id).order_by(AnswerEntry.id))
    )


def standing(attempt: Attempt, position: int) -> object:
    place = queries.sitting(attempt).place(position)
    assert place is not None
    return place.response


def test_a_save_is_written_with_the_option_behind_its_place(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    place = queries.sitting(attempt).places[0]

    receipt = save(attempt, 1, 1, "2")

    assert receipt == Receipt(1, 1, NOON, stands=True, remaining_seconds=30 * 60)
    assert journal(attempt)[0].response == {"options": [place.order[2]]}


def test_the_later_sequence_stands_whichever_comes_first(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    save(attempt, 1, 20, "0")

    stale = save(attempt, 1, 10, "1", now=NOON + MINUTE)

    assert (stale.sequence, stale.saved_at, stale.stands) == (20, NOON, False)
    assert standing(attempt, 1) == journal(attempt)[0].response
    assert len(journal(attempt)) == 2


def test_a_repeated_save_is_answered_and_not_written_again(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    first = save(attempt, 1, 7, "0")

    again = save(attempt, 1, 7, "0", now=NOON + MINUTE)

    assert (again.sequence, again.saved_at, again.stands) == (first.sequence, first.saved_at, True)
    assert len(journal(attempt)) == 1


def test_another_answer_under_a_number_that_is_taken_is_told_that_it_does_not_stand(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    save(attempt, 1, 7, "0")

    other = save(attempt, 1, 7, "1")

    assert (other.sequence, other.stands) == (7, False)
    assert len(journal(attempt)) == 1


def test_a_stale_save_that_comes_twice_is_written_once(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    save(attempt, 1, 9, "0")
    save(attempt, 1, 3, "1")

    again = save(attempt, 1, 3, "1")

    assert (again.sequence, again.stands) == (9, False)
    assert len(journal(attempt)) == 2


def test_a_flag_travels_with_the_answer_and_earns_nothing(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    services.save_answer(attempt.person_id, attempt.token, Save(2, 1, (), flagged=True), now=NOON)

    sat = queries.sitting(attempt)
    assert (sat.flagged, sat.answered, sat.first_unanswered()) == (1, 0, 1)


def test_an_unknown_attempt_and_another_persons_are_the_same(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    refusals = []
    for token in (attempt.token, "no-such-attempt"):
        with pytest.raises(NotFound) as refusal:
            services.save_answer(cast.stranger.person_id, token, Save(1, 1, ("0",)), now=NOON)
        refusals.append(refusal.value.message)

    assert refusals[0] == refusals[1]
    assert journal(attempt) == []


def test_a_position_that_the_attempt_does_not_have_is_not_found(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    for position in (-1, 0, 5, 10**9, 10**12):
        with pytest.raises(NotFound):
            save(attempt, position, 1, "0")


def test_a_sequence_out_of_range_is_refused(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    for sequence in (-1, 0, 10**9 + 1, 2**63):
        with pytest.raises(Invalid):
            save(attempt, 1, sequence, "0")


def test_what_no_honest_page_sends_is_refused(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)

    for values in (("4",), ("-1",), ("o1",), ("٣",), ("0", "1"), ("99999999999999",), ("0 ",)):
        with pytest.raises(BadResponse):
            save(attempt, 1, 1, *values)
    assert journal(attempt) == []


@pytest.mark.parametrize(
    ("after", "taken"), [(LIMIT - SECOND, True), (LIMIT, True), (LIMIT + 5 * SECOND, True), (LIMIT + 6 * SECOND, False)]
)
def test_the_limit_counts_with_a_few_seconds_for_the_wire(app: Flask, cast: Cast, after: object, taken: bool) -> None:
    attempt = sit(cast, cast.learner)
    moment = NOON + after  # type: ignore[operator]  # parametrized timedelta

    if taken:
        assert save(attempt, 1, 1, "0", now=moment).stands
    else:
        with pytest.raises(AttemptClosed):
            save(attempt, 1, 1, "0", now=moment)
    assert len(journal(attempt)) == taken


def test_a_clock_that_steps_back_gives_no_more_time(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    save(attempt, 1, 1, "0", now=NOON + 29 * MINUTE)

    back = save(attempt, 2, 1, "0", now=NOON - 2 * HOUR)

    assert back.saved_at == NOON + 29 * MINUTE
    assert back.remaining_seconds == 60
    assert queries.sitting(attempt).remaining(NOON - 2 * HOUR) == MINUTE


def test_a_closed_attempt_takes_nothing(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    services.close(attempt, at=NOON, by=ClosedBy.LEARNER)

    with pytest.raises(AttemptClosed) as refusal:
        save(attempt, 1, 1, "0")

    assert refusal.value.kept is not None
    assert journal(attempt) == []


def test_a_save_takes_two_statements(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    queries.sitting(attempt)
    person_id, token = attempt.person_id, attempt.token
    db.session.commit()

    with statements(app) as sent:
        services.save_answer(person_id, token, Save(1, 1, ("0",)), now=NOON)

    assert len(sent) == 2, sent


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture
    ],  # the database is shared; each example clears the journal
)
@given(saves=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=1, max_size=12))
def test_any_order_of_saves_leaves_the_highest_sequence(app: Flask, cast: Cast, saves: list[tuple[int, int]]) -> None:
    attempt = db.session.scalar(select(Attempt)) or sit(cast, cast.learner)
    db.session.execute(delete(AnswerEntry))
    order = queries.sitting(attempt).places[0].order
    first: dict[int, int] = {}

    for sequence, choice in saves:
        first.setdefault(sequence, choice)
        receipt = save(attempt, 1, sequence, str(choice))
        assert receipt.sequence == max(first)
        assert receipt.stands == (sequence == max(first) and first[sequence] == choice)

    assert standing(attempt, 1) == {"options": [order[first[max(first)]]]}


def test_every_type_of_item_is_answered_rightly_and_wrongly(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    places = queries.sitting(attempt).places

    kinds = {place.document.item.type for place in places}
    for place in places:
        answer(attempt, place.position, right=place.position % 2 == 1)

    assert kinds == {"single", "multiple", "numeric", "true-false"}
    assert queries.sitting(attempt).answered == 4
    assert services.marked_anew(attempt).raw == 2
    assert all(values_of(place, right=True) for place in places)


def test_saves_at_the_same_moment_are_told_which_of_them_stood_when_they_were_written(app: Flask, cast: Cast) -> None:
    attempt = sit(cast, cast.learner)
    person_id, token = attempt.person_id, attempt.token

    def one_of_many(hand: int) -> tuple[int, Receipt]:
        sequence = 1 + hand * 7 % HANDS
        return sequence, services.save_answer(person_id, token, Save(1, sequence, ["0"]), now=NOON + sequence * SECOND)

    receipts = dict(at_once(app, HANDS, one_of_many))

    highest = 0
    for line in journal(attempt):
        highest = max(highest, line.sequence)
        receipt = receipts[line.sequence]
        assert (receipt.sequence, receipt.stands) == (highest, line.sequence == highest)
