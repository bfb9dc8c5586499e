"""What people say about themselves becomes a fact: claimed, decided, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts import queries
from lms.accounts.models import Claim, ClaimDecided, ClaimSource, ClaimStatus
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import Forbidden, Invalid, NotFound
from lms.notices.models import Notice
from lms.overviews import claims as overview
from lms.usecases import claiming
from tests.support.cast import Cast, Member
from tests.support.moments import BORN, DAY, HOUR, NOON, TODAY

NEXT_YEAR = TODAY + timedelta(days=365)


def claim_membership(member: Member, *, until: date = NEXT_YEAR, note: str = "") -> Claim:
    return claiming.claim(member.person_id, "membership", "", "4417", None, until, note, now=NOON)


def claim_birth_date(member: Member, born: date = BORN) -> Claim:
    return claiming.claim(member.person_id, "birth_date", "", born.isoformat(), None, None, "", now=NOON)


def approve(claim: Claim, by: Member, note: str = "") -> None:
    claiming.decide(claim, by.viewer(), ClaimStatus.APPROVED, note, now=NOON + HOUR)


def told(member: Member) -> Sequence[Notice]:
    return db.session.scalars(select(Notice).where(Notice.person_id == member.person_id).order_by(Notice.id)).all()


def actions(claim: Claim) -> list[str]:
    entries = select(AuditEntry.action).where(AuditEntry.object_kind == "claim", AuditEntry.object_id == str(claim.id))
    return list(db.session.scalars(entries.order_by(AuditEntry.id)))


def test_a_claim_that_staff_verify_waits_for_them(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner, note="Card attached by post")

    assert (claim.status, claim.source) == (ClaimStatus.SUBMITTED, ClaimSource.EVIDENCE)
    assert (claim.value, claim.valid_until, claim.note) == ("4417", NEXT_YEAR, "Card attached by post")
    assert list(queries.claims_to_decide(cast.staff.viewer())) == [claim]
    assert actions(claim) == ["claim"]


def test_a_claim_that_nobody_verifies_counts_at_once(app: Flask, cast: Cast) -> None:
    claim = claim_birth_date(cast.learner)

    assert (claim.status, claim.source) == (ClaimStatus.APPROVED, ClaimSource.SELF_DECLARED)
    assert (claim.value, claim.valid_from) == (BORN.isoformat(), BORN)
    assert list(queries.claims_to_decide(cast.staff.viewer())) == []


def test_what_is_stated_anew_takes_the_place_of_what_was_stated(app: Flask, cast: Cast) -> None:
    first = claim_birth_date(cast.learner)

    claim_birth_date(cast.learner, BORN + DAY)

    assert first.status is ClaimStatus.REPLACED
    assert [fact.value for fact in queries.claim_facts([cast.learner.person_id])] == [(BORN + DAY).isoformat()]


def test_what_was_verified_does_not_give_way_to_a_persons_word(app: Flask, cast: Cast) -> None:
    verified = claim_birth_date(cast.learner)
    verified.source = ClaimSource.STAFF

    with pytest.raises(claiming.ClaimStands):
        claim_birth_date(cast.learner, BORN + DAY)
    assert verified.status is ClaimStatus.APPROVED


def test_what_was_verified_cannot_be_taken_back_to_be_stated_anew(app: Flask, cast: Cast) -> None:
    verified = claim_birth_date(cast.learner)
    verified.source = ClaimSource.STAFF

    with pytest.raises(claiming.ClaimStands):
        claiming.withdraw(verified, cast.learner.person_id, now=NOON)
    assert verified.withdrawn_at is None


def test_a_membership_that_was_approved_can_be_taken_back_since_a_new_one_waits_for_staff(
    app: Flask, cast: Cast
) -> None:
    claim = claim_membership(cast.learner)
    approve(claim, cast.staff)

    claiming.withdraw(claim, cast.learner.person_id, now=NOON)

    assert queries.claim_facts([cast.learner.person_id]) == []


def test_a_second_claim_replaces_one_that_nobody_has_decided(app: Flask, cast: Cast) -> None:
    first = claim_membership(cast.learner)

    second = claim_membership(cast.learner, until=NEXT_YEAR + DAY)

    assert first.status is ClaimStatus.REPLACED
    assert list(queries.claims_to_decide(cast.staff.viewer())) == [second]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("shoe_size", ""), ("membership", "elite"), ("evidence", ""), ("evidence", "no-such-evidence"), ("", "")],
)
def test_a_kind_that_the_campus_does_not_know_is_not_found(app: Flask, cast: Cast, kind: str, subject: str) -> None:
    with pytest.raises(NotFound):
        claiming.claim(cast.learner.person_id, kind, subject, "1", None, NEXT_YEAR, "", now=NOON)


@pytest.mark.parametrize(
    ("kind", "value", "until"),
    [
        ("birth_date", "soon", None),
        ("birth_date", "2027-01-01", None),
        ("birth_date", "1890-01-01", None),
        ("membership", "", NEXT_YEAR),
        ("membership", "4417", None),
        ("membership", "4417", TODAY - DAY),
        ("membership", "4417", date(2300, 1, 1)),
    ],
)
def test_a_value_that_cannot_be_is_refused(app: Flask, cast: Cast, kind: str, value: str, until: date | None) -> None:
    with pytest.raises(Invalid):
        claiming.claim(cast.learner.person_id, kind, "", value, None, until, "", now=NOON)
    assert queries.own_claims(cast.learner.person_id) == []


def test_an_approved_claim_is_told_and_counts(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)

    approve(claim, cast.staff)

    assert claim.status is ClaimStatus.APPROVED
    notice = told(cast.learner)[-1]
    assert (notice.kind, notice.path) == ("claim_decided", "/account/claims")
    assert actions(claim) == ["claim", "decide"]


def test_a_rejection_tells_its_reason(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)

    claiming.decide(claim, cast.staff.viewer(), ClaimStatus.REJECTED, "No {such} number.", now=NOON)

    assert "No {such} number." in str(told(cast.learner)[-1].message)
    assert queries.claim_facts([cast.learner.person_id]) == []


@pytest.mark.parametrize("outcome", [ClaimStatus.REJECTED, ClaimStatus.NEEDS_MORE])
def test_a_refusal_needs_a_reason(app: Flask, cast: Cast, outcome: ClaimStatus) -> None:
    claim = claim_membership(cast.learner)

    with pytest.raises(Invalid):
        claiming.decide(claim, cast.staff.viewer(), outcome, "  ", now=NOON)


@pytest.mark.parametrize("outcome", [ClaimStatus.SUBMITTED, ClaimStatus.REPLACED, ClaimStatus.DRAFT])
def test_a_claim_cannot_be_decided_to_be_something_else(app: Flask, cast: Cast, outcome: ClaimStatus) -> None:
    claim = claim_membership(cast.learner)

    with pytest.raises(Invalid):
        claiming.decide(claim, cast.staff.viewer(), outcome, "Because", now=NOON)


def test_the_verifier_may_set_other_days_than_were_claimed(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)

    claiming.decide(claim, cast.staff.viewer(), ClaimStatus.APPROVED, "", (TODAY, TODAY + 30 * DAY), now=NOON)

    [fact] = queries.claim_facts([cast.learner.person_id])
    assert (fact.valid_from, fact.valid_until) == (TODAY, TODAY + 30 * DAY)


def test_a_verifier_cannot_set_a_day_that_nobody_can_vouch_for(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)

    with pytest.raises(Invalid):
        claiming.decide(claim, cast.staff.viewer(), ClaimStatus.APPROVED, "", (None, date(2300, 1, 1)), now=NOON)


def test_days_that_run_backwards_are_refused(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)

    with pytest.raises(Invalid):
        claiming.decide(claim, cast.staff.viewer(), ClaimStatus.APPROVED, "", (NEXT_YEAR + DAY, None), now=NOON)


def test_a_claim_is_decided_once(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    approve(claim, cast.staff)

    with pytest.raises(ClaimDecided):
        claiming.decide(claim, cast.staff2.viewer(), ClaimStatus.REJECTED, "No", now=NOON)
    assert claim.status is ClaimStatus.APPROVED


def test_nobody_decides_their_own_claim(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.staff)

    with pytest.raises(Forbidden):
        approve(claim, cast.staff)


@pytest.mark.parametrize("role", ["learner", "instructor", "author"])
def test_deciding_is_for_those_who_may(app: Flask, cast: Cast, role: str) -> None:
    claim = claim_membership(cast.stranger)
    member: Member = getattr(cast, role)

    with pytest.raises(Forbidden):
        approve(claim, member)
    assert claim.status is ClaimStatus.SUBMITTED


def test_a_withdrawn_claim_says_nothing(app: Flask, cast: Cast) -> None:
    claim = claim_birth_date(cast.learner)

    claiming.withdraw(claim, cast.learner.person_id, now=NOON)

    assert queries.claim_facts([cast.learner.person_id]) == []
    assert actions(claim) == ["claim", "withdraw"]
    with pytest.raises(ClaimDecided):
        claiming.withdraw(claim, cast.learner.person_id, now=NOON)


def test_what_was_withdrawn_undecided_can_be_claimed_again(app: Flask, cast: Cast) -> None:
    first = claim_membership(cast.learner)
    claiming.withdraw(first, cast.learner.person_id, now=NOON)

    second = claim_membership(cast.learner)

    assert first.withdrawn_at is not None
    assert list(queries.claims_to_decide(cast.staff.viewer())) == [second]


def test_a_withdrawn_claim_is_not_decided(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    claiming.withdraw(claim, cast.learner.person_id, now=NOON)

    with pytest.raises(ClaimDecided):
        approve(claim, cast.staff)


def test_a_claim_is_called_by_its_title(app: Flask) -> None:
    assert claiming.title_of("membership", "") == "Membership"
    assert claiming.title_of("gone", "") == "gone"


def test_an_answer_keeps_the_place_that_its_question_had_in_the_queue(app: Flask, cast: Cast) -> None:
    asked = claim_membership(cast.learner)
    claiming.decide(asked, cast.staff.viewer(), ClaimStatus.NEEDS_MORE, "Which club?", now=NOON + HOUR)
    other = claiming.claim(cast.stranger.person_id, "membership", "", "18", None, NEXT_YEAR, "", now=NOON + HOUR)

    answer = claiming.claim(cast.learner.person_id, "membership", "", "4417", None, NEXT_YEAR, "Club 7", now=NOON + DAY)

    queue = overview.claim_queue(cast.staff.viewer())
    assert [row.token for row in queue.rows] == [answer.token, other.token]
    assert (answer.recorded_at, answer.waiting_since) == (NOON + DAY, NOON)
    case = overview.claim_case(cast.staff.viewer(), answer.token)
    assert case is not None
    [before] = case.before
    assert (before.token, [one.note for one in before.decisions]) == (asked.token, ["Which club?"])


def test_what_was_settled_leaves_no_place_in_the_queue(app: Flask, cast: Cast) -> None:
    approve(claim_membership(cast.learner), cast.staff)

    renewal = claiming.claim(cast.learner.person_id, "membership", "", "4417", None, NEXT_YEAR, "", now=NOON + DAY)

    assert renewal.waiting_since == NOON + DAY


def test_a_decision_can_be_taken_again_with_a_reason_and_what_follows_advances(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    approve(claim, cast.staff)

    done = claiming.decide_again(
        claim, cast.staff.viewer(), ClaimStatus.REJECTED, "The card is another's.", instead_of=1, now=NOON + DAY
    )

    assert done.issued_since == ()
    assert [one.number for one in queries.decisions_on(claim.id)] == [1, 2]
    assert queries.claim_facts([cast.learner.person_id]) == []
    assert actions(claim) == ["claim", "decide", "decide_again"]
    assert "another's" in str(told(cast.learner)[-1].message)


def test_another_decision_needs_a_reason_and_the_newest_decision_before_it(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    approve(claim, cast.staff)
    again = partial(claiming.decide_again, claim, cast.staff.viewer(), ClaimStatus.APPROVED)

    with pytest.raises(Invalid):
        again(" ", instead_of=1, now=NOON + DAY)
    again("Seen the card.", instead_of=1, now=NOON + DAY)
    for number in (0, 1, 3):
        with pytest.raises(ClaimDecided):
            again("Seen it, too.", instead_of=number, now=NOON + DAY)


def test_nobody_decides_their_own_claim_again(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.staff)
    approve(claim, cast.staff2)

    with pytest.raises(Forbidden):
        claiming.decide_again(claim, cast.staff.viewer(), ClaimStatus.APPROVED, "Longer.", instead_of=1, now=NOON + DAY)


def test_a_claim_that_was_withdrawn_or_replaced_is_not_decided_again(app: Flask, cast: Cast) -> None:
    withdrawn, replaced = claim_membership(cast.learner), claim_membership(cast.stranger)
    approve(withdrawn, cast.staff)
    claiming.withdraw(withdrawn, cast.learner.person_id, now=NOON + HOUR)
    claiming.decide(replaced, cast.staff.viewer(), ClaimStatus.NEEDS_MORE, "Which club?", now=NOON + HOUR)
    claim_membership(cast.stranger)

    for claim in (withdrawn, replaced):
        with pytest.raises(ClaimDecided):
            claiming.decide_again(claim, cast.staff.viewer(), ClaimStatus.REJECTED, "No.", instead_of=1, now=NOON + DAY)


def test_a_withdrawal_can_be_undone(app: Flask, cast: Cast) -> None:
    claim = claim_birth_date(cast.learner)
    claiming.withdraw(claim, cast.learner.person_id, now=NOON)

    claiming.restore(claim, cast.learner.person_id, now=NOON + HOUR)

    assert [fact.value for fact in queries.claim_facts([cast.learner.person_id])] == [BORN.isoformat()]
    assert actions(claim) == ["claim", "withdraw", "restore"]
    with pytest.raises(ClaimDecided):
        claiming.restore(claim, cast.learner.person_id, now=NOON + HOUR)


def test_a_withdrawal_stays_where_something_else_was_said_since(app: Flask, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    claiming.withdraw(claim, cast.learner.person_id, now=NOON)
    claim_membership(cast.learner)

    with pytest.raises(claiming.ClaimStands):
        claiming.restore(claim, cast.learner.person_id, now=NOON + HOUR)
