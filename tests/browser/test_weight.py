"""What pages weigh over the wire, and that nothing on them jumps while they load."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from lms.web.assets import STATIC, without_air
from tests.support.amounts import WHOLE
from tests.support.visitors import DESKTOP, Screen, Visitors
from tests.support.ways import goto, to_item, to_lesson, to_result, to_track
from tests.support.wire import fetching, shifts, watch_shifts

FIRST_LESSON_BYTES, FIRST_LESSON_REQUESTS = 60_000, 5
LATER_PAGE_BYTES = 12_000
PHONE = Screen("phone", 390, 844)
ICON = "favicon.svg"  # the browser's own, once for all pages: its bytes count, its request does not
RULES = """(text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return [...sheet.cssRules].map((one) => one.cssText.replace(/\\s+/g, ""));
}"""
FIRST_LESSON = re.compile("/learn/[^/]+/[^/]+/[^/]+$")


def test_the_first_lesson_comes_within_its_weight_and_the_next_pages_alone(visitors: Visitors) -> None:
    address, cookies = way_to_a_lesson(visitors)
    page = visitors.anyone(PHONE)
    page.context.add_cookies(cookies)

    with fetching(page) as first:
        page.goto(address, wait_until="networkidle")

    assert first.total_bytes <= FIRST_LESSON_BYTES, first.over_the_wire
    asked = [each for each in first.over_the_wire if not each.endswith(ICON)]
    assert len(asked) <= FIRST_LESSON_REQUESTS, asked
    for later in later_pages(page):
        with fetching(page) as fetched:
            page.goto(later, wait_until="networkidle")
        assert len(fetched.over_the_wire) == 1, fetched.over_the_wire
        assert fetched.total_bytes <= LATER_PAGE_BYTES, fetched.over_the_wire


def way_to_a_lesson(visitors: Visitors) -> tuple[str, list]:  # type: ignore[type-arg]  # playwright's own cookies
    page = visitors.somebody("learner")
    to_lesson(page)
    assert FIRST_LESSON.search(page.url)
    return page.url, page.context.cookies()


def later_pages(page: Page) -> list[str]:
    """The lessons beside this one, and the pages around it."""
    lessons = page.locator(".lesson-list a:not([aria-current])").evaluate_all("links => links.map((one) => one.href)")
    assert lessons
    return [*dict.fromkeys(lessons), "/learn", "/learn/level-1", "/programs", "/classes", "/account"]


def test_the_style_sheet_without_air_holds_the_same_rules(visitors: Visitors) -> None:
    page = visitors.anyone()
    order = (STATIC / "css" / "order.txt").read_text(encoding="utf-8").split()
    written = "\n".join((STATIC / "css" / part).read_text(encoding="utf-8") for part in order)

    rules = page.evaluate(RULES, without_air(written))

    assert len(rules) > 250
    assert rules == page.evaluate(RULES, written)


PAGES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "home": ("", goto("/")),
    "lesson": ("learner", to_lesson),
    "track": ("learner", to_track),
    "item": ("examinee", to_item),
    "result": ("marcus.bell", to_result),
}


@pytest.mark.parametrize("screen", [PHONE, DESKTOP] if WHOLE else [PHONE], ids=lambda screen: screen.name)
@pytest.mark.parametrize("name", PAGES if WHOLE else ["lesson"])
def test_nothing_on_a_page_jumps(visitors: Visitors, name: str, screen: Screen) -> None:
    word, way = PAGES[name]
    page = visitors.somebody(word, screen) if word else visitors.anyone(screen)
    way(page)
    watch_shifts(page)

    with fetching(page) as fetched:
        page.goto(page.url, wait_until="networkidle")
        read_to_the_end(page)

    assert fetched.addresses
    assert shifts(page) == []


def read_to_the_end(page: Page) -> None:
    """Scroll a screen at a time, so that what is laid out late is laid out."""
    for _screen in range(40):
        before = page.evaluate("scrollY")
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(40)
        if page.evaluate("scrollY") == before:
            return
