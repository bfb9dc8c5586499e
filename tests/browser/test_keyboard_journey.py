"""The whole way to a certificate without a mouse: the learner's, and the staff's part of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lms import worker
from lms.foundation import clock
from tests.support.amounts import WHOLE
from tests.support.cast import PASSWORD
from tests.support.demo_site import settings_of
from tests.support.keyboard import tab_to
from tests.support.keyboard_study import press_enter, read_the_rest_of_the_module, take_quiz
from tests.support.real_campus import let_go, make_app
from tests.support.visitors import Visitors

NAME, ADDRESS = "Kay Tabb", "kay.tabb@example.org"
LONGEST_WAY = 12
pytestmark = pytest.mark.skipif(not WHOLE, reason="the whole way by keyboard is of the soak run")


def test_from_the_sign_up_to_the_certificate_by_keyboard_alone(
    visitors: Visitors, run_folder: Path, worker_name: str
) -> None:
    page = visitors.anyone()
    signs_up(page)
    confirms(page, letter_after_work(run_folder, worker_name, visitors.site.url))
    signs_in(page, ADDRESS)
    says_who_they_are(page)
    staff_approves(visitors)

    page.goto("/programs/developmental-coach")
    tab_to(page, r"^button\|submit\|Enroll")
    press_enter(page)
    studies_to_the_end(visitors, page)

    expect(page.locator("h1")).to_have_text("Valid today")
    expect(page.get_by_role("main")).to_contain_text(NAME)


def signs_up(page: Page) -> None:
    page.goto("/")
    tab_to(page, r"^a\|.*Sign in")
    press_enter(page)
    tab_to(page, r"^a\|.*(Sign up|account)")
    press_enter(page)
    fill(page, {r"^input\|text\|": NAME, r"^input\|email\|": ADDRESS, r"^input\|password\|": PASSWORD})
    press_enter(page)
    expect(page).to_have_url(re.compile("/signup/sent"))


def fill(page: Page, fields: dict[str, str]) -> None:
    """Type into the fields in their order."""
    for words, typed in fields.items():
        tab_to(page, words)
        page.keyboard.type(typed)


def letter_after_work(folder: Path, worker_name: str, url: str) -> str:
    """Let the worker send what waits, and read the path of the link in the letter."""
    app = make_app(settings_of(folder / f"demo-{worker_name}.sqlite3", url))
    with app.app_context():
        worker.run_once(clock.now())
    let_go(app)
    letters = [path.read_text(encoding="utf-8") for path in (folder / "demo-mail").glob("*.eml")]
    links = [link for letter in letters if ADDRESS in letter for link in re.findall(r"/verify-address/[\w-]+", letter)]
    return str(links[0])


def confirms(page: Page, path: str) -> None:
    page.goto(path)
    tab_to(page, "Confirm my address")
    press_enter(page)
    expect(page.get_by_role("main")).to_contain_text("Your address is confirmed.")


def signs_in(page: Page, address: str) -> None:
    page.goto("/signin")
    fill(page, {"E-mail address": address, "Password": PASSWORD})
    press_enter(page)
    expect(page).to_have_url(re.compile("/(learn|staff)$"))


def says_who_they_are(page: Page) -> None:
    """A day is typed in its parts, as people with this language write it."""
    for kind, fields in (
        ("Date of birth", {r"^input\|date\|": "05171994"}),
        ("Membership", {r"^input\|text\|": "40219999", r"^input\|date\|": "06302027"}),
    ):
        page.goto("/account/claims/new")
        tab_to(page, rf"^a\|.*{kind}")
        press_enter(page)
        fill(page, fields)
        tab_to(page, r"^button\|submit\|(Save|Send)")
        press_enter(page)
        expect(page).to_have_url(re.compile("/account/claims$"))


def staff_approves(visitors: Visitors) -> None:
    """Out of the queue, with the keys of the page."""
    page = visitors.anyone()
    signs_in(page, "staff@example.org")
    page.goto("/staff/claims")
    tab_to(page, rf"^a\|.*{NAME}")
    press_enter(page)
    page.keyboard.press("a")
    expect(page.locator("input[value=approved]")).to_be_checked()
    tab_to(page, "Decide and go to the next")
    press_enter(page)
    expect(page.get_by_role("main")).to_contain_text(f"{NAME}, Membership: Approved.")


def studies_to_the_end(visitors: Visitors, page: Page) -> None:
    """What the track names next, module by module, until the certificate is there."""
    for _module in range(LONGEST_WAY):
        words = page.locator(".lap-box a.button:visible").inner_text()
        tab_to(page, r"^a\|.*" + re.escape(" ".join(words.split())))
        press_enter(page)
        read_the_rest_of_the_module(page, visitors.site.key)
        take_quiz(page, visitors.site.key)
        if page.get_by_role("link", name="Open the certificate").count():
            tab_to(page, "Open the certificate")
            press_enter(page)
            return
        tab_to(page, "Go on with the")
        press_enter(page)
    raise AssertionError("The way has no end.")
