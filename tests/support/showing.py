"""Answers of the world in a real browser: the page is what the app said, and what it fetches the app answers too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, template_rendered
from jinja2 import Template
from playwright.sync_api import Page, Route
from werkzeug.test import TestResponse

from tests.support.amounts import WHOLE
from tests.support.browser import Browser
from tests.support.world import LOOKING, NAMING, ROLES, ROWS, Row, World

ORIGIN = "http://campus.example.org"
PARTS = ("/_", "_macros/")
BONES = re.compile(r'<([a-z][a-z0-9]*)(?:[^>]*?\bclass="([^"]*)")?')


@dataclass(frozen=True)
class Shown:
    """One page as one role is answered it, and the template that made it."""

    template: str
    address: str
    role: str
    status: int
    html: str


@contextmanager
def rendered_by(app: Flask) -> Iterator[list[str]]:
    """The names of the templates rendered meanwhile."""
    names: list[str] = []

    def noted(_sender: Flask, template: Template, **_given: Any) -> None:
        names.append(template.name or "")

    with template_rendered.connected_to(noted, app):
        yield names


def shown_pages(world: World) -> list[Shown]:
    """Every page that some route answers some role, its refusals too; in the fast run one for each answer to looking.

    Pages of the same elements in the same order, with other words in them, are looked at once.
    """
    found: dict[tuple[str, str], Shown] = {}
    for row in ROWS if WHOLE else LOOKING:
        roles = ROLES if WHOLE else {row.expected[role]: role for role in reversed(ROLES)}.values()
        for role, absent in [(role, False) for role in roles] + [("owner", True)] * (row in NAMING and not row.changes):
            shown = _shown(world, row, role, absent=absent)
            if shown is not None:
                found.setdefault((shown.template, skeleton(shown.html)), shown)
        if row.changes:
            world.restore()
    return list(found.values())


def skeleton(html: str) -> str:
    """What a page is built of: its elements and their classes, in order."""
    return " ".join(".".join(bone) for bone in BONES.findall(html))


def _shown(world: World, row: Row, role: str, *, absent: bool) -> Shown | None:
    things = world.everything.absent if absent else world.everything.things
    shown = answered(world, role, lambda _browser: world.ask(row, role, absent=absent))
    return replace(shown, address=world.address(row, things[row.thing])) if shown.template else None


def answered(world: World, role: str, asked: Callable[[Browser], TestResponse]) -> Shown:
    """The page that somebody gets; without a template where it is none."""
    with rendered_by(world.app) as names:
        answer = asked(world.browser(role))
    whole = [name for name in names if not any(part in name for part in PARTS)]
    is_page = answer.mimetype == "text/html" and whole
    return Shown(whole[-1] if is_page else "", "/", role, answer.status_code, answer.text if is_page else "")


def show(page: Page, world: World, shown: Shown) -> None:
    """Open it. A status of failure would be a complaint in the console, so that every page comes with 200."""

    def answered(route: Route) -> None:
        if route.request.is_navigation_request():
            route.fulfill(status=200, content_type="text/html", body=shown.html)
            return
        if route.request.resource_type == "font" and not WHOLE:
            route.abort()  # the faces that stand in for ours have their measures
            return
        route.fulfill(**_part(world, urlsplit(route.request.url).path))

    page.unroute_all()
    page.route("**/*", answered)
    page.goto(f"{ORIGIN}{shown.address}")


def _part(world: World, path: str) -> dict[str, Any]:
    """A style sheet, font or script. The browser keeps nothing while it is answered so; its name tells its content."""
    if path not in _kept:
        answer = world.browser("anonymous").get(path)
        _kept[path] = {"status": answer.status_code, "content_type": answer.content_type, "body": answer.data}
    return _kept[path]


_kept: dict[str, dict[str, Any]] = {}
