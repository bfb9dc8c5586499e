"""What learners call themselves and write reaches staff as text: on pages, and in files for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from flask import Flask

from lms.accounts import services
from lms.accounts.models import Person
from lms.foundation.database import db
from tests.support.browser import Browser
from tests.support.cast import ZONE
from tests.support.claims import state
from tests.support.moments import LONG_AGO

FORMULA = re.compile(r"^[\s\"'`]*[=+\-@|%\u2212]")


def payloads(folder: Path, name: str) -> list[str]:
    found = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    texts = [each["payload"] for each in found]
    return [text for text in texts if "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)]


def call_people(names: list[str]) -> None:
    for name in names:
        person = services.create_person(name, zone=ZONE, now=LONG_AGO)
        state(person.id, value=name, note=name)
    db.session.flush()


@pytest.mark.parametrize("address", ["/staff/people?format=csv", "/staff/claims?format=csv"])
def test_no_cell_of_a_file_begins_a_formula(app: Flask, as_staff: Browser, corpora_folder: Path, address: str) -> None:
    call_people(payloads(corpora_folder, "csv_injection"))

    text = as_staff.get(address).data.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]

    assert [cell for cell in cells if FORMULA.match(cell) and not cell.startswith("'")] == []


def test_no_name_or_note_becomes_markup(app: Flask, as_staff: Browser, corpora_folder: Path) -> None:
    hostile = payloads(corpora_folder, "xss_live_half")[:25]
    call_people(hostile)
    claim = state(services.create_person(hostile[0], zone=ZONE, now=LONG_AGO).id, value=hostile[1], note=hostile[2])
    person = db.session.get_one(Person, claim.person_id).token

    addresses = ("/staff/people", "/staff/claims", f"/staff/claims/{claim.token}", f"/staff/people/{person}")
    pages = [as_staff.get(address).text for address in addresses]

    for text in (one for one in hostile if "<" in one):
        assert not any(text in page for page in pages)
