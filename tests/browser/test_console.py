"""Every page that can be reached by links is quiet: no error in the console, nothing that the policy had to stop."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.support.amounts import WHOLE
from tests.support.visitors import Visitors

MOST_PAGES = 45 if WHOLE else 12
MOST_OF_A_SHAPE = 2 if WHOLE else 1
STARTS = {
    "learner": ["/", "/learn", "/programs", "/classes", "/account", "/certificates", "/verify"],
    "examinee": ["/learn"],
    "instructor": ["/teach", "/author"],
    "author": ["/author", "/author/releases"],
    "staff": ["/staff", "/staff/claims", "/staff/results", "/staff/classes", "/staff/people", "/staff/forms"],
}


@pytest.mark.parametrize("word", STARTS)
def test_pages_are_quiet(visitors: Visitors, word: str) -> None:
    page = visitors.somebody(word)

    seen = crawl(page, STARTS[word])

    assert len(seen) > len(STARTS[word])


def crawl(page: Page, starts: list[str]) -> list[str]:
    """Open pages by their links, of each shape of address only the first."""
    waiting, seen = list(starts), list[str]()
    shapes = dict[str, int]()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        seen.append(address)
        for link in links_of(page):
            shape = shape_of(link)
            if link not in seen and link not in waiting and shapes.get(shape, 0) < MOST_OF_A_SHAPE:
                shapes[shape] = shapes.get(shape, 0) + 1
                waiting.append(link)
    return seen


def links_of(page: Page) -> list[str]:
    """The pages that this one links to; files to take away are none."""
    found = page.eval_on_selector_all(
        "a[href]", "links => links.filter(a => a.origin === location.origin).map(a => a.pathname + a.search)"
    )
    return [link for link in dict.fromkeys(found) if "." not in urlsplit(link).path and "format=csv" not in link]


def shape_of(address: str) -> str:
    """Addresses of one page with other contents share their beginning and their length."""
    parts = urlsplit(address).path.split("/")
    return "/".join(parts[:2]) + f"/{len(parts)}"
