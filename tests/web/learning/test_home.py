"""The learner's home."""

from __future__ import annotations

import pytest
from flask import Flask

from lms.accounts.models import Account, ClaimStatus
from lms.foundation import clock
from lms.foundation.database import db
from lms.usecases import booking, claiming, enrolling
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.claims import state
from tests.support.classes import announce
from tests.support.moments import DAY, NOON
from tests.support.statements import statements
from tests.support.studying import LESSON, enrolled, pass_modules, read, tell

SIX = 6


def test_strangers_are_sent_to_sign_in_and_back(client: Browser) -> None:
    answer = client.get("/learn")

    assert (answer.status_code, answer.location) == (302, "/signin?next=/learn")


def test_an_empty_home_says_how_to_begin(as_learner: Browser) -> None:
    page = as_learner.get("/learn").text

    assert "Welcome, Lena Lindqvist" in page
    assert "Your programs will stand here" in page
    assert 'href="/programs"' in page


def test_the_next_step_stands_first_with_its_lap(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)

    page = as_learner.get("/learn").text

    assert "Next: The order of a warm-up" in page
    assert "Warming up, lesson 1 of 2." in page
    assert f'href="{LESSON}"' in page
    assert 'class="lap lap-home"' in page
    assert 'class="lap lap-mark"' in page


def test_a_program_begun_comes_before_one_not_begun(as_learner: Browser, cast: Cast) -> None:
    read(enrolled(cast.learner), "warm-up-order")
    enrolled(cast.learner, "workshop", now=NOON)

    page = as_learner.get("/learn").text

    assert "Next: How long a warm-up lasts" in page
    assert "Next: book a class" in page


def test_seats_membership_and_certificates_are_dated(as_learner: Browser, cast: Cast) -> None:
    tell(cast.learner, "membership", "4417", until=(clock.now() + 40 * DAY).date())
    pass_modules(enrolled(cast.learner))
    enrolled(cast.learner, "workshop")
    offering = announce(title="Winter class", starts_at=clock.now() + 20 * DAY)
    booking.book(cast.learner.person_id, offering.token, now=clock.now())

    page = as_learner.get("/learn").text

    assert page.index("Winter class") < page.index("Your membership ends")
    assert f"/classes/{offering.token}" in page
    assert "Starter Coach" in page
    assert "Complete since" in page


def test_without_a_program_the_way_to_one_stands_before_the_dates(as_learner: Browser, cast: Cast) -> None:
    ends = (clock.now() + 300 * DAY).date()
    tell(cast.learner, "membership", "4417", until=ends)

    page = as_learner.get("/learn").text

    assert "My programs" not in page
    assert page.index("Your programs will stand here") < page.index("Your membership ends")
    assert f"{ends:%b %Y}" in page


def test_what_one_has_left_is_gone_from_home(as_learner: Browser, cast: Cast) -> None:
    enrolled(cast.learner)
    enrolling.withdraw(cast.learner.person_id, "starter", now=NOON)

    assert "Your programs will stand here" in as_learner.get("/learn").text


def test_nothing_of_another_person_shows(as_stranger: Browser, cast: Cast) -> None:
    pass_modules(enrolled(cast.learner))

    page = as_stranger.get("/learn").text

    assert "Starter" not in page


@pytest.mark.parametrize("programs", [(), ("starter",), ("starter", "judge", "official", "workshop")])
def test_home_takes_six_statements_whatever_the_number_of_programs(
    app: Flask, as_learner: Browser, cast: Cast, programs: tuple[str, ...]
) -> None:
    for program in programs:
        enrolled(cast.learner, program)
    as_learner.get("/learn")

    with statements(app) as sent:
        as_learner.get("/learn")

    assert len(sent) <= SIX


def test_home_says_what_is_being_checked_and_what_the_staff_asked(as_learner: Browser, cast: Cast) -> None:
    claim = state(cast.learner.person_id)
    state(cast.learner.person_id, kind="registry")
    claiming.decide(claim, cast.staff.viewer(), ClaimStatus.NEEDS_MORE, "Which <b>club</b>?", now=NOON)
    db.session.commit()

    page = as_learner.get("/learn").text

    assert "More is needed: Membership" in page
    assert "Which &lt;b&gt;club&lt;/b&gt;?" in page
    assert "/account/claims/new?kind=membership" in page
    assert page.count("Being checked by the staff") == 2, "in the list's name and at its one row"


def test_home_says_that_the_address_is_not_confirmed(as_learner: Browser, cast: Cast) -> None:
    told = as_learner.get("/learn").text
    db.session.get_one(Account, cast.learner.account_id).verified_at = None

    page = as_learner.get("/learn").text

    assert ["is not confirmed yet" in each for each in (told, page)] == [False, True]


def test_home_asks_for_age_and_membership_until_both_are_told(as_learner: Browser, cast: Cast) -> None:
    asks = "Tell us your age and membership"
    state(cast.learner.person_id)
    half = as_learner.get("/learn").text
    state(cast.learner.person_id, kind="birth_date", value="1990-05-17")

    assert [asks in half, asks in as_learner.get("/learn").text] == [True, False]
