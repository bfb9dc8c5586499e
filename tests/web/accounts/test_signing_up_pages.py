"""The pages of signing up and of confirming an address."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask, url_for
from sqlalchemy import func, select

from lms.accounts import queries
from lms.accounts.models import Account, MailPurpose, Person
from lms.foundation import clock
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.usecases import registering
from tests.support.browser import Browser
from tests.support.cast import PASSWORD, Cast
from tests.support.mails import answer_sign_ups, mails, secret_of
from tests.support.pages import masked
from tests.support.statements import statements

NEW = "new.coach@example.org"
FORM = {"name": "Nia Newman", "email": NEW, "password": PASSWORD}


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a password was hashed or checked."""
    done: list[str] = []

    def counting(name: str) -> None:
        real = getattr(PasswordHasher, name)

        def counted(hasher: PasswordHasher, *args: Any, **kwargs: Any) -> Any:
            done.append(name)
            return real(hasher, *args, **kwargs)

        monkeypatch.setattr(PasswordHasher, name, counted)

    counting("hash")
    counting("verify")
    return done


def mailed_verification(client: Browser) -> str:
    client.post_form("/signup", FORM)
    answer_sign_ups(clock.now())
    return secret_of(mails("verify_address")[-1])


def test_the_form_asks_for_name_address_and_password_with_what_managers_need(client: Browser) -> None:
    page = client.get("/signup")

    assert page.status_code == 200
    for word in ('autocomplete="name"', 'autocomplete="email"', 'autocomplete="new-password"', 'type="email"'):
        assert word in page.text


def test_signing_up_leads_to_a_page_that_says_to_look_into_the_mail(client: Browser) -> None:
    answer = client.post_form("/signup", FORM)

    assert (answer.status_code, answer.location) == (303, "/signup/sent")
    assert client.get("/signup/sent").status_code == 200
    account = queries.account_by_email(NEW)
    assert account is not None
    assert queries.person(account.person_id).zone == "America/New_York"


def test_known_and_unknown_addresses_get_the_same_answer_for_the_same_work(
    app: Flask, client: Browser, cast: Cast, hashes: list[str]
) -> None:
    client.post_form("/signup", {**FORM, "email": "first.of.all@example.org"})  # what is read once is read by now
    hashes.clear()
    answers, work = [], []
    for email in (cast.learner.email, NEW):
        with statements(app) as sent:
            answers.append(client.post_form("/signup", {**FORM, "email": email}))
        work.append([statement.split()[:3] for statement in sent])

    assert answers[0].status_code == answers[1].status_code == 303
    assert answers[0].data == answers[1].data
    assert list(answers[0].headers.keys()) == list(answers[1].headers.keys())
    assert work[0] == work[1]
    assert hashes == ["hash", "hash"]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "Enter your name."),
        ("name", "   ", "Enter your name."),
        ("name", "x" * 121, "120"),
        ("name", "Nia\x00Newman", "can&#39;t be shown"),
        ("name", "Nia\u202eNewman", "can&#39;t be shown"),
        ("email", "", "Enter your address."),
        ("email", "nia", "such as name@example.org"),
        ("email", "nia@x@example.org", "such as name@example.org"),
        ("email", "nıa@example.org", "such as name@example.org"),
        ("email", "n" * 300 + "@example.org", "254"),
        ("password", "", "Choose a password."),
        ("password", "short", "at least 10 characters"),
        ("password", "x" * 201, "at most 200 characters"),
        ("password", "newmannewman", "too easy to guess"),
        ("password", "password123", "too easy to guess"),
    ],
)
def test_what_cannot_be_taken_comes_back_with_its_reason_and_what_was_typed(
    client: Browser, field: str, typed: str, said: str
) -> None:
    page = client.post_form("/signup", {**FORM, field: typed})

    assert page.status_code == 422
    assert said in page.text
    assert f'href="#{field}"' in page.text
    assert PASSWORD not in page.text
    if field != "name":
        assert "Nia Newman" in page.text
    assert queries.account_by_email(NEW) is None


@pytest.mark.parametrize("twin", ["LEARNER@EXAMPLE.ORG", "learner@Example.org", " learner@example.org "])
def test_a_twin_of_an_address_makes_no_second_account(client: Browser, cast: Cast, twin: str) -> None:
    accounts = db.session.scalar(select(func.count()).select_from(Account))

    answer = client.post_form("/signup", {**FORM, "email": twin})

    assert answer.status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Account)) == accounts


@pytest.mark.parametrize("field", ["role", "is_staff", "verified_at", "person_id"])
def test_fields_that_nobody_asked_for_change_nothing(client: Browser, field: str) -> None:
    client.post_form("/signup", {**FORM, field: "administrator"})

    account = queries.account_by_email(NEW)
    assert account is not None
    assert account.verified_at is None
    assert not queries.own_claims(account.person_id)


def test_without_the_forms_token_nobody_signs_up(client: Browser) -> None:
    assert client.post("/signup", data=FORM).status_code == 400
    assert queries.account_by_email(NEW) is None


def test_whoever_is_signed_in_is_led_to_their_account(as_learner: Browser) -> None:
    assert as_learner.get("/signup").location == "/account"


def test_opening_the_mailed_link_changes_nothing_and_its_button_confirms(client: Browser) -> None:
    secret = mailed_verification(client)

    page = client.get(f"/verify-address/{secret}")

    account = queries.account_by_email(NEW)
    assert account is not None
    assert page.status_code == 200
    assert account.verified_at is None
    answer = client.post_form(f"/verify-address/{secret}")
    db.session.refresh(account)
    assert (answer.status_code, answer.location) == (303, "/signin")
    assert account.verified_at is not None


def test_a_used_link_and_one_that_never_was_look_the_same(client: Browser) -> None:
    secret = mailed_verification(client)
    client.post_form(f"/verify-address/{secret}")
    client.get("/signin")  # reads the message of success away

    used, never = client.get(f"/verify-address/{secret}"), client.get("/verify-address/never")

    assert used.status_code == never.status_code == 404
    assert masked(used) == masked(never)
    assert client.post_form(f"/verify-address/{secret}").status_code == 404


def test_pages_behind_mailed_links_are_not_kept_by_browsers(client: Browser) -> None:
    secret = mailed_verification(client)

    page = client.get(f"/verify-address/{secret}")

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_mails_lead_to_pages_that_exist(app: Flask) -> None:
    with app.test_request_context():
        addresses = {
            MailPurpose.VERIFY_ADDRESS: url_for("accounts.show_verification", secret="s"),
            MailPurpose.RESET_PASSWORD: url_for("accounts.show_new_password", secret="s"),
        }

    assert addresses == {purpose: f"{path}/s" for purpose, path in registering.PATHS.items()}


def test_an_unconfirmed_person_is_told_so_and_may_ask_for_the_mail_again(as_learner: Browser, cast: Cast) -> None:
    db.session.get_one(Account, cast.learner.account_id).verified_at = None

    page = as_learner.get("/account")
    answer = as_learner.post_form("/account/verification-mail")

    assert "not confirmed yet" in page.text
    assert (answer.status_code, answer.location) == (303, "/account")
    assert len(mails("verify_address")) == 1


def test_a_confirmed_person_is_sent_no_further_mail(as_learner: Browser) -> None:
    as_learner.post_form("/account/verification-mail")

    assert mails("verify_address") == []


def test_a_sign_up_leaves_one_line_in_the_audit_trail(client: Browser) -> None:
    client.post_form("/signup", FORM)

    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "account")).all()
    assert [entry.action for entry in entries] == ["sign_up"]
    assert NEW not in str([entry.details for entry in entries])
    assert db.session.scalars(select(Person.created_at).order_by(Person.id.desc())).first() <= clock.now()  # type: ignore[operator]  # there is one


def test_signing_up_from_a_program_keeps_the_way_back_to_it(client: Browser) -> None:
    assert "/signup?next=/programs/coach" in client.get("/programs/coach").text
    assert 'name="next" value="/programs/coach"' in client.get("/signup?next=/programs/coach").text

    fields = {"name": "Nia Newman", "email": "nia@example.org", "password": "four unrelated grey words"}
    sent = client.post_form("/signup", {**fields, "next": "/programs/coach"})
    astray = client.post_form("/signup", {**fields, "next": "https://evil.example/"})

    assert (sent.location, astray.location) == ("/signup/sent?next=/programs/coach", "/signup/sent")
    assert "/signin?next=/programs/coach" in client.get(sent.location).text
