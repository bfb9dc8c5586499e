"""Every word that the product says goes through gettext: pages of every route for every role, letters, the document."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.content.models import DocumentKind
from lms.credentials.models import Certificate
from lms.credentials.rendering import page_of
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.outbox import OutboxRow
from lms.interop.wording import LABELS
from lms.notices.letters import Sender, letter_of
from tests.support import campus, stores
from tests.support.amounts import WHOLE, one_in
from tests.support.known_words import Known
from tests.support.markup import read
from tests.support.moments import NOON
from tests.support.pseudo import BREAK, LMS, outside, pseudo_language, spoken
from tests.support.real_campus import ORIGIN
from tests.support.world import ROLES, ROWS, Row, World, built_world

WORDS_OF_CALENDAR = re.compile(r"^(?:SUMMARY|DESCRIPTION|LOCATION|X-WR-CALNAME)[^:]*:(.*)$", re.MULTILINE)
ADDRESS = re.compile(r"https?://\S+|[\w.]+@[\w.]+")
NOT_READ = {"verify_at", "verify_url", "code", "language"}


@pytest.fixture(scope="module")
def built(run_folder: Path, worker_name: str, password_hash: str) -> Iterator[World]:
    with built_world(stores.SQLITE, run_folder, f"words_{worker_name}", password_hash) as world:
        yield world


@pytest.fixture(scope="module")
def known(built: World) -> Known:
    return Known.of(campus.TREE, built.contents())


@pytest.fixture
def strange(built: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world at noon, in a language in which what is translated stands in brackets."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    with pseudo_language(built.app):
        yield built


@pytest.mark.parametrize("row", ROWS[:: one_in(3)], ids=str)
def test_every_word_of_every_page_can_be_translated(strange: World, known: Known, row: Row) -> None:
    said = {line for role in asking(row) for line in unsaid_by_gettext(strange.ask(row, role))}
    if row.changes:
        strange.restore()

    assert [line for line in sorted(said) if not known.explains(line)] == []


def asking(row: Row) -> list[str]:
    """Every role; in the fast run one for each answer."""
    return list(ROLES) if WHOLE else list({row.expected[role]: role for role in reversed(ROLES)}.values())


def unsaid_by_gettext(answer: TestResponse) -> list[str]:
    """The lines outside all brackets; a page that only leads on has none that anybody reads."""
    if 300 <= answer.status_code < 400:
        return []
    match answer.mimetype:
        case "text/html":
            return outside(spoken(read(answer.text)))
        case "text/calendar":
            return outside(BREAK.join(WORDS_OF_CALENDAR.findall(answer.text.replace("\r\n ", ""))))
    return []


def test_every_word_of_every_letter_can_be_translated(strange: World, known: Known) -> None:
    sender = Sender("Baton <campus@example.org>", ORIGIN)
    with strange.app.app_context():
        rows = db.session.scalars(select(OutboxRow).where(OutboxRow.topic == "mail")).all()
        letters = [letter_of(row.payload, key=str(row.id), written_at=NOON, sender=sender) for row in rows]
        said = [
            line
            for letter in letters
            if letter is not None
            for line in (*outside(ADDRESS.sub("", letter.text)), *outside(spoken(read(letter.html or ""))))
        ]

    assert len(letters) >= 4
    assert [line for line in said if not known.explains(ADDRESS.sub("", line))] == []


def test_every_word_of_the_document_can_be_translated(strange: World, known: Known) -> None:
    with strange.app.app_context():
        page = page_of(db.session.scalars(select(Certificate)).first() or pytest.fail("No certificate."), ORIGIN)
    words = {name: value for name, value in asdict(page).items() if name not in NOT_READ and isinstance(value, str)}

    assert len(words) > 10
    assert [name for name, value in words.items() for line in outside(value) if not known.explains(line)] == []


def test_whatever_the_audit_trail_may_say_has_its_word() -> None:
    said = {word for path in LMS.rglob("*.py") for word in recorded_in(path)}

    assert len(said) > 20
    assert sorted(said - set(LABELS)) == []


def recorded_in(path: Path) -> Iterator[str]:
    """The action and the kind of object of each line that a file writes to the trail."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record":
            for argument in node.args[:2]:
                yield from (
                    one.value
                    for one in ast.walk(argument)
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )


def test_whatever_content_consists_of_has_its_word() -> None:
    assert sorted(set(DocumentKind) - set(LABELS)) == []
