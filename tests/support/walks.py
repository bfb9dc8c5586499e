"""Where people of the demo begin, and a walk along all links from there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page

STARTS = {
    "": [
        "/",
        "/programs",
        "/classes",
        "/signup",
        "/signin",
        "/reset",
        "/verify",
        "/help",
        "/accessibility",
        "/privacy",
    ],
    "newcomer": ["/learn", "/certificates", "/account", "/account/claims/new"],
    "learner": ["/", "/learn", "/learn/level-1", "/programs", "/classes", "/account", "/certificates", "/verify"],
    "examinee": ["/learn", "/learn/level-1"],
    "marcus.bell": ["/learn", "/learn/level-1", "/certificates"],
    "tom.aldridge": ["/learn", "/learn/level-1"],
    "instructor": ["/teach", "/author"],
    "author": ["/author", "/author/releases"],
    "staff": ["/staff", "/staff/claims", "/staff/results", "/staff/classes", "/staff/people", "/staff/forms"],
    "admin": ["/staff", "/staff/people"],
}


def crawl(
    page: Page, starts: list[str], look: Callable[[str], None] = lambda _address: None, *, most: int, of_a_shape: int
) -> list[str]:
    """Open pages by their links, of each shape of address the first few. Returns what was opened."""
    waiting, seen = list(starts), list[str]()
    shapes = dict[str, int]()
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        seen.append(address)
        links = links_of(page)
        look(address)
        for link in links:
            shape = shape_of(link)
            if link not in seen and link not in waiting and shapes.get(shape, 0) < of_a_shape:
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
