"""The first page, the texts in the foot, and what machines ask."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, text

from lms.content import queries as content
from lms.content.models import ContentHead
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.migrations import newest_migrations
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.classes import COACH_CLASS, announce
from tests.support.moments import DAY
from tests.support.statements import statements

FEW = 4


@pytest.fixture
def migrated(app: Flask) -> None:
    """What `lms upgrade` would have left: the tests make their tables without it."""
    db.session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    for version in newest_migrations():
        db.session.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
    db.session.commit()


@pytest.fixture
def unpublished(app: Flask) -> None:
    db.session.execute(delete(ContentHead))
    db.session.commit()
    content.forget()


# ---- the first page


def test_the_first_page_says_what_this_is_and_where_to_begin(client: Browser) -> None:
    page = client.get("/")

    assert page.status_code == 200
    assert "From your first practice" in page.text
    assert 'href="/programs/coach"' in page.text


def test_the_pathway_is_drawn_twice_and_said_once(client: Browser) -> None:
    page = client.get("/").text

    assert page.count('class="pathway pathway-wide"') == 2  # the levels, and what runs alongside
    assert page.count('class="pathway pathway-phone"') == 2
    assert "Coach: Coach Program (4 h 36 min)." in page


def test_the_next_classes_stand_there_with_their_places(client: Browser, cast: Cast) -> None:
    announce(stage=COACH_CLASS, title="By video", starts_at=clock.now() + 9 * DAY, capacity=12)

    page = client.get("/").text

    assert "By video" in page
    assert "12 of 12 places left" in page


def test_without_classes_it_says_what_will_be_there(client: Browser) -> None:
    assert "No class is announced at the moment" in client.get("/").text


def test_who_is_signed_in_goes_on_learning(as_learner: Browser) -> None:
    assert "Go on learning" in as_learner.get("/").text


def test_before_anything_is_published_it_says_so(client: Browser, unpublished: None) -> None:
    page = client.get("/")

    assert page.status_code == 200
    assert "Nothing is published here yet" in page.text


def test_the_first_page_asks_little_however_many_classes(app: Flask, client: Browser, cast: Cast) -> None:
    for number in range(12):
        announce(stage=COACH_CLASS, title=f"Class {number}", starts_at=clock.now() + (9 + number) * DAY)
    client.get("/")

    with statements(app) as sent:
        client.get("/")

    assert len(sent) <= FEW


# ---- the foot


@pytest.mark.parametrize("address", ["/help", "/accessibility", "/privacy"])
def test_the_short_texts_are_open_to_anyone(client: Browser, as_learner: Browser, address: str) -> None:
    assert client.get(address).status_code == 200
    assert as_learner.get(address).status_code == 200


def test_the_icon_leads_to_the_file_of_today(client: Browser) -> None:
    with client.get("/favicon.ico", follow_redirects=True) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


def test_search_engines_stay_out_of_what_belongs_to_people(client: Browser) -> None:
    answer = client.get("/robots.txt")

    assert answer.mimetype == "text/plain"
    assert "Disallow: /account" in answer.text
    assert "Disallow: /certificates/" in answer.text
    assert client.get("/learn").headers["Location"].startswith("/signin")


# ---- machines


def test_alive_needs_no_database(app: Flask, client: Browser) -> None:
    with statements(app) as sent:
        answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"alive": True})
    assert sent == []


def test_ready_when_everything_is_there(client: Browser, migrated: None) -> None:
    answer = client.get("/readyz")

    assert answer.json == {"ready": True, "database": True, "writable": True, "migrations": True, "content": True}
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_not_ready_before_the_migrations(client: Browser) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"ready": False, "database": True, "writable": True, "migrations": False, "content": False}


def test_not_ready_at_an_older_migration(client: Browser, migrated: None) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = 'older'"))

    assert client.get("/readyz").status_code == 503


def test_not_ready_before_anything_is_published(client: Browser, migrated: None, unpublished: None) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"ready": False, "database": True, "writable": True, "migrations": True, "content": False}
