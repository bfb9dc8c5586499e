"""Every route, for every role, on one's own things and on another's: `every_route.txt` says what each must answer.

A route without a line there fails, and so does a line without a route.
"""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.support.pages import masked
from tests.support.world import CHANGING, NAMING, ROLES, ROWS, Row, World

TO_SIGN_IN = "in"
NO_METHODS_OF_OURS = {"HEAD", "OPTIONS"}


def seen(answer: TestResponse) -> str:
    location = answer.headers.get("Location", "")
    return TO_SIGN_IN if location.startswith("/signin") else str(answer.status_code)


def test_every_route_has_its_line(world: World) -> None:
    routes = {
        (rule.endpoint, method)
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - NO_METHODS_OF_OURS
    }

    assert {(row.endpoint, row.method) for row in ROWS} == routes
    assert len(ROWS) == len(routes)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_role_is_answered_as_the_table_says_and_looking_changes_nothing(world: World, row: Row) -> None:
    before, answers = world.snapshot(), {}
    for role in ROLES:
        answers[role] = seen(world.ask(row, role))
        if row.changes:
            world.restore()

    assert answers == row.expected
    assert world.snapshot() == before


@pytest.mark.parametrize("row", CHANGING, ids=str)
def test_without_its_token_a_form_changes_nothing(world: World, row: Row) -> None:
    before = world.snapshot()

    answers = {role: world.ask(row, role, token=False).status_code for role in ROLES}

    assert answers == dict.fromkeys(ROLES, 400)
    assert world.snapshot() == before


@pytest.mark.parametrize("row", NAMING, ids=str)
def test_what_is_refused_looks_as_if_it_did_not_exist(world: World, row: Row) -> None:
    before = world.snapshot()
    refused = [role for role, answer in row.expected.items() if answer == "404"]

    for role in refused:
        assert shown(world, row, role, absent=False) == shown(world, row, role, absent=True)

    assert world.snapshot() == before


def shown(world: World, row: Row, role: str, *, absent: bool) -> tuple[object, ...]:
    """All that a refusal says, without the token of its form and what the asking address itself held."""
    answer = world.ask(row, role, absent=absent)
    things = world.everything.absent if absent else world.everything.things
    headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
    own_words = [str(value) for value in things[row.thing].values() if len(str(value)) > 3]
    length = [(name, value) for name, value in headers if name != "Content-Length"]
    return answer.status_code, length, masked(answer, *own_words)
