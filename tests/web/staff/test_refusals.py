"""Who is not of the staff finds nothing here, and each view asks for its own capability."""

from __future__ import annotations

import pytest
from flask import Flask

from lms.accounts.rules import Capability
from lms.web.staff.views.door import NEEDS
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.claims import state
from tests.support.classes import announce
from tests.support.pages import masked
from tests.support.sittings import sit

PAGES = (
    "/staff",
    "/staff/claims",
    "/staff/claims?format=csv",
    "/staff/results",
    "/staff/results/judges-exam",
    "/staff/results/judges-exam?format=csv",
    "/staff/forms",
    "/staff/people",
    "/staff/people?format=csv",
    "/staff/classes",
    "/staff/classes?format=csv",
    "/staff/classes/new",
)


@pytest.mark.parametrize("address", PAGES)
def test_a_stranger_is_asked_to_sign_in(client: Browser, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/signin?next=")


@pytest.mark.parametrize("address", PAGES)
def test_for_who_is_not_of_the_staff_there_is_nothing_here(
    as_learner: Browser, as_instructor: Browser, as_author: Browser, address: str
) -> None:
    answers = [browser.get(address).status_code for browser in (as_learner, as_instructor, as_author)]

    assert answers == [404, 404, 404]


@pytest.mark.parametrize("address", PAGES)
def test_the_staff_and_administrators_find_each_page(
    as_staff: Browser, as_administrator: Browser, address: str
) -> None:
    answers = [browser.get(address).status_code for browser in (as_staff, as_administrator)]

    assert answers == [200, 200]


def test_single_objects_are_refused_as_if_they_did_not_exist(app: Flask, cast: Cast, as_learner: Browser) -> None:
    claim = state(cast.stranger.person_id).token
    attempt = sit(cast, cast.stranger).token
    offering = announce(cast.instructor).token
    addresses = [f"/staff/claims/{claim}", f"/staff/results/attempts/{attempt}", f"/staff/classes/{offering}"]

    for address in addresses:
        real, unreal = as_learner.get(address), as_learner.get(address[:-3] + "xyz")

        assert (real.status_code, unreal.status_code) == (404, 404)
        assert masked(real, address) == masked(unreal, address[:-3] + "xyz")


def test_posts_are_refused_without_the_capability(app: Flask, cast: Cast, as_learner: Browser) -> None:
    claim = state(cast.stranger.person_id).token
    offering = announce(cast.instructor).token
    addresses = [
        f"/staff/claims/{claim}/decision",
        "/staff/forms/judges-exam/a/activation",
        "/staff/forms/judges-exam/a/withdrawal",
        "/staff/classes/new",
        f"/staff/classes/{offering}/opening",
        f"/staff/classes/{offering}/cancellation",
    ]

    assert [as_learner.post_form(address, {}).status_code for address in addresses] == [404] * len(addresses)


def test_every_view_of_the_door_says_what_it_needs(app: Flask) -> None:
    views = {name.partition(".")[2] for name in app.view_functions if name.startswith("staff.")}

    assert views == set(NEEDS)
    assert all(set(needed) <= set(Capability) and needed for needed in NEEDS.values())


@pytest.mark.parametrize("name", ["a%00b", "%F0%9F%8F%83", "..%2Fx", "x" * 300])
def test_what_can_be_no_token_is_not_asked_of_the_database(as_staff: Browser, name: str) -> None:
    answers = [as_staff.get(f"/staff/{place}/{name}").status_code for place in ("claims", "people", "results")]

    assert answers == [404, 404, 404]
