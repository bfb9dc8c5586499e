"""What nobody learns from the pages of a sitting: its key before it is told, another's attempt, a result held back."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.assessment import queries
from lms.assessment.models import Attempt, Score
from lms.content.documents import ItemDocument
from lms.content.queries import documents
from lms.content.queries.pinning import database_name
from lms.foundation import clock
from lms.foundation.database import db
from lms.usecases import starting, submitting
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.sittings import answer_all, enrol, sit

PAGES = ("", "/items/1", "/items/2", "/items/3", "/items/4", "/submission", "/result")
CANARY = "canary-that-only-the-key-holds"


def plant(attempt: Attempt) -> None:
    """Put a canary into everything of the shown items that a sitting keeps to itself."""
    for place in queries.sitting(attempt).places:
        document = place.document
        html = {
            **document.html,
            "feedback": dict.fromkeys(document.option_html, CANARY),
            "explanation": f"<p>{CANARY}</p>",
        }
        item = {
            **document.packed,
            "explanation": CANARY,
            "options": [{**option, "id": option["id"], "feedback": CANARY} for option in document.packed["options"]],
        }
        planted = ItemDocument(document.revision_id, document.id, item, html)
        documents._kept_items[database_name(), document.revision_id] = planted


def crawl(browser: Browser, attempt: Attempt) -> list[TestResponse]:
    """Every page and reply of a sitting, as far as this browser gets."""
    root = f"/exams/attempts/{attempt.token}"
    found = [browser.get(root + page) for page in PAGES]
    found += [
        browser.post_json(f"{root}/items/1", {"sequence": 900_000_001, "answer": ["0"]}),
        browser.post_json(f"{root}/items/2", {"sequence": 900_000_001, "answer": ["77"]}),
        browser.post_form(f"{root}/items/1", {"sequence": "x", "answer": ["0"]}),
    ]
    return found


def everything(answers: list[TestResponse]) -> str:
    return "".join(str(answer.headers) + answer.text for answer in answers)


def test_no_page_or_reply_of_a_sitting_holds_its_key(app: Flask, cast: Cast, as_learner: Browser) -> None:
    attempt = sit(cast, cast.learner, now=clock.now())
    plant(attempt)

    seen = everything(crawl(as_learner, attempt))

    assert CANARY not in seen
    assert not re.search(r'\bo[1-4]\b|data-right|"right"|judge-item-\d"', seen)


def test_a_certification_keeps_its_items_closed_after_the_result_too(
    app: Flask, cast: Cast, as_learner: Browser
) -> None:
    attempt = sit(cast, cast.learner, now=clock.now())
    answer_all(attempt, right=3, now=clock.now())
    submitting.submit(attempt, now=clock.now())
    plant(attempt)

    seen = everything(crawl(as_learner, attempt))

    assert "3 of 4" in seen
    assert CANARY not in seen
    assert "Which number names this question" not in seen
    assert "order-a-warm-up" not in seen


def test_a_quiz_tells_nothing_before_it_is_submitted(app: Flask, cast: Cast, as_learner: Browser) -> None:
    enrol(cast.learner, "starter")
    attempt = starting.start(cast.learner.person_id, "starter", "warming-up-quiz", now=clock.now())
    plant(attempt)

    before = everything(crawl(as_learner, attempt))
    submitting.submit(attempt, now=clock.now())
    after = as_learner.get(f"/exams/attempts/{attempt.token}/result").text

    assert CANARY not in before
    assert CANARY in after


def test_a_result_held_back_shows_in_nothing(app: Flask, cast: Cast, as_learner: Browser) -> None:
    attempt = sit(cast, cast.learner, program="official", exam="officials-exam", now=clock.now())
    answer_all(attempt, right=3, now=clock.now())
    submitting.submit(attempt, now=clock.now())
    pages = [f"/exams/attempts/{attempt.token}/result", "/exams/official/officials-exam"]

    seen = everything([as_learner.get(page) for page in pages])
    submitting.release(attempt, cast.staff.viewer(), now=clock.now())
    after = everything([as_learner.get(page) for page in pages])

    assert db.session.scalars(select(Score)).one().raw == 3
    for telling in ("3 of 4", "You, 75", "Passed", "Not passed", "certificate is issued", "Profile"):
        assert telling not in seen
        assert telling in after or telling == "Not passed"


def test_another_persons_sitting_looks_as_if_it_did_not_exist(app: Flask, cast: Cast, as_stranger: Browser) -> None:
    attempt = sit(cast, cast.learner, now=clock.now())

    for page in PAGES:
        other = as_stranger.get(f"/exams/attempts/{attempt.token}{page}")
        unknown = as_stranger.get(f"/exams/attempts/{'x' * len(attempt.token)}{page}")

        assert other.status_code == unknown.status_code == 404
        assert masked(other) == masked(unknown)


@pytest.mark.parametrize("page", ["/items/1", "/submission"])
def test_nobody_answers_or_submits_for_another(app: Flask, cast: Cast, as_staff: Browser, page: str) -> None:
    attempt = sit(cast, cast.learner, now=clock.now())

    other = as_staff.post_form(f"/exams/attempts/{attempt.token}{page}", {"sequence": "1", "answer": ["0"]})
    unknown = as_staff.post_form(f"/exams/attempts/no-such-attempt{page}", {"sequence": "1", "answer": ["0"]})

    assert other.status_code == unknown.status_code == 404
    assert masked(other) == masked(unknown)
    db.session.expire_all()
    assert attempt.is_open
    assert queries.sitting(attempt).answered == 0


def masked(answer: TestResponse) -> str:
    """The page without what differs in any two: the token of its forms."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)


def test_the_right_option_stands_in_every_place(app: Flask, cast: Cast) -> None:
    from lms.items import option_order

    attempt = sit(cast, cast.learner, now=clock.now())
    item = queries.sitting(attempt).places[0].document.item
    right = next(option.id for option in item.options if option.right)
    papers = 2_000

    places = [option_order(item, f"seed {number}", "1").index(right) for number in range(papers)]

    expected = papers / len(item.options)
    chi_square = sum((places.count(place) - expected) ** 2 / expected for place in range(len(item.options)))
    assert chi_square < 16.27  # 3 degrees of freedom, one in a thousand
