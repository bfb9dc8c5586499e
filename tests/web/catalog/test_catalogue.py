"""The list of programs: by family, narrowed by the address, with where the reader stands."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from lms.accounts import services as accounts
from lms.accounts.models import ClaimSource, ClaimStatus
from lms.catalog.models import EnrollmentStatus
from lms.usecases import enrolling
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.moments import LONG_AGO, NOON
from tests.support.statements import statements
from tests.support.studying import be_member_of_age, enrolled, pass_modules, read

MOST = 10


def titles(page: str) -> list[str]:
    return re.findall(r'<p class="row-title"><a href="/programs/[^"]+">([^<]+)</a>', page)


def word_of(page: str, title: str) -> str:
    """The reader's own standing in a program's row."""
    row = page.split(f">{title}</a>")[1].split("</li>", maxsplit=1)[0]
    words: list[str] = re.findall(r'<span class="word">([^<]+)</span>', row)
    return words[-1]


def test_programs_stand_by_family_for_anyone(client: Browser) -> None:
    page = client.get("/programs").text

    assert titles(page) == ["Coach Program", "Judge Program", "Official Program", "Starter Course", "Workshop"]
    assert re.findall(r"<h2>([^<]+)</h2>", page) == [
        "Professional pathway",
        "Specialist courses",
        "Continuing education",
    ]
    assert word_of(page, "Coach Program") == "Asks for 2 things"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("family=pathway", ["Coach Program"]),
        ("family=pathway&family=specialist", ["Coach Program", "Judge Program", "Official Program"]),
        ("delivery=in_person", ["Workshop"]),
        ("family=continuing&delivery=online", ["Starter Course"]),
        ("leads_to=judge", ["Judge Program"]),
        ("free=1", []),
        ("renewal=1", []),
        (
            "family=no-such&delivery=%22%3E",
            ["Coach Program", "Judge Program", "Official Program", "Starter Course", "Workshop"],
        ),
    ],
)
def test_the_address_narrows_the_list(client: Browser, asked: str, found: list[str]) -> None:
    answer = client.get(f"/programs?{asked}")

    assert answer.status_code == 200
    assert titles(answer.text) == found


def test_what_was_chosen_stays_ticked(client: Browser) -> None:
    page = client.get("/programs?family=pathway").text

    assert 'name="family" value="pathway" checked' in page
    assert 'name="family" value="specialist">' in page


def test_the_folded_filter_says_what_it_narrows_to(client: Browser) -> None:
    plain, narrowed = client.get("/programs").text, client.get("/programs?family=pathway&delivery=blended").text

    assert "<b>Filter</b>" in plain
    assert "<b>Filter: Professional pathway, Blended</b>" in narrowed


def test_nothing_found_says_how_to_go_on(client: Browser) -> None:
    page = client.get("/programs?free=1").text

    assert "Nothing fits all of these" in page
    assert 'href="/programs"' in page


def test_what_leads_to_a_credential_names_it(client: Browser) -> None:
    assert "Programs that lead to Judge." in client.get("/programs?leads_to=judge").text
    assert "Programs that lead to" not in client.get("/programs?leads_to=<script>").text


def test_my_own_standing_is_said_in_a_word(as_learner: Browser, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)
    read(enrollment, "warm-up-time")

    page = as_learner.get("/programs").text

    assert word_of(page, "Coach Program") == "2 things missing"
    assert word_of(page, "Workshop") == "Open to you"
    assert word_of(page, "Starter Course").endswith("% done")


def test_a_completed_program_is_done(as_learner: Browser, cast: Cast) -> None:
    enrollment = enrolled(cast.learner)
    pass_modules(enrollment)
    assert enrollment.status is EnrollmentStatus.COMPLETED

    assert word_of(as_learner.get("/programs").text, "Starter Course") == "Done"


def test_what_waits_for_the_staff_is_being_checked(as_learner: Browser, cast: Cast) -> None:
    be_member_of_age(cast.stranger)
    for kind, value, status in (
        ("birth_date", "1990-05-17", ClaimStatus.APPROVED),
        ("membership", "4417", ClaimStatus.SUBMITTED),
    ):
        accounts.record_claim(
            cast.learner.person_id,
            kind,
            "",
            value,
            note="",
            source=ClaimSource.EVIDENCE,
            status=status,
            valid_from=None,
            valid_until=None,
            by=None,
            now=LONG_AGO,
        )

    assert word_of(as_learner.get("/programs").text, "Coach Program") == "Being checked"


def test_open_to_me_now_leaves_what_i_could_enter(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner, "workshop")

    assert titles(as_learner.get("/programs?open=1").text) == ["Judge Program", "Official Program", "Starter Course"]


def test_another_persons_programs_are_not_mine(as_stranger: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    assert word_of(as_stranger.get("/programs").text, "Starter Course") == "Open to you"


def test_who_left_may_enter_again(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    enrolling.withdraw(cast.learner.person_id, "starter", now=NOON)

    assert word_of(as_learner.get("/programs").text, "Starter Course") == "Open to you"


def test_the_list_asks_the_same_however_many_enrolments(app: Flask, as_learner: Browser, cast: Cast) -> None:
    as_learner.get("/programs")
    with statements(app) as before:
        as_learner.get("/programs")
    for program in ("starter", "judge", "official", "workshop"):
        enrolled(cast.learner, program)

    with statements(app) as after:
        as_learner.get("/programs")

    assert len(after) == len(before) <= MOST
