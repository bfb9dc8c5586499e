"""Hostile texts in every field of every form: no failure of ours; what is taken is kept as typed, what is not comes back."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from lms.web.fields import one_line
from tests.hostile.conftest import Payloads
from tests.support.amounts import WHOLE, one_in
from tests.support.browser import CSRF_FIELD, Browser
from tests.support.filling import filled, with_text, written
from tests.support.markup import forms_of, read
from tests.support.roaming import Found, Roamed
from tests.support.world import CHANGING, World

TEXTS_A_FIELD = 1
A_FIFTH = 5  # there are dozens of fields, so that each text is tried in many
EVIL = [
    "",
    "\x00",
    "a\x00b",
    "\ud800",
    "a\udfffb",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "\ufeff",
    "x" * 100_000,
    "\r\nBcc: a@b",
]
NEVER_SHOWN = {"password", "current", "username"}
NOT_KEPT = NEVER_SHOWN | {"next", "email", "kind", "subject", "base", "code", "q"}
ANSWERED_ONLY_LATER = {
    "accounts.restore_claim",  # for a claim that was withdrawn
    "assessment.create_attempt",  # for somebody without an open sitting
    "accounts.create_verification_mail",  # for somebody whose address is not confirmed
    "learning.create_completion",  # offered once the checks are answered
    "staff.create_opening",  # for a class that was drafted and not opened
}


def test_every_action_has_a_form_that_was_found(world: World, roamed: Roamed) -> None:
    routes = world.app.url_map.bind("")
    found = {routes.match(each.target.partition("?")[0], "POST")[0] for each in roamed.sent()}

    assert {row.endpoint for row in CHANGING} - found == ANSWERED_ONLY_LATER


def test_no_text_in_any_field_fails_and_each_is_kept_or_comes_back(
    world: World, roamed: Roamed, payloads: Payloads
) -> None:
    texts = EVIL + payloads("naughty_strings")
    world.restore()

    wrong = [
        told
        for found, name in list(fields(world, roamed))[:: one_in(2)]
        for text in taken(texts, f"{shape(found.target)} {name}")
        if (told := what_went_wrong(world, found, name, text))
    ]

    assert wrong == []


def fields(world: World, roamed: Roamed) -> Iterator[tuple[Found, str]]:
    """Every field that takes a text, once for each action: another lesson's form is the same form."""
    routes, met = world.app.url_map.bind(""), set[tuple[str, str]]()
    for found in roamed.sent():
        endpoint = str(routes.match(shape(found.target), "POST")[0])
        for name in sorted(set(found.typed) - {CSRF_FIELD}):
            key = endpoint, re.sub(r"-\d+-", "-n-", name)
            if key not in met:
                met.add(key)
                yield found, name


def shape(target: str) -> str:
    return target.partition("?")[0]


def taken(texts: list[str], place: str) -> Iterator[str]:
    """A few that differ from field to field and stay the same from run to run; in the whole a fifth in each field."""
    first = sum(place.encode()) * 31
    if WHOLE:
        yield from texts[first % A_FIFTH :: A_FIFTH]
        return
    for number in range(TEXTS_A_FIELD):
        yield texts[(first + number * 97) % len(texts)]


def what_went_wrong(world: World, found: Found, name: str, text: str) -> str:
    """One form sent with one hostile text, and what is to be said against the answer; "" for nothing."""
    world.forgive()
    answer = send(world.browser(found.role), found.target, with_text(filled(found), name, text))
    told = f"{found}, {name}={text[:80]!r}: {answer.status_code}"
    if answer.status_code >= 500:
        return told
    if answer.status_code == 422 and answer.mimetype == "text/html" and name not in NEVER_SHOWN:
        return "" if came_back(answer.text, name, text) else f"{told}, and it did not come back"
    if answer.status_code != 303:
        return ""
    is_hidden = found.typed[name].get("type") == "hidden"
    was_kept = (
        is_hidden or name in NOT_KEPT or spellings(text) & kept(world, text) or is_kept_as_number(world, name, text)
    )
    world.restore()
    return "" if was_kept else f"{told}, and it was not kept"


def send(browser: Browser, target: str, sent: Mapping[str, Sequence[str]]) -> TestResponse:
    """A form as bytes, since a text may hold what no decent client would send."""
    body = urlencode({**sent, CSRF_FIELD: [browser.form_token()]}, doseq=True, errors="surrogatepass")
    return browser.post(target, data=body.encode(), content_type="application/x-www-form-urlencoded")


def spellings(text: str) -> set[str]:
    """The forms in which a text may be kept: as it is sent over the wire, with plain line ends, or as one line.

    Bytes that are no text are read as the escapes in which they were sent: "%ED%A0%80" for half a sign.
    """
    sent = text.encode(errors="surrogatepass").decode(errors="werkzeug.url_quote")
    lines = sent.replace("\r\n", "\n").replace("\r", "\n")
    return {sent, sent.strip(), lines, lines.strip(), one_line(sent), unicodedata.normalize("NFC", sent)}


def kept(world: World, text: str) -> set[str]:
    wanted = spellings(text)
    if "" in wanted:
        return {""}
    found = set()
    for rows in world.contents().values():
        for row in rows:
            for cell in row:
                said = cell.decode(errors="replace") if isinstance(cell, bytes) else cell
                if isinstance(said, str) and said in wanted:
                    found.add(said)
                elif isinstance(cell, dict | list):
                    found |= {one for one in wanted if json.dumps(one)[1:-1] in json.dumps(cell)}
    return found


def is_kept_as_number(world: World, name: str, text: str) -> bool:
    """Whether a column of the field's name holds the number that the text says, in the digits of whichever script."""
    if not text.isdecimal():
        return False
    return any(getattr(row, name, None) == int(text) for rows in world.contents().values() for row in rows)


def came_back(html: str, name: str, text: str) -> bool:
    """Whether the field on the page holds what was typed, as far as a page can hold it."""
    for form in forms_of(read(html)):
        for control in form.element.all("input", "textarea"):
            if control.get("name") == name:
                shown = written(control)
                return any(_same(shown, one) for one in spellings(text)) or control.get("type") in {
                    "hidden",
                    "date",
                    "time",
                    "number",
                }
    return False


def _same(shown: str, typed: str) -> bool:
    return shown.split() == typed.replace("\x00", "\ufffd").split() or shown.split() == typed.split()
