"""A certificate's page and its three other forms: for anyone with its code, unless its credential is kept private."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from lms.credentials.models import Certificate
from lms.foundation.database import db
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.studying import enrolled, pass_modules

FORMS = ("", ".json", ".pdf", ".png")


@pytest.fixture
def code(app: Flask, cast: Cast) -> str:
    """Of the learner's certificate."""
    pass_modules(enrolled(cast.learner))
    db.session.commit()
    return db.session.query(Certificate.code).scalar() or ""


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
