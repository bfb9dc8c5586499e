"""Nothing that is hidden is found anywhere by who may not know it, in any state of a sitting, on both databases.

Everybody looks at everything they can reach. Beside what can be found in so many words there is what
can be concluded: where hidden scores and keys change, no page of who may not know them changes with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lms.assessment.models import FormActivation, OutcomeRelease, Score
from lms.content import queries as content
from lms.content.compiled import form_hash
from lms.content.models import DocumentKind, Revision
from lms.foundation.database import db
from tests.support.browser import Browser
from tests.support.canaries import Part, Source
from tests.support.canary_campus import AT_ONCE, STATES
from tests.support.crawling import Answered, answered, letter_text, unsigned
from tests.support.leaking import ROLES, Built, Walk, built_campus, looked_through, walk_of

HIDING = ("never", "open", "waiting-right", "waiting-wrong", "over")
NOBODYS_BUSINESS = ("anonymous", "stranger", *HIDING)
KNOWS = {
    "author": {Source.EXAM, Source.QUIZ, Source.CHECK},
    "instructor": {Source.QUIZ, Source.CHECK},
    "staff": {Source.QUIZ, Source.SCORE},
    "administrator": {Source.QUIZ, Source.SCORE},
}


@pytest.fixture(scope="module")
def built(engine_kind: str, run_folder: Path, worker_name: str) -> Iterator[Built]:
    with built_campus(engine_kind, run_folder, worker_name) as built:
        yield built


@pytest.fixture
def walk(built: Built, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    with walk_of(built, monkeypatch) as walk:
        yield walk


# ---- what can be found in so many words


@pytest.mark.parametrize("who", STATES)
def test_a_learner_finds_nothing_but_what_they_may_know(walk: Walk, who: str) -> None:
    met, leaks = looked_through(walk, who, walk.crawl(who))

    told = who in {"passed", "failed", "expired"}
    assert leaks == []
    assert (Source.SCORE in {one.source for one in met}) == told
    assert Source.CHECK in {one.source for one in met}


@pytest.mark.parametrize("who", ROLES)
def test_everybody_else_finds_nothing_but_what_their_role_opens(walk: Walk, who: str) -> None:
    met, leaks = looked_through(walk, who, walk.crawl(who))

    assert leaks == []
    assert {one.source for one in met} == KNOWS.get(who, set())


def test_the_author_finds_every_part_of_every_question(walk: Walk) -> None:
    """The looking itself is proven here: what hides from it would hide from every other test of this file."""
    met, _leaks = looked_through(walk, "author", walk.crawl("author"))

    planted = {one for one in walk.canaries.flock.all.values() if one.source is not Source.SCORE}
    assert planted - met == set()


@pytest.mark.parametrize("who", STATES)
def test_no_answer_to_a_form_tells_more(walk: Walk, who: str) -> None:
    _met, leaks = looked_through(walk, who, knocks(walk, who))

    assert leaks == []


def knocks(walk: Walk, who: str) -> Iterator[Answered]:
    """What the forms of a learner answer, sent rightly and wrongly, to a page and to a script, in this order."""
    browser, sitter = walk.browser(who), walk.canaries.sitters[who]
    script = {"Accept": "application/json"}
    sent: list[tuple[str, dict[str, Any]]] = [
        *(
            (f"/exams/attempts/{token}/items/{position}", data)
            for token in sitter.attempts
            for position in (1, 3, 99)
            for data in ({"sequence": "9", "answer": "0"}, {"sequence": "9", "answer": "zzz"}, {"answer": "0"}, {})
        ),
        *((f"/learn/starter/warming-up/warm-up-order/checks/{one}", {}) for one in ("order-first", "bank-last")),
        ("/learn/starter/warming-up/warm-up-order/checks/order-first", {"answer": "o99"}),
        (f"/exams/{'/'.join(AT_ONCE)}", {}),
    ]
    for address, data in sent:
        for headers in ({}, script):
            yield answered("POST", address, browser.post_form(address, data, headers=headers, buffered=True))


def test_no_letter_tells_a_score_or_a_key(walk: Walk) -> None:
    for _turn in range(20):
        walk.real.work()

    letters = [letter_text(path) for path in walk.real.mail.glob("*.eml")]

    told = [one for letter in letters for one in walk.canaries.flock.found_in(letter)]
    assert any("Your result of" in letter for letter in letters)
    assert told == []


# ---- what can be concluded


@pytest.mark.parametrize("who", NOBODYS_BUSINESS)
def test_no_page_depends_on_a_score_that_was_not_released(walk: Walk, who: str) -> None:
    browser = walk.browser(who)
    before = pages_of(walk, who, browser)
    with walk.real.app.app_context():
        turn_unreleased_scores()

    assert differing(before, pages_of(walk, who, browser)) == []


@pytest.mark.parametrize("who", NOBODYS_BUSINESS)
def test_no_page_depends_on_a_key_that_is_closed(walk: Walk, who: str) -> None:
    browser = walk.browser(who)
    before = pages_of(walk, who, browser)
    with walk.real.app.app_context():
        turn_keys()

    assert differing(before, pages_of(walk, who, browser)) == []


@pytest.mark.parametrize("who", HIDING)
def test_no_answer_to_a_form_depends_on_a_key_that_is_closed(
    built: Built, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    with walk_of(built, monkeypatch) as walk:
        before = compared(knocks(walk, who))
    with walk_of(built, monkeypatch) as walk:
        with walk.real.app.app_context():
            turn_keys()
            content.forget()
        after = compared(knocks(walk, who))

    assert [place for place, seen in enumerate(before) if seen != after[place]] == []


def compared(answers: Iterator[Answered]) -> list[tuple[object, ...]]:
    """All but what begins a sitting: each has an address of its own, drawn by chance."""
    return [unsigned(seen) for seen in answers if not seen.path.endswith(AT_ONCE[1])]


@pytest.mark.parametrize(
    ("turn", "who"), [("score", "passed"), ("score", "staff"), ("key", "passed"), ("key", "staff")]
)
def test_pages_do_depend_on_them_for_who_may_know(walk: Walk, turn: str, who: str) -> None:
    """Or the two tests above could not fail."""
    browser = walk.browser(who)
    before = pages_of(walk, who, browser)
    with walk.real.app.app_context():
        turn_keys() if turn == "key" else turn_unreleased_scores(released_too=True)

    assert differing(before, pages_of(walk, who, browser)) != []


Pages = dict[str, tuple[object, ...]]


def pages_of(walk: Walk, who: str, browser: Browser) -> Pages:
    """Everything that is reached, in the order in which it was, without what differs from answer to answer."""
    with walk.real.app.app_context():
        content.forget()
    return {f"{seen.method} {seen.path}": unsigned(seen) for seen in walk.crawl(who, browser)}


def differing(before: Pages, after: Pages) -> list[str]:
    changed = [path for path in before if before[path] != after.get(path)]
    return changed + [path for path in after if path not in before] + (["order"] if [*before] != [*after] else [])


def turn_unreleased_scores(*, released_too: bool = False) -> None:
    """Passed becomes failed and the other way round, the points are others, and their order is the reverse."""
    released = set(db.session.scalars(select(OutcomeRelease.attempt_id)))
    for score in db.session.scalars(select(Score)):
        if released_too or score.attempt_id not in released:
            score.raw, score.maximum, score.scaled = score.maximum, score.raw, 1 - score.scaled
            score.passed = not score.passed
            score.profile = [{**area, "right": area["asked"], "asked": area["right"]} for area in score.profile]
    db.session.commit()


def turn_keys() -> None:
    """Right options become wrong, numbers others, and what authors say to them something else."""
    for revision in db.session.scalars(select(Revision).where(Revision.kind == DocumentKind.ITEM)):
        revision.compiled = turned(revision.compiled)
    db.session.commit()
    review_anew()


def review_anew() -> None:
    """Open the forms as they stand now: one whose items changed since its review is shut, which anybody may see."""
    content.forget()
    release_id = content.head_release_id()
    assert release_id is not None
    for opened in db.session.scalars(select(FormActivation)).all():
        exam = content.exam(release_id, opened.exam_id)
        assert exam is not None
        revisions = content.item_revisions(release_id, list(exam.forms[opened.form]))
        documents = content.items(revisions.values())
        items = {item_id: documents[revision_id].item for item_id, revision_id in revisions.items()}
        opened.form_hash = form_hash(exam.forms[opened.form], items)
    db.session.commit()


def turned(compiled: dict[str, Any]) -> dict[str, Any]:
    item, html = compiled["item"], compiled["html"]
    options = [{**one, "right": not one["right"], "feedback": "other"} for one in item["options"]]
    key = item["key"] and {**item["key"], "answer": "123456789"}
    other = {"feedback": dict.fromkeys(html["feedback"], "<p>other</p>"), "explanation": "<p>other</p>"}
    return {
        **compiled,
        "item": {**item, "options": options, "key": key, "explanation": "other"},
        "html": {**html, **other},
    }


def test_the_canaries_are_there(walk: Walk) -> None:
    parts = {(one.source, one.part) for one in walk.canaries.flock.all.values()}

    every = {Part.STEM, Part.OPTION, Part.FEEDBACK, Part.EXPLANATION}
    assert parts >= {(source, part) for source in (Source.EXAM, Source.QUIZ, Source.CHECK) for part in every}
    assert parts >= {(Source.EXAM, Part.KEY), (Source.QUIZ, Part.KEY), (Source.SCORE, Part.SCORE)}
