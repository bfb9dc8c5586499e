"""The queue of claims, and deciding one after the other."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.models import Claim, ClaimDecision, ClaimStatus
from lms.credentials.queries import own_certificates
from lms.foundation.database import db
from lms.notices.models import Notice
from lms.usecases import claiming
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.claims import NEXT_YEAR, queue_of, state
from tests.support.moments import LONG_AGO, NOON
from tests.support.statements import statements
from tests.support.studying import enrolled, pass_modules


def decisions() -> list[ClaimDecision]:
    return list(db.session.scalars(select(ClaimDecision).order_by(ClaimDecision.id)))


def fresh(claim: Claim) -> Claim:
    db.session.expire_all()
    return db.session.get_one(Claim, claim.id)


# ---- the queue


def test_an_empty_queue_says_what_will_be_here(as_staff: Browser) -> None:
    assert "No claim waits" in as_staff.get("/staff/claims").text


def test_the_oldest_claim_comes_first_and_my_own_is_not_there(cast: Cast, as_staff: Browser) -> None:
    queue_of(2)
    state(cast.staff.person_id)

    page = as_staff.get("/staff/claims").text

    assert page.index("Coach 000") < page.index("Coach 001")
    assert cast.staff.name not in page.partition('id="main"')[2].partition("<footer")[0]


def test_the_queue_is_paged_by_key_in_both_directions(cast: Cast, as_staff: Browser) -> None:
    claims = queue_of(60)

    first = as_staff.get("/staff/claims").text
    second = as_staff.get(f"/staff/claims?after={claims[24].token}").text
    back = as_staff.get(f"/staff/claims?before={claims[25].token}").text

    assert ("Coach 024" in first, "Coach 025" in first) == (True, False)
    assert ("Coach 024" in second, "Coach 025" in second, "Coach 049" in second) == (False, True, True)
    assert ("Coach 000" in back, "Coach 024" in back, "Coach 025" in back) == (True, True, False)
    assert f"before={claims[25].token}" in second


def test_a_page_that_begins_after_nothing_known_is_the_first(as_staff: Browser) -> None:
    queue_of(1)

    assert "Coach 000" in as_staff.get("/staff/claims?after=no-such-token").text


def test_the_filter_is_in_the_address(cast: Cast, as_staff: Browser) -> None:
    queue_of(1)
    state(cast.learner.person_id, kind="evidence", subject="first-aid", value="Red Cross", until=None)

    membership = as_staff.get("/staff/claims?kind=membership").text
    first_aid = as_staff.get("/staff/claims?kind=evidence:first-aid").text

    assert ("Coach 000" in membership, "Lena" in membership) == (True, False)
    assert ("Coach 000" in first_aid, "Lena" in first_aid, "Red Cross" in first_aid) == (False, True, True)


def test_the_file_holds_the_whole_filtered_list_and_no_formula(as_staff: Browser) -> None:
    queue_of(40, name="=cmd|' /C calc'!A0")

    answer = as_staff.get("/staff/claims?format=csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))

    assert answer.headers["Content-Type"].startswith("text/csv")
    assert len(rows) == 41
    assert all(row[0].startswith("'=") for row in rows[1:])


def test_the_queue_costs_the_same_with_five_claims_and_with_fifty(app: Flask, as_staff: Browser) -> None:
    queue_of(5)
    as_staff.get("/staff/claims")
    with statements(app) as few:
        as_staff.get("/staff/claims")
    queue_of(45, name="More")
    with statements(app) as many:
        as_staff.get("/staff/claims")

    assert len(many) == len(few)


# ---- one claim


def test_a_claim_shows_what_was_asked_what_they_say_and_their_other_claims(cast: Cast, as_staff: Browser) -> None:
    claim = state(cast.learner.person_id, note="The card is in the post")
    state(cast.learner.person_id, kind="evidence", subject="first-aid", value="Red Cross", until=None)

    page = as_staff.get(f"/staff/claims/{claim.token}").text

    assert "Lena Lindqvist: Membership" in page
    for words in ("4417", "The card is in the post", "First aid", "Red Cross", NEXT_YEAR.strftime("%Y")):
        assert words in page


def test_a_learners_text_is_shown_as_text(cast: Cast, as_staff: Browser) -> None:
    claim = state(cast.learner.person_id, value="<img src=x onerror=alert(1)>", note="<script>alert(2)</script>")

    page = as_staff.get(f"/staff/claims/{claim.token}").text

    assert "<img src=x" not in page
    assert "<script>alert" not in page


def test_my_own_claim_does_not_exist_here(cast: Cast, as_staff: Browser) -> None:
    claim = state(cast.staff.person_id)

    assert as_staff.get(f"/staff/claims/{claim.token}").status_code == 404
    answer = as_staff.post_form(f"/staff/claims/{claim.token}/decision", {"outcome": "approved"})
    assert answer.status_code == 404
    assert fresh(claim).status is ClaimStatus.SUBMITTED


def test_staff_of_one_program_decide_on_its_people_alone(cast: Cast, as_staff_of_judges: Browser) -> None:
    from tests.support.sittings import enrol

    inside, outside = state(cast.learner.person_id), state(cast.author.person_id)
    enrol(cast.learner, "judge")

    page = as_staff_of_judges.get("/staff/claims").text

    assert ("Lena" in page, "Ayo" in page) == (True, False)
    assert as_staff_of_judges.get(f"/staff/claims/{inside.token}").status_code == 200
    assert as_staff_of_judges.get(f"/staff/claims/{outside.token}").status_code == 404


# ---- deciding


def test_approving_goes_on_to_the_next_claim(as_staff: Browser) -> None:
    first, second, *_rest = queue_of(3)

    answer = as_staff.post_form(f"/staff/claims/{first.token}/decision", {"outcome": "approved", "note": ""})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/staff/claims/{second.token}")
    assert fresh(first).status is ClaimStatus.APPROVED
    assert "Coach 000, Membership: Approved." in as_staff.get(answer.headers["Location"]).text


def test_after_the_last_claim_comes_the_first_and_then_the_list(as_staff: Browser) -> None:
    first, second = queue_of(2)

    after_last = as_staff.post_form(f"/staff/claims/{second.token}/decision", {"outcome": "approved"})
    after_all = as_staff.post_form(f"/staff/claims/{first.token}/decision", {"outcome": "approved"})

    assert after_last.headers["Location"] == f"/staff/claims/{first.token}"
    assert after_all.headers["Location"] == "/staff/claims"


@pytest.mark.parametrize("outcome", ["needs_more", "rejected"])
def test_who_refuses_says_why_and_the_person_reads_it(cast: Cast, as_staff: Browser, outcome: str) -> None:
    claim = state(cast.learner.person_id)

    silent = as_staff.post_form(f"/staff/claims/{claim.token}/decision", {"outcome": outcome, "note": "  "})
    said = as_staff.post_form(
        f"/staff/claims/{claim.token}/decision", {"outcome": outcome, "note": "The number has 8 digits."}
    )

    assert (silent.status_code, said.status_code) == (422, 303)
    assert "Say why" in silent.text
    assert fresh(claim).status == outcome
    notice = db.session.scalars(select(Notice).where(Notice.person_id == cast.learner.person_id)).one()
    assert "The number has 8 digits." in str(notice.message)


@pytest.mark.parametrize(
    "sent", [{}, {"outcome": "withdrawn"}, {"outcome": "approved", "valid_until": "2027-02-30"}, {"outcome": ""}]
)
def test_what_is_no_decision_changes_nothing_and_keeps_what_was_typed(
    cast: Cast, as_staff: Browser, sent: dict[str, str]
) -> None:
    claim = state(cast.learner.person_id)

    answer = as_staff.post_form(f"/staff/claims/{claim.token}/decision", {**sent, "note": "Looked at twice"})

    assert answer.status_code == 422
    assert "Looked at twice" in answer.text
    assert decisions() == []


def test_the_verifier_may_correct_the_days(cast: Cast, as_staff: Browser) -> None:
    claim = state(cast.learner.person_id)
    until = NEXT_YEAR.replace(month=6, day=30)

    as_staff.post_form(
        f"/staff/claims/{claim.token}/decision", {"outcome": "approved", "valid_until": until.isoformat()}
    )

    [decision] = decisions()
    assert (decision.valid_from, decision.valid_until) == (None, until)
    assert fresh(claim).valid_until == NEXT_YEAR


def test_more_fields_than_the_form_has_change_nothing_else(cast: Cast, as_staff: Browser) -> None:
    claim = state(cast.learner.person_id)

    as_staff.post_form(
        f"/staff/claims/{claim.token}/decision",
        {
            "outcome": "approved",
            "decided_by": "1",
            "person_id": str(cast.staff.person_id),
            "value": "1",
            "role": "staff",
        },
    )

    assert (fresh(claim).person_id, fresh(claim).value) == (cast.learner.person_id, "4417")
    assert decisions()[0].decided_by == cast.staff.person_id


def test_who_comes_second_is_told_who_was_faster_and_when(cast: Cast, as_staff: Browser, as_staff2: Browser) -> None:
    claim = state(cast.learner.person_id)
    as_staff2.post_form(f"/staff/claims/{claim.token}/decision", {"outcome": "approved"})

    answer = as_staff.post_form(
        f"/staff/claims/{claim.token}/decision", {"outcome": "rejected", "note": "I can't read the card."}
    )

    assert answer.status_code == 409
    assert "Somebody was faster" in answer.text
    assert cast.staff2.name in answer.text
    assert "I can&#39;t read the card." in answer.text
    assert [decision.outcome for decision in decisions()] == [ClaimStatus.APPROVED]


def test_a_claim_that_was_withdrawn_meanwhile_is_not_decided(cast: Cast, as_staff: Browser) -> None:
    claim = state(cast.learner.person_id)
    claiming.withdraw(claim, cast.learner.person_id, now=NOON)

    answer = as_staff.post_form(f"/staff/claims/{claim.token}/decision", {"outcome": "approved"})

    assert answer.status_code == 409
    assert "withdrew" in answer.text


def test_a_decision_is_taken_again_from_the_claims_page(cast: Cast, as_staff: Browser) -> None:
    claim = state(cast.learner.person_id)
    address = f"/staff/claims/{claim.token}"
    after = as_staff.post_form(f"{address}/decision", {"outcome": "approved"}, follow_redirects=True).text
    assert f'<a href="{address}">Look at it again</a>' in after
    assert 'name="instead_of" value="1"' in as_staff.get(address).text

    silent = as_staff.post_form(f"{address}/decision", {"outcome": "approved", "instead_of": "1"})
    again = as_staff.post_form(
        f"{address}/decision", {"outcome": "rejected", "note": "It ended in May.", "instead_of": "1"}
    )
    late = as_staff.post_form(f"{address}/decision", {"outcome": "approved", "note": "No.", "instead_of": "1"})

    assert (silent.status_code, again.status_code, late.status_code) == (422, 303, 409)
    assert again.location == address
    assert [one.outcome for one in decisions()] == [ClaimStatus.APPROVED, ClaimStatus.REJECTED]
    page = as_staff.get(address).text
    assert "It ended in May." in page


def test_a_certificate_that_was_issued_meanwhile_is_named_and_stands(cast: Cast, as_staff: Browser) -> None:
    claim = state(cast.learner.person_id)
    claiming.decide(claim, cast.staff2.viewer(), ClaimStatus.APPROVED, "", now=LONG_AGO)
    pass_modules(enrolled(cast.learner))
    db.session.commit()
    [certificate] = own_certificates([cast.learner.person_id])

    page = as_staff.post_form(
        f"/staff/claims/{claim.token}/decision",
        {"outcome": "rejected", "note": "Another's card.", "instead_of": "1"},
        follow_redirects=True,
    ).text

    assert f"it stands as it is: {certificate.certificate.code}" in page
    db.session.expire_all()
    assert certificate.certificate.ended_at is None
