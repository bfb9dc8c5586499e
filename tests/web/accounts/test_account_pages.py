"""Profile, notices and privacy; and that no page of an account opens to strangers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts import queries, services
from lms.accounts.models import Person
from lms.foundation import clock
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import Busy
from lms.foundation.messages import Message
from lms.notices import services as notices
from lms.notices.models import Notice
from lms.usecases import claiming
from lms.web.limits import limiter
from tests.support.amounts import one_in
from tests.support.browser import Browser
from tests.support.cast import Cast, Member
from tests.support.moments import BORN

PAGES = [
    "/account",
    "/account/security",
    "/account/claims",
    "/account/claims/new",
    "/account/claims/new?kind=membership",
    "/account/notices",
    "/account/privacy",
    "/account/privacy/export.json",
]
POSTS = [
    "/account",
    "/account/verification-mail",
    "/account/security",
    "/account/security/sessions/x/end",
    "/account/security/sessions/others/end",
    "/account/claims/new",
    "/account/claims/x/withdrawal",
    "/account/notices",
]


def tell(member: Member, key: str, message: str = "Something happened.", path: str = "/learn") -> None:
    notices.tell(member.person_id, key, "news", Message(message), path=path, now=clock.now())
    db.session.commit()


def person_of(member: Member) -> Person:
    person = queries.person(member.person_id)
    db.session.refresh(person)
    return person


def audited() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


@pytest.mark.parametrize("address", PAGES)
def test_a_page_of_an_account_opens_to_its_owner_and_sends_others_to_sign_in(
    client: Browser, as_learner: Browser, address: str
) -> None:
    assert as_learner.get(address).status_code == 200
    refused = client.get(address)
    assert refused.status_code == 302
    assert refused.location.startswith("/signin?next=/account")


@pytest.mark.parametrize("address", POSTS)
def test_nothing_of_an_account_changes_for_strangers_or_without_the_forms_token(
    client: Browser, as_learner: Browser, address: str
) -> None:
    before = audited()

    stranger, forged = client.post_form(address, {}), as_learner.post(address, data={})

    assert (stranger.status_code, stranger.location) == (302, "/signin")
    assert forged.status_code == 400
    assert audited() == before


def test_a_profile_is_saved(as_learner: Browser, cast: Cast) -> None:
    answer = as_learner.post_form("/account", {"name": "  Lena \n Larsson ", "zone": "Europe/Stockholm"})

    person = person_of(cast.learner)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert (person.name, person.zone) == ("Lena Larsson", "Europe/Stockholm")
    page = as_learner.get("/account")
    assert "Your profile is saved." in page.text
    assert '<option selected value="Europe/Stockholm">' in page.text


def test_what_was_saved_is_told_so_though_the_sessions_last_use_could_not_be_noted(
    as_learner: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_session_id: int, *, now: object) -> None:
        raise Busy

    monkeypatch.setattr(services, "session_is_stale", lambda _last, _now: True)
    monkeypatch.setattr(services, "touch_session", refuse)

    answer = as_learner.post_form("/account", {"name": "Lena Larsson", "zone": "UTC"})

    assert (answer.status_code, answer.location) == (303, "/account")
    assert person_of(cast.learner).name == "Lena Larsson"


@pytest.mark.parametrize(
    ("name", "zone", "field"),
    [("", "UTC", "name"), ("x" * 121, "UTC", "name"), ("Lena", "", "zone"), ("Lena", "Mars/Olympus", "zone")],
)
def test_a_profile_that_cannot_be_comes_back(as_learner: Browser, cast: Cast, name: str, zone: str, field: str) -> None:
    page = as_learner.post_form("/account", {"name": name, "zone": zone})

    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert person_of(cast.learner).name == cast.learner.name


@pytest.mark.parametrize("field", ["person_id", "email", "locale", "token", "role"])
def test_fields_that_nobody_asked_for_change_nothing(as_learner: Browser, cast: Cast, field: str) -> None:
    as_learner.post_form("/account", {"name": "Lena", "zone": "UTC", field: "2"})

    assert person_of(cast.stranger).name == cast.stranger.name
    account = queries.account_of(cast.learner.person_id)
    assert account is not None
    assert account.email == cast.learner.email


SAMPLE_STEP = one_in(20)  # each asks for two whole requests


def test_hostile_words_are_kept_as_words_or_refused(
    app: Flask, as_learner: Browser, cast: Cast, corpora_folder: Path
) -> None:
    strings = json.loads((corpora_folder / "naughty_strings.json").read_text(encoding="utf-8"))

    answers = set()
    for each in strings[::SAMPLE_STEP]:
        limiter.reset()  # all of them are more than one person may send in a minute
        answers.add(as_learner.post_form("/account", {"name": each["payload"], "zone": "UTC"}).status_code)

    assert answers <= {303, 422}
    assert as_learner.get("/account").status_code == 200


def test_markup_in_a_name_is_shown_as_words(as_learner: Browser) -> None:
    as_learner.post_form("/account", {"name": "<script>alert(1)</script>", "zone": "UTC"})

    page = as_learner.get("/account").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_notices_are_listed_newest_first_and_reading_marks_none(as_learner: Browser, cast: Cast) -> None:
    tell(cast.learner, "first", "The first.")
    tell(cast.learner, "second", "The second.", "/certificates/x")
    tell(cast.stranger, "theirs", "Somebody else's.")

    page = as_learner.get("/account/notices").text

    assert page.index("The second.") < page.index("The first.")
    assert 'href="/certificates/x"' in page
    assert "Somebody else" not in page
    assert db.session.scalars(select(Notice.seen_at)).all() == [None, None, None]


def test_notices_are_seen_by_a_button(as_learner: Browser, cast: Cast) -> None:
    tell(cast.learner, "mine")
    tell(cast.stranger, "theirs")

    answer = as_learner.post_form("/account/notices")

    seen = db.session.execute(select(Notice.key, Notice.seen_at.is_not(None)).order_by(Notice.id)).all()
    assert (answer.status_code, answer.location) == (303, "/account/notices")
    assert [tuple(row) for row in seen] == [("mine", True), ("theirs", False)]
    assert "Mark all as seen" not in as_learner.get("/account/notices").text


def test_notices_are_paged_by_key(as_learner: Browser, cast: Cast) -> None:
    for number in range(30):
        notices.tell(
            cast.learner.person_id, f"n{number}", "news", Message(f"News {number}."), path="/", now=clock.now()
        )
    db.session.commit()

    first = as_learner.get("/account/notices").text
    older = db.session.scalars(select(Notice.id).order_by(Notice.id.desc()).offset(24)).first()
    second = as_learner.get(f"/account/notices?before={older}").text

    assert ("News 29." in first, "News 4." in first) == (True, False)
    assert f"/account/notices?before={older}" in first
    assert ("News 5." in second, "News 4." in second, "News 0." in second) == (False, True, True)


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 30, "1;"])
def test_a_key_that_cannot_be_is_ignored(as_learner: Browser, before: str) -> None:
    assert as_learner.get("/account/notices", query_string={"before": before}).status_code == 200


def test_an_empty_list_says_what_will_be_here(as_learner: Browser) -> None:
    assert "No notices yet" in as_learner.get("/account/notices").text


def test_own_data_can_be_taken_away(as_learner: Browser, cast: Cast) -> None:
    claiming.claim(cast.learner.person_id, "birth_date", "", BORN.isoformat(), None, None, "", now=clock.now())
    tell(cast.learner, "mine", "Told to the learner.")
    tell(cast.stranger, "theirs", "Told to somebody else.")

    answer = as_learner.get("/account/privacy/export.json")

    found = json.loads(answer.text)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="baton-my-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert found["person"]["name"] == cast.learner.name
    assert found["account"]["email"] == cast.learner.email
    assert [claim["value"] for claim in found["claims"]] == [BORN.isoformat()]
    assert [notice["message"] for notice in found["notices"]] == ["Told to the learner."]
    assert "hash" not in answer.text
    assert cast.stranger.email not in answer.text
