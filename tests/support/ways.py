"""The ways to the product's pages, by their links, as people of the demo take them."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page

Way = Callable[[Page], None]


def goto(address: str) -> Way:
    def way(page: Page) -> None:
        page.goto(address)

    return way


def to_track(page: Page) -> None:
    page.goto("/learn")
    page.get_by_role("link", name="See the whole track").click()


def to_lesson(page: Page) -> None:
    page.goto("/learn")
    page.locator(".next-step .button").first.click()
    page.wait_for_selector("article")


def to_item(page: Page) -> None:
    to_exam(page)
    start = page.get_by_role("button", name="Start the exam")
    if start.count():
        start.click()
    else:
        page.get_by_role("link", name="Go on").last.click()
    page.wait_for_selector("#answer")
    page.locator("input[name=answer]").nth(1).check()
    page.wait_for_selector(".save-state[data-state=saved]")


def to_exam(page: Page) -> None:
    to_track(page)
    page.get_by_role("link", name="Read the rules and start").click()


def to_result(page: Page) -> None:
    page.goto("/learn")
    page.get_by_role("link", name="Level 1 Program").first.click()
    exam = page.get_by_role("link", name="Read the rules and start")
    page.goto(exam.get_attribute("href") or "" if exam.count() else "/exams/level-1/level-1-exam")
    page.get_by_role("link", name=re.compile("attempt$")).last.click()


def to_certificate(page: Page) -> None:
    page.goto("/certificates")
    page.locator("main h2 a").first.click()
    page.wait_for_load_state("networkidle")


def to_class(page: Page) -> None:
    page.goto("/classes")
    page.get_by_role("link", name=re.compile("Level 1")).first.click()


def to_roster(page: Page) -> None:
    page.goto("/teach")
    page.locator("main .row-title a").first.click()


def to_claim(page: Page) -> None:
    page.goto("/staff/claims")
    page.locator("main table a").first.click()


def to_editor(page: Page) -> None:
    page.goto("/author")
    page.locator("main a[href*='/author/lessons/']").nth(2).click()
