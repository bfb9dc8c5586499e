"""Pages for everyone: nothing that axe finds, nothing that leaves its place, narrow or mirrored.

The fast run shows each template once; `lms test --soak` every route to every role, and what the demo's
people reach by links, light and dark, on a phone and on a desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import render_template
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from lms.foundation import clock
from tests.support import stores
from tests.support.amounts import WHOLE
from tests.support.eyes import LOOKS, Look, axe_violations, look_as, misplaced, moving, overlaps, sideways
from tests.support.moments import DAY, NOON
from tests.support.showing import Shown, answered, rendered_by, show, shown_pages
from tests.support.visitors import Visitors
from tests.support.walks import STARTS, crawl
from tests.support.world import World, built_world

MOST_PAGES = 20  # for each of ten people, in four looks and eight layouts
TEMPLATES = Path(__file__).parents[2] / "lms" / "web" / "templates"
# Pages that no answer of the world shows by itself; they are shown below, or met by the demo's people.
RARE = {"accounts/new_claim.html", "assessment/closing.html", "authoring/moved_on.html", "errors/bare.html"}
OF_THE_DEMO = {"learning/shut.html"}


@pytest.fixture(scope="module")
def world(run_folder: Path, worker_name: str, password_hash: str) -> Iterator[World]:
    with (
        pytest.MonkeyPatch.context() as patch,
        built_world(stores.SQLITE, run_folder, f"eyes_{worker_name}", password_hash) as world,
    ):
        patch.setattr(clock, "now", lambda: NOON)
        yield world


@pytest.fixture(scope="module")
def pages(world: World) -> list[Shown]:
    return shown_pages(world)


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    context = chromium.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def full_pages() -> set[str]:
    names = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
    return {name for name in names if "/_" not in name and not name.startswith(("_", "base"))}


def test_the_world_shows_every_template(pages: list[Shown]) -> None:
    assert {shown.template for shown in pages} == full_pages() - RARE - OF_THE_DEMO


def test_each_template_is_for_everyone(world: World, pages: list[Shown], page: Page) -> None:
    first = {shown.template: shown for shown in reversed(pages)}
    found = []
    templates = sorted(first)
    for number, template in enumerate(templates):
        show(page, world, first[template])
        found += troubles(page, looks(number * len(LOOKS) // len(templates)), template)

    assert found == []


def test_the_rarest_pages_are_for_everyone(world: World, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    found, met = [], set()
    for shown in rare_pages(world, monkeypatch):
        show(page, world, shown)
        met.add(shown.template)
        found += troubles(page, looks(), shown.template)

    assert met == RARE
    assert found == []


def rare_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    """A claim of one kind, a text that another has published over, the time that ran out, a database that is gone."""
    yield answered(world, "owner", lambda browser: browser.get("/account/claims/new?kind=membership"))
    late = {"source": "Mine.", "base": "0", "message": "Mine"}
    yield answered(
        world, "author", lambda browser: browser.post_form("/author/lessons/warm-up-order/publication", late)
    )
    with world.app.test_request_context("/"):
        words = {"happened": "Nothing answers.", "kept": "All is kept.", "remedy": "Wait a moment."}
        yield Shown("errors/bare.html", "/", "anonymous", 503, render_template("errors/bare.html", **words))
    monkeypatch.setattr(clock, "now", lambda: NOON + 9 * DAY)
    sitting = world.everything.things["sitting"]["token"]
    yield answered(world, "owner", lambda browser: browser.get(f"/exams/attempts/{sitting}/items/1"))


def looks(number: int = 0) -> list[Look]:
    """In the fast run each page is looked at in one way, the next in another."""
    return LOOKS if WHOLE else [LOOKS[number % len(LOOKS)]]


@pytest.mark.skipif(not WHOLE, reason="every page for every role is of the soak run")
def test_every_page_of_every_role_is_for_everyone(world: World, pages: list[Shown], page: Page) -> None:
    found = []
    for shown in pages:
        show(page, world, shown)
        found += troubles(page, LOOKS, f"{shown.role} {shown.address}")

    assert found == []


@pytest.mark.skipif(not WHOLE, reason="what the demo's people reach is of the soak run")
@pytest.mark.parametrize("word", STARTS)
def test_what_people_reach_by_links_is_for_everyone(visitors: Visitors, word: str) -> None:
    page = visitors.somebody(word) if word else visitors.anyone()
    found: list[str] = []

    crawl(
        page, STARTS[word], lambda address: found.extend(troubles(page, LOOKS, address)), most=MOST_PAGES, of_a_shape=1
    )

    assert found == []


def troubles(page: Page, looks: list[Look], name: str) -> list[str]:
    """What is wrong with the page that is open, each with the page's name."""
    found = []
    for look in looks:
        look_as(page, look)
        found += [f"{look.name}: {one}" for one in axe_violations(page)]
    found += misplaced(page)
    found += [f"moves: {one}" for one in moving(page)]
    return [f"{name}: {one}" for one in found]


# ---- the checks themselves see what they are for


BROKEN = """<!doctype html><html lang="en"><title>Broken</title><main><h1>Broken</h1><img src="data:,">
<p style="color:#ccc;background:#fff">pale</p></main></html>"""
WIDE = """<!doctype html><html lang="en"><title>Wide</title><body style="margin:0"><p style="width:60rem">wide</p>
<div style="position:relative"><p style="position:absolute;top:0;margin:0">one over</p><p style="margin:0">another</p></div>
<b style="animation:a 9s infinite">moving</b><style>@keyframes a { to { opacity: 0 } }</style></body></html>"""


def test_the_machine_sees_what_is_broken(page: Page) -> None:
    page.set_content(BROKEN)

    assert {found.partition(":")[0] for found in axe_violations(page)} == {"color-contrast", "image-alt"}


def test_the_machine_sees_what_left_its_place(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.set_content(WIDE)

    assert sideways(page)[0] == "the page is 960 wide"
    assert overlaps(page) == ["“one over” lies over “another”"]
    assert moving(page) == ["a"]


def test_a_page_is_named_by_its_template(world: World) -> None:
    with rendered_by(world.app) as names:
        world.browser("anonymous").get("/help")

    assert names == ["public/help.html"]
