"""A certificate's page and its three other forms: for anyone with its code, unless its credential is kept private."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from lms.credentials.models import Certificate, Revocation
from lms.foundation.database import db
from tests.support.browser import Browser
from tests.support.cast import Cast, Member
from tests.support.moments import NOON
from tests.support.statements import statements
from tests.support.studying import enrolled, pass_modules

FORMS = ("", ".json", ".pdf", ".png")


def certified(member: Member) -> str:
    """The code of this person's certificate."""
    pass_modules(enrolled(member))
    db.session.commit()
    return db.session.query(Certificate.code).filter_by(person_id=member.person_id).scalar() or ""


@pytest.fixture
def code(app: Flask, cast: Cast) -> str:
    """Of the learner's certificate."""
    return certified(cast.learner)


@pytest.fixture
def private_code(code: str) -> str:
    certificate = db.session.query(Certificate).one()
    snapshot = {**certificate.snapshot, "public": False}
    db.session.execute(update(Certificate).values(snapshot=snapshot))
    db.session.commit()
    return code


@pytest.mark.parametrize("form", FORMS)
def test_anyone_with_the_code_sees_it_in_every_form_and_no_search_lists_it(
    client: Browser, code: str, form: str
) -> None:
    answer = client.get(f"/certificates/{code}{form}")

    assert answer.status_code == 200
    assert "noindex" in answer.headers["X-Robots-Tag"]


@pytest.mark.parametrize("form", FORMS)
def test_one_that_is_kept_private_opens_for_its_holder_and_the_staff_alone(
    client: Browser,
    as_stranger: Browser,
    as_instructor: Browser,
    as_learner: Browser,
    as_staff: Browser,
    private_code: str,
    form: str,
) -> None:
    address = f"/certificates/{private_code}{form}"

    shut = [browser.get(address).status_code for browser in (client, as_stranger, as_instructor)]
    open_ = [browser.get(address).status_code for browser in (as_learner, as_staff)]

    assert shut == [404, 404, 404]
    assert open_ == [200, 200]


def test_a_private_one_looks_like_none(client: Browser, private_code: str) -> None:
    unknown = client.get("/certificates/7KX2M4P9QTD0A1BC2DEF3GH4JK").text

    shown = client.get(f"/certificates/{private_code}").text

    assert private_code not in unknown
    assert shown.replace(private_code, "7KX2M4P9QTD0A1BC2DEF3GH4JK") == unknown


@pytest.mark.parametrize("typed", ["{code}", "{lower}", "{parted}"])
def test_a_code_is_found_however_it_is_typed(client: Browser, code: str, typed: str) -> None:
    parted = "-".join(code[place : place + 5] for place in range(0, len(code), 5))
    address = f"/certificates/{typed.format(code=code, lower=code.lower(), parted=parted)}"

    answer = client.get(address, follow_redirects=True)

    assert answer.status_code == 200
    assert answer.request.path == f"/certificates/{code}"


def test_pages_of_two_certificates_hold_nothing_of_each_other(cast: Cast, client: Browser, code: str) -> None:
    other = certified(cast.stranger)

    pages = [client.get(f"/certificates/{one}").text for one in (code, other, code)]

    for page, theirs, not_theirs in zip(pages, (code, other, code), (other, code, other), strict=True):
        assert (theirs in page, not_theirs in page) == (True, False)
    assert [cast.learner.name in page for page in pages] == [True, False, True]
    assert [cast.stranger.name in page for page in pages] == [False, True, False]


def test_a_page_names_its_reader_to_that_reader_alone(
    cast: Cast, client: Browser, as_learner: Browser, as_staff: Browser, code: str
) -> None:
    pages = [browser.get(f"/certificates/{code}").text for browser in (as_staff, as_learner, client)]

    assert [cast.staff.name in page for page in pages] == [True, False, False]
    assert ["All my certificates" in page for page in pages] == [False, True, False]
    assert ["csrf_token" in page for page in pages] == [True, True, False]


def test_a_stranger_is_given_no_cookie(client: Browser, code: str) -> None:
    assert "Set-Cookie" not in client.get(f"/certificates/{code}").headers


def test_what_is_said_of_one_is_shown_as_text(client: Browser, code: str) -> None:
    client.get(f"/certificates/{code}")
    db.session.execute(update(Certificate).values(holder_name="<script>alert(1)</script>"))
    db.session.commit()

    page = client.get(f"/certificates/{code}").text

    assert ("<script>alert" in page, "&lt;script&gt;alert" in page) == (False, True)


def test_one_that_is_revoked_says_so_with_its_next_visit(client: Browser, code: str) -> None:
    before = client.get(f"/certificates/{code}").text
    certificate = db.session.query(Certificate).one()
    db.session.add(Revocation(certificate_id=certificate.id, reason="Issued by <mistake>", revoked_at=NOON))
    db.session.commit()

    page, told = client.get(f"/certificates/{code}").text, client.get(f"/certificates/{code}.json").get_json()

    assert ("Valid today" in before, "Valid today" in page) == (True, False)
    assert "Issued by &lt;mistake&gt;" in page
    assert (told["status"], told["revoked_because"]) == ("revoked", "Issued by <mistake>")


def test_one_that_was_replaced_leads_to_the_newer_one(cast: Cast, client: Browser, code: str) -> None:
    newer = certified(cast.stranger)
    newer_id = db.session.query(Certificate.id).filter_by(code=newer).scalar()
    db.session.execute(update(Certificate).where(Certificate.code == code).values(superseded_by=newer_id))
    db.session.commit()

    assert f'href="/certificates/{newer}"' in client.get(f"/certificates/{code}").text


def test_a_page_asks_once_for_its_certificate(app: Flask, client: Browser, code: str) -> None:
    client.get(f"/certificates/{code}")

    with statements(app) as sent:
        client.get(f"/certificates/{code}")

    assert sum("FROM certificate" in statement for statement in sent) == 1
    assert len(sent) <= 2
