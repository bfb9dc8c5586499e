"""What leaves the product in files, and what a stranger learns of certificates by guessing their codes."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from urllib.parse import urlsplit

from lms.accounts.models import Person
from lms.foundation.database import db
from lms.foundation.tokens import new_code, new_token
from tests.hostile.conftest import Payloads
from tests.support import haunting
from tests.support.amounts import one_in
from tests.support.pages import masked
from tests.support.roaming import Roamed
from tests.support.statements import statements
from tests.support.world import World

FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "\u2212", "\t", "\r", "\n")
LETTERS_OF_A_CODE = 32
ENOUGH_POSSIBILITIES = 2**128
GUESSES = 20


# ---- tables


def test_no_cell_of_any_table_begins_a_formula(world: World, roamed: Roamed, payloads: Payloads) -> None:
    """Every table that any page offers, once everybody is called, and every class and claim says, what would be one."""
    texts = [text for text in payloads("csv_injection") if storable(text)][:: one_in(4)]
    with world.app.app_context():
        for number, person in enumerate(db.session.query(Person).order_by(Person.id)):
            person.name = texts[number % len(texts)]
        haunting.haunt_facts(world, texts)

    tables = {address: table_of(world, role, address) for role, address in exports(roamed)}

    assert len(tables) >= len({"people", "claims", "classes", "releases", "roster", "results"})
    assert any(any(text in cell for text in texts for cell in row) for table in tables.values() for row in table)
    wrong = {
        address: [cell for row in table for cell in row if begins_formula(cell)] for address, table in tables.items()
    }
    assert {address: cells for address, cells in wrong.items() if cells} == {}


def storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def exports(roamed: Roamed) -> list[tuple[str, str]]:
    """Every address of a table, with somebody who may have it."""
    found: dict[str, str] = {}
    for (role, address), status in roamed.pages.items():
        if status == 200 and ("format=csv" in address or urlsplit(address).path.endswith(".csv")):
            found.setdefault(address, role)
    return [(role, address) for address, role in found.items()]


def table_of(world: World, role: str, address: str) -> list[list[str]]:
    world.forgive()
    answer = world.browser(role).get(address)
    assert answer.mimetype == "text/csv", address
    assert answer.headers["Content-Disposition"].startswith("attachment"), address
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def begins_formula(cell: str) -> bool:
    """As a careless spreadsheet reads it: white space and invisible signs fall away, wide forms are folded."""
    if re.fullmatch(r"-?\d+(\.\d+)?", cell):
        return False
    seen = [sign for sign in cell if unicodedata.category(sign) not in ("Zs", "Zl", "Zp", "Cc", "Cf")]
    return cell.startswith(("\t", "\r", "\n")) or (
        bool(seen) and unicodedata.normalize("NFKC", seen[0]).startswith(FORMULA_STARTS)
    )


# ---- guessing certificates


def test_codes_and_tokens_are_too_many_to_guess() -> None:
    codes, tokens = {new_code() for _ in range(500)}, {new_token() for _ in range(500)}

    assert len(codes) == len(tokens) == 500
    assert LETTERS_OF_A_CODE ** min(map(len, codes)) >= ENOUGH_POSSIBILITIES
    assert 64 ** min(map(len, tokens)) >= ENOUGH_POSSIBILITIES
    assert len({sign for code in codes for sign in code}) == LETTERS_OF_A_CODE


def test_every_unknown_code_gets_the_same_answer_for_the_same_work(world: World) -> None:
    browser, answers, work = world.browser("anonymous"), set(), set()
    guesses = [new_code() for _ in range(GUESSES)]
    browser.get(f"/certificates/{new_code()}")

    for guess in guesses:
        world.forgive()
        with statements(world.app) as sent:
            page = browser.get(f"/certificates/{guess}")
        answers.add((page.status_code, masked(page, guess), page.headers["X-Robots-Tag"]))
        work.add(tuple(sent))

    assert len(answers) == len(work) == 1
    assert {status for status, _body, _robots in answers} == {404}


def test_guessing_codes_is_soon_answered_with_wait(world: World) -> None:
    world.forgive()
    browser = world.browser("anonymous")

    statuses = [browser.get(f"/certificates/{new_code()}.json").status_code for _ in range(130)]

    assert set(statuses[:100]) == {404}
    assert statuses[-1] == 429


def test_a_certificate_says_no_more_than_it_must(world: World) -> None:
    """Who, what, by whom, and until when: no address, no birthday, no membership, no score."""
    code = world.everything.things["certificate"]["code"]
    for form in ("", ".json"):
        world.forgive()
        answer = world.browser("anonymous").get(f"/certificates/{code}{form}")
        assert "noindex" in answer.headers["X-Robots-Tag"]
        for secret in (world.cast.learner.email, "4417", "1990"):
            assert secret not in answer.text.replace(code, "")
