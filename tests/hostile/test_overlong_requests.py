"""Too much of anything: bytes, fields, letters, depth. It is refused early, and nothing is done half."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import TestResponse

from lms.app import LARGEST_FORM_BYTES, MOST_FORM_PARTS
from lms.content.compiling.preview import preview_lesson
from lms.foundation.yaml_source import load
from tests.support.amounts import WHOLE
from tests.support.browser import CSRF_FIELD, Browser
from tests.support.trees import SHORT_LESSON, campus_tree
from tests.support.world import CHANGING, ROLES, World

FORM = "application/x-www-form-urlencoded"
FRONT = "---\ntitle: T\nminutes: 5\nactivity_minutes: 5\nobjectives: [time-a-warm-up]\n{}\n---\n\nWords.\n"


def test_a_body_beyond_the_limit_is_refused_by_every_action(world: World) -> None:
    before = world.snapshot()
    body = f"{CSRF_FIELD}=x&note=".encode() + b"a" * 10_000_000

    for row in CHANGING:
        world.forgive()
        role = next((role for role in ROLES if row.expected[role] not in {"404", "in"}), "owner")
        address = world.address(row, world.everything.things[row.thing])
        answer = world.browser(role).post(address, data=body, content_type=FORM)
        assert answer.status_code in {400, 413}, row

    assert len(body) > LARGEST_FORM_BYTES
    assert world.snapshot() == before


def test_a_hundred_thousand_fields_are_refused_before_they_are_read(world: World) -> None:
    before, browser = world.snapshot(), world.browser("owner")
    fields = "&".join(f"f{number}=1" for number in range(100_000))

    urlencoded = browser.post("/account", data=f"{fields}&{CSRF_FIELD}={browser.form_token()}", content_type=FORM)
    parts = browser.post(
        "/account", data=multipart(MOST_FORM_PARTS + 1), content_type="multipart/form-data; boundary=x"
    )

    assert urlencoded.status_code in {400, 413, 422}
    assert parts.status_code in {400, 413}
    assert world.snapshot() == before


def multipart(count: int) -> bytes:
    part = '--x\r\nContent-Disposition: form-data; name="f{}"\r\n\r\n1\r\n'
    return ("".join(part.format(number) for number in range(count)) + "--x--\r\n").encode()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'"\\ud800"',
        b'{"sequence": 1e999, "answer": "\\ud800"}',
        b'{"sequence": NaN}',
        b"{" + b'"a":1,' * 100_000 + b'"b":1}',
        b"\xff\xfe",
        b"",
        b"null",
        b'{"answer": {"a": 1}, "sequence": 1}',
        b'{"answer": [["a"]], "sequence": 1}',
        b'{"answer": null, "sequence": 1}',
        b'{"sequence": 1.5}',
        b'{"sequence": ' + b"9" * 5_000 + b"}",
    ],
)
def test_no_json_that_a_script_could_send_fails(world: World, body: bytes) -> None:
    """A save says that it is JSON, or is taken for a form; neither way may it be ours to fail."""
    token = world.everything.things["sitting"]["token"]

    answers = [post_to_sitting(world, token, body, kind) for kind in ("application/json", FORM, "text/plain")]

    assert all(400 <= answer.status_code < 500 for answer in answers)


def post_to_sitting(world: World, token: str, body: bytes, kind: str) -> TestResponse:
    world.forgive()
    browser = world.browser("owner")
    headers = {"X-CSRFToken": browser.form_token(), "Accept": "application/json"}
    return browser.post(f"/exams/attempts/{token}/items/1", data=body, content_type=kind, headers=headers)


def test_a_number_where_a_text_belongs_is_read_as_a_text(world: World) -> None:
    answer = world.browser("owner").post_json("/account", {"name": 5, "zone": "UTC"})

    assert answer.status_code == 303


def test_ten_megabytes_in_one_save_are_refused_with_a_reason_that_a_script_can_read(world: World) -> None:
    token = world.everything.things["sitting"]["token"]

    answer = post_to_sitting(world, token, b"answer=" + b"a" * 10_000_000, FORM)

    assert answer.status_code == 413
    assert json.loads(answer.data)["status"] == 413


@pytest.mark.parametrize(
    "header", ["Cookie", "User-Agent", "Accept-Language", "Accept", "Referer", "If-None-Match", "Range"]
)
@pytest.mark.parametrize("value", ["x" * 60_000, "\x7f\xff", ";=,;=,", "q=1;" * 5_000, "\udc80"])
def test_no_header_fails(world: World, header: str, value: str) -> None:
    browser = world.browser("owner")
    sent = {header: value.encode("utf-8", "surrogateescape").decode("latin-1")}

    answer = browser.get("/", headers=sent)

    assert answer.status_code < 500


# ---- content: YAML at the head of a lesson


DEEP = 100_000 if WHOLE else 1_000
BOMBS = {
    "anchors": "a: &a [x]\nb: *a",
    "laughs": "a: &a [l]\n" + "\n".join(f"b{n}: &b{n} [*a,*a,*a]" for n in range(30)),
    "python": "x: !!python/object/apply:os.system [id]",
    "a tag of ours": "x: !include /etc/passwd",
    "binary": "x: !!binary aGk=",
    "a set": "x: !!set {a, b}",
    "twins": "title: Once more",
    "merging": "<<: {title: x}",
    "deep lists": "x: " + "[" * DEEP + "]" * DEEP,
    "deep maps": "x: " + "{a: " * DEEP + "}" * DEEP,
    "deep blocks": "\n".join(" " * n + "a:" for n in range(900)),
    "a million keys": "\n".join(f"k{n}: 1" for n in range(150_000)),
    "a number without end": "minutes: " + "9" * 100_000,
    "a second document": "x: 1\n--- \nb: 2",
    "a directive": "%YAML 1.1",
    "sixty": "minutes: 1:30:00",
    "a date": "minutes: 2026-02-30",
    "infinity": "minutes: .inf",
    "not a number": "minutes: .nan",
    "a NUL": "x: \x00",
    "an escape": 'x: "\\ud800\\x00"',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_no_bomb_at_the_head_of_a_lesson_goes_off(bomb: str) -> None:
    """It is refused, and the refusal names a line of the file."""
    preview = preview_lesson(campus_tree(), SHORT_LESSON, FRONT.format(bomb))

    errors = [problem for problem in preview.problems if problem.is_error]
    assert errors
    assert all(1 <= problem.line <= FRONT.format(bomb).count("\n") + 1 for problem in errors)
    assert load(bomb, "campus.yaml")[1] or bomb.startswith(("minutes", "title"))


@pytest.mark.parametrize("bomb", ["laughs", "python", "deep lists", "a NUL", "twins"])
@pytest.mark.parametrize("action", ["preview", "publication"])
def test_a_bomb_that_an_author_sends_is_told_with_its_line(world: World, bomb: str, action: str) -> None:
    before = world.snapshot()
    source = {"base": "1", "message": "Bomb", "source": FRONT.format(BOMBS[bomb])}

    answer = world.browser("author").post_form(f"/author/lessons/warm-up-time/{action}", source)

    assert answer.status_code in {200, 422}
    assert world.snapshot() == before


def test_a_source_beyond_its_limit_is_refused_as_a_field(world: World) -> None:
    author: Browser = world.browser("author")

    answer = author.post_form("/author/lessons/warm-up-time/preview", {"base": "1", "source": "a" * 600_000})

    assert answer.status_code == 422
