"""Hostile addresses: in every part of every path, in every value of every query, and as where to go next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote, urljoin, urlsplit

import pytest
from werkzeug.test import TestResponse

from lms.web.assets import STATIC
from tests.hostile.conftest import Payloads
from tests.support.amounts import WHOLE, one_in
from tests.support.browser import Browser
from tests.support.cast import PASSWORD
from tests.support.roaming import Roamed
from tests.support.world import LOOKING, ROLES, ROWS, Row, World

NUMBERS = ["0", "-1", "1e9", "٣", "²", "9" * 25, "9" * 5000, "0x1", "1.0", " 1", "+1", "true"]
SIGNS = [
    "\x00",
    "%00",
    "\ud800",
    "a\r\nSet-Cookie: a=b",
    "\u202e",
    "x" * 3000,
    "'",
    '"><script>',
    "..;/",
    "{{7*7}}",
    "%s%n",
]
TEXTS_A_PLACE = 1
A_FIFTH = 5  # there are dozens of places, so that each text is tried at many
QUERIES_OF_OURS = {
    "next",
    "before",
    "after",
    "format",
    "session",
    "kind",
    "subject",
    "q",
    "code",
    "enrollment",
    "stage",
}
RETURNS = ("next", "return", "return_to", "redirect", "url", "continue", "goto", "back")
SITE = "http://campus.example.org"
OUTSIDE = (b"root:x:0:0", b"[extensions]", b"127.0.0.1\tlocalhost", b"SECRET_KEY =", b"# How code looks")


def taken(texts: list[str], place: str, few: int = TEXTS_A_PLACE) -> Iterator[str]:
    """A few that differ from place to place and stay the same from run to run; in the whole a fifth at each place."""
    first = sum(place.encode()) * 31
    if WHOLE:
        yield from texts[first % A_FIFTH :: A_FIFTH]
    else:
        yield from (texts[(first + number * 89) % len(texts)] for number in range(few))


def seeing(row: Row) -> str:
    """A role that the page opens for, rather than none."""
    return next((role for role in ROLES if row.expected[role] not in {"404", "in"}), "staff")


@pytest.fixture(scope="module")
def paths(payloads: Payloads) -> list[str]:
    return [*NUMBERS, *SIGNS, *payloads("naughty_strings"), *climbing(payloads)]


@pytest.fixture
def client_of_world(world: World) -> Browser:
    world.forgive()
    return world.browser("anonymous")


def climbing(payloads: Payloads) -> list[str]:
    return [text.replace("{FILE}", "etc/passwd") for text in payloads("path_traversal")]


# ---- paths


def test_no_text_in_a_part_of_an_address_fails(world: World, paths: list[str]) -> None:
    """Every route with a part, as somebody it opens for, with the other parts as they are."""
    wrong = []
    for row in ROWS:
        things = world.everything.things[row.thing]
        for part in things:
            own = NUMBERS if isinstance(things[part], int) else []
            for text in [*own, *taken(paths, f"{row} {part}")]:
                answer = ask(world, row, address_with(world, row, things, part, text))
                if answer.status_code >= 500 or not (300 <= answer.status_code < 500 or is_page(answer)):
                    wrong.append(f"{row} {part}={text[:60]!r}: {answer.status_code}")

    assert wrong == []


def ask(world: World, row: Row, address: str) -> TestResponse:
    world.forgive()
    browser = world.browser(seeing(row))
    return browser.post_form(address) if row.changes else browser.get(address, buffered=True)


def is_page(answer: TestResponse) -> bool:
    """A page of ours, and nothing from outside."""
    return not any(sign in answer.data for sign in OUTSIDE)


def address_with(world: World, row: Row, things: Mapping[str, object], part: str, text: str) -> str:
    """The address with this text, percent-encoded as a browser would, in the place of one part."""
    marked = world.address(row, {**things, part: 734_519 if isinstance(things[part], int) else "734519"})
    return marked.replace("734519", quote(text, safe="", errors="surrogatepass"), 1)


def test_no_path_leads_to_a_file_that_is_not_ours_to_give(client_of_world: Browser, payloads: Payloads) -> None:
    """As the static file, as the mark before it, raw and encoded."""
    wrong = []
    for text in taken(climbing(payloads), "static", few=40):
        for address in (
            f"/static/x/{text.lstrip('/')}",
            f"/static/x/{quote(text, safe='')}",
            f"/static/{text.lstrip('/')}",
        ):
            answer = client_of_world.get(address, buffered=True)
            if answer.status_code not in {400, 404, 301, 308} or not is_page(answer):
                wrong.append(f"{address}: {answer.status_code}")

    assert wrong == []


@pytest.mark.parametrize("name", ["../app.py", "css/../../app.py", "%2e%2e/app.py", "..%2fapp.py", "css", "", "css/"])
def test_what_lies_beside_the_static_files_is_not_found(client_of_world: Browser, name: str) -> None:
    assert (STATIC.parent / "app.py").is_file()

    assert client_of_world.get(f"/static/x/{name}").status_code == 404


# ---- queries


def test_no_value_in_a_query_fails(world: World, roamed: Roamed, paths: list[str]) -> None:
    """Every page that was found, with every name its links and forms give, and those that any page reads."""
    storable = [text for text in paths if "\x00" not in text and "%00" not in text]
    wrong = []
    for path, role in list(pages(roamed).items())[:: one_in(2)]:
        names = sorted(roamed.queries[path] | QUERIES_OF_OURS)
        for text in ["9" * 25, *taken(storable, path, few=1)]:
            world.forgive()
            query = "&".join(f"{name}={quote(text, safe='', errors='surrogatepass')}" for name in names)
            answer = world.browser(role).get(f"{path}?{query}", buffered=True)
            if answer.status_code not in {200, 302, 404, 422}:
                wrong.append(f"{role} {path}?{query[:120]}: {answer.status_code}")

    assert wrong == []


@pytest.mark.parametrize("query", ["x=%00", "q=a%00b", "%00=1"])
def test_a_nul_in_a_query_names_nothing(client_of_world: Browser, query: str) -> None:
    assert client_of_world.get(f"/programs?{query}").status_code == 404


def pages(roamed: Roamed) -> dict[str, str]:
    """Every path that was found, and a role that it opens for."""
    found: dict[str, str] = {}
    for (role, address), status in roamed.pages.items():
        if status == 200:
            found.setdefault(urlsplit(address).path, role)
    return found


# ---- where to go next


def test_no_answer_leads_off_this_site_whatever_asks_it_to(world: World, payloads: Payloads) -> None:
    """Every page with every name that has ever stood for a return address."""
    tricks, wrong = payloads("open_redirect"), []
    for row in LOOKING:
        address = world.address(row, world.everything.things[row.thing])
        for role in {"anonymous", seeing(row)} if WHOLE else {seeing(row)}:
            for trick in taken(tricks, f"{row} {role}", few=1):
                world.forgive()
                query = "&".join(f"{name}={quote(trick, safe='')}" for name in RETURNS)
                answer = world.browser(role).get(f"{address}?{query}", buffered=True)
                if not stays(answer):
                    wrong.append(f"{row}: {trick!r} led to {answer.location}")

    assert wrong == []


def test_signing_in_leads_nowhere_else_by_its_field_or_its_address(world: World, payloads: Payloads) -> None:
    browser, wrong = world.browser("anonymous"), []
    for trick in taken(payloads("open_redirect"), "signing in", few=4):
        world.forgive()
        form = {"email": world.cast.stranger.email, "password": PASSWORD}
        by_field = browser.post_form("/signin", {**form, "next": trick})
        browser.delete_cookie("baton")
        by_address = browser.post_form(f"/signin?next={quote(trick, safe='')}", form)
        browser.delete_cookie("baton")
        assert by_field.status_code == by_address.status_code == 303
        wrong += [trick for answer in (by_field, by_address) if not stays(answer)]

    assert wrong == []


def test_no_address_that_is_a_trick_itself_leads_off_this_site(client_of_world: Browser, payloads: Payloads) -> None:
    """What a router mends (doubled slashes, a missing one) must not become the address of another host."""
    tricks = list(taken(payloads("open_redirect"), "paths", few=25))
    addresses = [
        address for trick in tricks for address in (trick, f"/{trick}", f"/learn/{trick}", f"/programs/{trick}/")
    ]

    answers = {one: client_of_world.get(one, base_url=SITE) for one in addresses if one.startswith("/")}

    assert [f"{address!r} led to {answer.location}" for address, answer in answers.items() if not stays(answer)] == []


def stays(answer: TestResponse) -> bool:
    """Whether a browser that follows this stays: it drops tabs and line ends, and reads \\ as /."""
    if "Location" not in answer.headers:
        return True
    location = answer.headers["Location"]
    seen = location.translate({9: None, 10: None, 13: None}).replace("\\", "/").strip()
    target = urlsplit(urljoin(f"{SITE}/signin", seen))
    return (target.scheme, target.netloc) == ("http", "campus.example.org") and seen.startswith(("/", SITE))
