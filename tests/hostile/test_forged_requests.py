"""Requests that others made up: without the form's token, with another's, from another site, with fields nobody offered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from lms.foundation.database import Base
from tests.hostile.test_hostile_texts import send, shape
from tests.support.amounts import one_in
from tests.support.browser import CSRF_FIELD
from tests.support.filling import filled
from tests.support.markup import forms_of, read
from tests.support.roaming import Found, Roamed
from tests.support.world import CHANGING, LOOKING, ROLES, Row, Snapshot, World

EVIL = "http://evil.example"
ELSEWHERE = {"404", "in"}
# Names of columns and of what other systems call them; each is sent with every form.
COLUMNS = sorted({column.name for table in Base.metadata.sorted_tables for column in table.columns})
WISHES = [
    "is_staff",
    "is_admin",
    "admin",
    "roles",
    "grade",
    "passed",
    "user_id",
    "attempts_allowed",
    "score",
    "_method",
]
OFFERED = {"name", "zone", "email", "value", "note", "reason", "title", "place", "capacity", "minimum", "format"}
RANDOM = re.compile(r"token|digest|secret|hash|code|seed|key|payload|document")


def changing_role(row: Row) -> str:
    """A role that may do it."""
    return next((role for role in ROLES if row.expected[role] not in ELSEWHERE), "owner")


@pytest.mark.parametrize("way", ["no token", "another's token", "a made-up token", "another site", "a site that hides"])
def test_no_action_of_any_route_is_done_for_another_site(world: World, way: str) -> None:
    before = world.snapshot()

    answers = {str(row): forged(world, row, way) for row in CHANGING}

    assert set(answers.values()) == {400}, {row: status for row, status in answers.items() if status != 400}
    assert world.snapshot() == before


def forged(world: World, row: Row, way: str) -> int:
    """A post as somebody who may, in a browser that was led to it."""
    world.forgive()
    browser = world.browser(changing_role(row))
    address = world.address(row, world.everything.things[row.thing])
    if way == "no token":
        return browser.post(address).status_code
    if way == "another's token":
        return browser.post(address, data={CSRF_FIELD: world.browser("administrator").form_token()}).status_code
    if way == "a made-up token":
        return browser.post(address, data={CSRF_FIELD: "ImFhYWFhYWFhIg.aaaaaa.aaaaaaaaaaaaaaaa"}).status_code
    origin = EVIL if way == "another site" else "null"
    return browser.post_form(address, {}, headers={"Origin": origin}).status_code


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""])
def test_a_token_in_a_body_that_is_no_form_opens_nothing(world: World, content_type: str) -> None:
    """What a form of another site can send without asking first: text, and parts."""
    before = world.snapshot()
    answers = {}
    for row in CHANGING:
        world.forgive()
        browser = world.browser(changing_role(row))
        body = json.dumps({CSRF_FIELD: browser.form_token(), "answer": "0", "sequence": 99})
        address = world.address(row, world.everything.things[row.thing])
        answers[str(row)] = browser.post(address, data=body.encode(), content_type=content_type).status_code

    assert set(answers.values()) == {400}
    assert world.snapshot() == before


def test_a_form_that_says_it_comes_from_here_is_taken(world: World) -> None:
    for origin in ("http://localhost", "http://campus.example.org"):
        answer = world.browser("owner").post_form(
            "/account", {"name": "Lena", "zone": "UTC"}, headers={"Origin": origin}
        )
        assert answer.status_code == 303


def test_no_other_method_does_what_a_post_does(world: World) -> None:
    before = world.snapshot()
    for row in CHANGING[:: one_in(5)]:
        world.forgive()
        browser = world.browser(changing_role(row))
        address = world.address(row, world.everything.things[row.thing])
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            assert browser.open(address, method=method, data={CSRF_FIELD: browser.form_token()}).status_code == 405
        over = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"}
        assert browser.get(address, headers=over, query_string={"_method": "POST"}).status_code < 500

    assert world.snapshot() == before


def test_following_every_link_as_everybody_changes_nothing(world: World, roamed: Roamed) -> None:
    """`roamed` followed each link once; here they are opened again on a fresh copy. No column is left out."""
    before = world.snapshot()

    for role, address in list(roamed.pages)[:: one_in(8)]:
        world.forgive()
        browser = world.browser(role)
        browser.get(address, buffered=True)
        browser.open(address, method="HEAD")

    assert world.snapshot() == before


def test_fields_that_no_form_offers_change_nothing(world: World, roamed: Roamed) -> None:
    """The same form with and without them leaves the same rows; what is random in a row is left out."""
    wrong = []
    for found in once_each(world, roamed)[:: one_in(4)]:
        plain, burdened = (rows_after(world, found, wishes) for wishes in ({}, wishes_for(found)))
        if plain != burdened:
            wrong += [f"{found}: {table}" for table in plain if plain[table] != burdened[table]]

    assert wrong == []


def once_each(world: World, roamed: Roamed) -> list[Found]:
    """A form for each action."""
    routes = world.app.url_map.bind("")
    return list({str(routes.match(shape(one.target), "POST")[0]): one for one in roamed.sent()}.values())


def wishes_for(found: Found) -> dict[str, list[str]]:
    page_fields = {
        *found.form.fields,
        *found.form.choices,
        *found.typed,
        *(each.get("name") for each in found.form.buttons),
    }
    return {name: ["1", "administrator"] for name in [*COLUMNS, *WISHES] if name not in page_fields | OFFERED}


def rows_after(world: World, found: Found, wishes: Mapping[str, list[str]]) -> Mapping[str, object]:
    world.restore()
    world.forgive()
    send(world.browser(found.role), found.target, {**filled(found), **wishes})
    return without_chance(world.contents())


def without_chance(snapshot: Snapshot) -> dict[str, object]:
    tables = {table.name: [column.name for column in table.columns] for table in Base.metadata.sorted_tables}
    return {
        name: [
            [cell for column, cell in zip(tables[name], row, strict=True) if not RANDOM.search(column)] for row in rows
        ]
        for name, rows in snapshot.items()
    }


def test_the_host_of_a_request_has_no_say_in_any_page(world: World) -> None:
    """Links in mails, feeds, documents and redirects begin with the configured address, or with no address at all."""
    evil = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Host": "evil.example",
    }
    wrong = []
    for row in LOOKING:
        role = next((role for role in ROLES if row.expected[role] not in ELSEWHERE), "staff")
        world.forgive()
        address = world.address(row, world.everything.things[row.thing])
        answer = world.browser(role).get(address, headers=evil, buffered=True)
        if b"evil.example" in answer.data or "evil" in str(answer.headers):
            wrong.append(str(row))
        assert urlsplit(answer.headers.get("Location", "/")).netloc in {"", "campus.example.org"}

    assert wrong == []


def test_every_form_that_changes_something_is_a_post_with_a_token(world: World, roamed: Roamed) -> None:
    for found in roamed.forms.values():
        if found.form.method == "post":
            assert CSRF_FIELD in found.form.fields, found

    page = read(world.browser("owner").get("/account").text)
    assert all(form.method in {"get", "post"} for form in forms_of(page))
