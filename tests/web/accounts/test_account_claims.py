"""The pages on which people say what they bring."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from lms.accounts import queries
from lms.accounts.models import Claim, ClaimStatus
from lms.foundation import clock
from lms.foundation.database import db
from lms.usecases import claiming
from lms.web.limits import limiter
from tests.support.amounts import one_in
from tests.support.browser import Browser
from tests.support.cast import Cast, Member
from tests.support.claims import say_again
from tests.support.pages import masked
from tests.support.statements import rows_fetched, statements

NEXT_YEAR = clock.now().date() + timedelta(days=365)
MEMBERSHIP = {"kind": "membership", "subject": "", "value": "4417", "valid_until": NEXT_YEAR.isoformat(), "note": ""}
BIRTH_DATE = {"kind": "birth_date", "subject": "", "value": "1990-05-17"}
FIRST_AID = {"kind": "evidence", "subject": "first-aid", "value": "Card of 2026", "note": "Ask the club."}


def claim_membership(member: Member) -> Claim:
    claim = claiming.claim(member.person_id, "membership", "", "4417", None, NEXT_YEAR, "", now=clock.now())
    db.session.commit()
    return claim


def own(member: Member) -> list[Claim]:
    db.session.expire_all()
    return list(queries.own_claims(member.person_id))


def test_without_claims_the_page_says_what_will_be_here_and_offers_every_kind(as_learner: Browser) -> None:
    page = as_learner.get("/account/claims").text

    assert "Nothing yet" in page
    for address in ("kind=membership", "kind=birth_date", "kind=evidence&amp;subject=first-aid"):
        assert f"/account/claims/new?{address}" in page


@pytest.mark.parametrize(
    ("asked", "fields", "missing"),
    [
        ("kind=membership", ["value", "valid_until", "note"], ["valid_from"]),
        ("kind=birth_date", ["value"], ["note", "valid_from", "valid_until"]),
        ("kind=evidence&subject=first-aid", ["value", "valid_from", "note"], ["valid_until"]),
    ],
)
def test_the_form_asks_for_what_its_kind_needs(
    as_learner: Browser, asked: str, fields: list[str], missing: list[str]
) -> None:
    page = as_learner.get(f"/account/claims/new?{asked}")

    assert page.status_code == 200
    assert [name for name in fields if f'name="{name}"' not in page.text] == []
    assert [name for name in missing if f'name="{name}"' in page.text] == []


def test_a_birth_date_has_the_autocomplete_of_one(as_learner: Browser) -> None:
    page = as_learner.get("/account/claims/new?kind=birth_date").text

    assert 'autocomplete="bday"' in page
    assert 'type="date"' in page


@pytest.mark.parametrize(
    "asked", ["kind=shoe_size", "kind=evidence", "kind=evidence&subject=x", "kind=membership&subject=x"]
)
def test_a_kind_that_nobody_knows_is_not_found(as_learner: Browser, cast: Cast, asked: str) -> None:
    assert as_learner.get(f"/account/claims/new?{asked}").status_code == 404
    assert as_learner.post_form(f"/account/claims/new?{asked}", {"value": "1"}).status_code == 404
    assert own(cast.learner) == []


def test_a_claim_for_the_staff_is_sent_and_listed_as_being_checked(as_learner: Browser, cast: Cast) -> None:
    answer = as_learner.post_form("/account/claims/new", MEMBERSHIP)

    page = as_learner.get("/account/claims").text
    assert (answer.status_code, answer.location) == (303, "/account/claims")
    assert "Membership: 4417" in page
    assert "Being checked by the staff" in page
    assert [(claim.status, claim.valid_until) for claim in own(cast.learner)] == [(ClaimStatus.SUBMITTED, NEXT_YEAR)]


def test_a_claim_on_ones_own_word_counts_at_once(as_learner: Browser, cast: Cast) -> None:
    as_learner.post_form("/account/claims/new", BIRTH_DATE)

    page = as_learner.get("/account/claims").text
    assert "Date of birth: 17 May 1990" in page
    assert "Counts, as stated by you" in page
    assert [claim.status for claim in own(cast.learner)] == [ClaimStatus.APPROVED]


def test_evidence_is_sent_with_its_note(as_learner: Browser, cast: Cast) -> None:
    as_learner.post_form("/account/claims/new", FIRST_AID)

    [claim] = own(cast.learner)
    assert (claim.kind, claim.subject, claim.value, claim.note) == (
        "evidence",
        "first-aid",
        "Card of 2026",
        "Ask the club.",
    )
    assert claim.valid_from is None


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ({**MEMBERSHIP, "value": " "}, "value", "Enter the number."),
        ({**MEMBERSHIP, "value": "4" * 301}, "value", "300"),
        ({**MEMBERSHIP, "value": "44\x0017"}, "value", "can&#39;t be shown"),
        ({**MEMBERSHIP, "valid_until": ""}, "valid_until", "Enter the last day"),
        ({**MEMBERSHIP, "valid_until": "2026-02-30"}, "valid_until", "a day of the calendar"),
        ({**MEMBERSHIP, "valid_until": "2020-01-01"}, "valid_until", "This day is over."),
        ({**MEMBERSHIP, "valid_until": "2300-01-01"}, "valid_until", "within 10 years"),
        ({**MEMBERSHIP, "note": "x" * 2001}, "note", "2000"),
        ({**BIRTH_DATE, "value": ""}, "value", "Enter the date."),
        ({**BIRTH_DATE, "value": "17.05.1990"}, "value", "a day of the calendar"),
        ({**BIRTH_DATE, "value": "2090-05-17"}, "value", "This day lies ahead."),
        ({**BIRTH_DATE, "value": "1790-05-17"}, "value", "too long ago"),
        ({**FIRST_AID, "valid_from": "2090-01-01"}, "valid_from", "This day lies ahead."),
    ],
)
def test_what_cannot_be_taken_comes_back_with_its_reason_and_what_was_typed(
    as_learner: Browser, cast: Cast, form: dict[str, str], field: str, said: str
) -> None:
    page = as_learner.post_form("/account/claims/new", form)

    assert page.status_code == 422
    assert said in page.text
    assert f'href="#{field}"' in page.text
    assert f'aria-describedby="{field}-' in page.text
    typed = (
        next(value for name, value in form.items() if name not in {"kind", "subject", field} and value)
        if len(form) > 3
        else ""
    )
    assert typed in page.text
    assert own(cast.learner) == []


def test_a_decision_is_shown_with_its_days_and_reason(as_learner: Browser, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    ends = date(2030, 12, 31)
    claiming.decide(
        claim, cast.staff.viewer(), ClaimStatus.APPROVED, "Seen <b>at</b> the desk.", (None, ends), now=clock.now()
    )
    db.session.commit()

    page = as_learner.get("/account/claims").text

    assert "Approved" in page
    assert "31 December 2030" in page
    assert "Seen &lt;b&gt;at&lt;/b&gt; the desk." in page


def test_a_claim_that_needs_more_leads_to_its_form(as_learner: Browser, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    claiming.decide(claim, cast.staff.viewer(), ClaimStatus.NEEDS_MORE, "Which club?", now=clock.now())
    db.session.commit()

    page = as_learner.get("/account/claims").text

    assert "More is needed" in page
    assert "Which club?" in page
    assert "Answer: Membership" in page


def test_the_form_of_an_answer_shows_the_question_and_what_was_said_before(as_learner: Browser, cast: Cast) -> None:
    claim = claiming.claim(
        cast.learner.person_id, "membership", "", "4417", None, NEXT_YEAR, "Ask Jo.", now=clock.now()
    )
    claiming.decide(claim, cast.staff.viewer(), ClaimStatus.NEEDS_MORE, "Which <b>club</b>?", now=clock.now())
    db.session.commit()

    page = as_learner.get("/account/claims/new?kind=membership").text
    empty = as_learner.post_form("/account/claims/new", {"kind": "membership"})

    assert "Which &lt;b&gt;club&lt;/b&gt;?" in page
    assert [said in page for said in ('value="4417"', f'value="{NEXT_YEAR.isoformat()}"', "Ask Jo.")] == [True] * 3
    assert (empty.status_code, "Which &lt;b&gt;club" in empty.text) == (422, True)


def test_a_form_that_answers_nothing_begins_empty(as_learner: Browser, cast: Cast) -> None:
    claim_membership(cast.learner)

    page = as_learner.get("/account/claims/new?kind=membership").text

    assert "More is needed" not in page
    assert "4417" not in page


def test_withdrawing_asks_and_can_be_undone(as_learner: Browser, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    page = as_learner.get("/account/claims").text
    assert "Withdraw…" in page.partition("<summary")[2].partition("</summary>")[0]
    as_learner.post_form(f"/account/claims/{claim.token}/withdrawal")
    assert f"/account/claims/{claim.token}/restoration" in as_learner.get("/account/claims").text

    answer = as_learner.post_form(f"/account/claims/{claim.token}/restoration")
    again = as_learner.post_form(f"/account/claims/{claim.token}/restoration")

    assert (answer.status_code, again.status_code) == (303, 409)
    assert "Being checked by the staff" in as_learner.get("/account/claims").text


def test_what_another_withdrew_is_not_mine_to_take_up(as_learner: Browser, as_stranger: Browser, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    as_learner.post_form(f"/account/claims/{claim.token}/withdrawal")

    assert as_stranger.post_form(f"/account/claims/{claim.token}/restoration").status_code == 404
    assert own(cast.learner)[0].withdrawn_at is not None


def test_an_approved_claim_whose_last_day_is_over_says_so(as_learner: Browser, cast: Cast) -> None:
    claim = claim_membership(cast.learner)
    claiming.decide(claim, cast.staff.viewer(), ClaimStatus.APPROVED, "", (None, date(2020, 1, 1)), now=clock.now())
    db.session.commit()

    assert "Expired" in as_learner.get("/account/claims").text


def test_a_claim_can_be_withdrawn_once(as_learner: Browser, cast: Cast) -> None:
    claim = claim_membership(cast.learner)

    answer = as_learner.post_form(f"/account/claims/{claim.token}/withdrawal")
    again = as_learner.post_form(f"/account/claims/{claim.token}/withdrawal")

    assert (answer.status_code, answer.location) == (303, "/account/claims")
    assert again.status_code == 409
    assert "Withdrawn by you" in as_learner.get("/account/claims").text


def test_another_persons_claim_does_not_exist(as_stranger: Browser, cast: Cast) -> None:
    claim = claim_membership(cast.learner)

    theirs = as_stranger.post_form(f"/account/claims/{claim.token}/withdrawal")
    never = as_stranger.post_form("/account/claims/never/withdrawal")

    assert theirs.status_code == never.status_code == 404
    assert masked(theirs) == masked(never)
    assert [each.withdrawn_at for each in own(cast.learner)] == [None]
    assert "4417" not in as_stranger.get("/account/claims").text


@pytest.mark.parametrize("field", ["status", "source", "person_id", "valid_until"])
def test_fields_that_nobody_asked_for_change_nothing(as_learner: Browser, cast: Cast, field: str) -> None:
    as_learner.post_form("/account/claims/new", {**FIRST_AID, field: "2090-01-01"})

    [claim] = own(cast.learner)
    assert claim.status is ClaimStatus.SUBMITTED
    assert claim.valid_until is None
    assert own(cast.stranger) == []


def test_hostile_words_are_kept_as_words_or_refused(as_learner: Browser, corpora_folder: Path) -> None:
    strings = json.loads((corpora_folder / "naughty_strings.json").read_text(encoding="utf-8"))[:: one_in(20)]

    answers = set()
    for each in strings:
        limiter.reset()  # all of them are more than one person may send in a minute
        form = {**FIRST_AID, "value": each["payload"], "note": each["payload"]}
        answers.add(as_learner.post_form("/account/claims/new", form).status_code)

    assert answers <= {303, 422}
    assert as_learner.get("/account/claims").status_code == 200


def test_what_was_said_before_is_read_by_pages(app: Flask, cast: Cast, as_learner: Browser) -> None:
    say_again(cast.learner.person_id, 60)
    db.session.commit()
    as_learner.get("/account/claims")
    with statements(app) as few, rows_fetched() as few_rows:
        as_learner.get("/account/claims")
    say_again(cast.learner.person_id, 440)
    db.session.commit()
    with statements(app) as many, rows_fetched() as many_rows:
        page = as_learner.get("/account/claims").text

    assert (len(many), sum(many_rows)) == (len(few), sum(few_rows))
    older = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert 'rel="prev"' in as_learner.get(older).text


def test_saying_something_anew_reads_only_what_counts(app: Flask, cast: Cast, as_learner: Browser) -> None:
    say_again(cast.learner.person_id, 500)
    db.session.commit()

    with rows_fetched() as read:
        as_learner.post_form("/account/claims/new", BIRTH_DATE)

    assert sum(read) < 100


def test_what_a_program_asked_for_leads_back_to_it(as_learner: Browser) -> None:
    program = as_learner.get("/programs/coach").text
    assert "/account/claims/new?kind=membership&amp;next=/programs/coach" in program
    form = as_learner.get("/account/claims/new?kind=birth_date&next=/programs/coach").text
    assert '<input type="hidden" name="next" value="/programs/coach">' in form

    told = as_learner.post_form("/account/claims/new", {**BIRTH_DATE, "next": "/programs/coach"})
    elsewhere = as_learner.post_form("/account/claims/new", {**BIRTH_DATE, "next": "//evil.example"})

    assert (told.location, elsewhere.location) == ("/programs/coach", "/account/claims")
