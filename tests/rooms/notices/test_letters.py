from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts.models import Account, Person
from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.foundation.outbox import OutboxRow
from lms.interop.mail import Letter, message_of
from lms.notices import letters, services
from lms.notices.letters import Addressee, Sender, Told
from tests.support.cast import Cast
from tests.support.moments import DAY, NOON

SENDER = Sender("Test Campus <no-reply@example.org>", "https://campus.example.org")
LENA = Addressee("Lena Lindqvist", "lena@example.org", "en", "America/New_York")
TOLD = Told("claim_decided", Message("Your membership was confirmed. It ends on 31 December."), "/account/claims")
SCRIPT = "<script>alert(1)</script>"


def write(told: Told = TOLD, addressee: Addressee = LENA) -> Letter:
    return letters.write(told, addressee, key="mail:1", written_at=NOON, sender=SENDER)


@pytest.fixture(scope="module")
def wordy_app() -> Flask:
    """No database, no doors: words need only a language."""
    app = Flask(__name__)
    Babel(app)
    return app


@pytest.fixture
def words(wordy_app: Flask) -> Iterator[None]:
    with wordy_app.app_context():
        yield


@pytest.mark.usefixtures("words")
class TestWords:
    def test_a_letter_greets_says_it_links_and_tells_who_writes_and_why(self) -> None:
        letter = write()

        assert letter.text.split("\n\n") == [
            "Hello Lena Lindqvist,",
            "Your membership was confirmed. It ends on 31 December.",
            "Open the page:\nhttps://campus.example.org/account/claims",
            "Test Campus",
            (
                "--\nYou get this because you have an account at campus.example.org. "
                "The same message is among your notices there.\n"
            ),
        ]

    def test_both_forms_say_the_same(self) -> None:
        letter = write()

        assert letter.html is not None
        page = re.sub(r"<head>.*</head>", "", letter.html)
        link = re.findall(r'href="([^"]+)"', page)
        words = html.unescape(re.sub(r"<[^>]+>", " ", page)).split()
        assert link == ["https://campus.example.org/account/claims"]
        assert words == letter.text.replace(f":\n{link[0]}", "").replace("--\n", "").split()

    def test_the_subject_is_the_first_sentence(self) -> None:
        assert write().subject == "Your membership was confirmed"

    def test_a_letter_for_a_new_password_names_its_button(self) -> None:
        letter = write(Told("reset_password", Message("Somebody asked for a new password."), "/reset/secret"))

        assert "Choose a new password:\nhttps://campus.example.org/reset/secret" in letter.text
        assert "until you choose one, yours stays" in letter.text

    def test_moments_are_said_in_the_readers_zone(self) -> None:
        at = datetime(2027, 1, 9, 15, 0, tzinfo=UTC)
        told = Told("seat", Message("Your class begins on {at}.", {"at": at}), "/classes")

        there = write(told, Addressee("Vera", "vera@example.org", "en", "Europe/Vienna"))

        assert "9 January 2027, 10:00" in write(told).text
        assert "9 January 2027, 16:00" in there.text

    def test_what_people_typed_stays_text(self) -> None:
        told = Told("claim_decided", Message("The reason given: {note}", {"note": f"{SCRIPT}\nsecond line"}), "/")

        letter = write(told, Addressee(f"{SCRIPT} {{7}}", "x@example.org", "en", "UTC"))

        assert letter.html is not None
        assert SCRIPT in letter.text
        assert "<script" not in letter.html
        assert html.escape(SCRIPT) in letter.html
        assert "<br>second line" in letter.html

    def test_no_letter_holds_an_image_or_a_style(self) -> None:
        page = write().html

        assert page is not None
        assert re.search(r"<(img|style|link|script)|style=", page) is None


@given(name=st.text(max_size=60), note=st.text(max_size=200))
def test_whatever_is_typed_makes_a_letter_that_can_be_sent(wordy_app: Flask, name: str, note: str) -> None:
    told = Told("claim_decided", Message("The reason given: {note}", {"note": note}), "/account/claims")

    with wordy_app.app_context():
        sent = message_of(write(told, Addressee(name, "x@example.org", "en", "UTC")))

    assert "\n" not in str(sent["Subject"])
    assert sent["To"].addresses[0].addr_spec == "x@example.org"


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        ("Done", "Done"),
        ("Is it over? Yes.", "Is it over?"),
        ("You scored 8.5 of 10. Well done.", "You scored 8.5 of 10"),
        ("First line\nsecond line", "First line"),
        ("word " * 40, "word " * 14 + "word…"),
        ("x" * 200, "x" * 77 + "…"),
        ("", ""),
    ],
)
def test_subjects_are_short_and_on_one_line(message: str, subject: str) -> None:
    assert letters.subject_of(message) == subject


def test_every_try_of_a_row_carries_the_same_message_id() -> None:
    first = letters.message_id_of("mail:certificate:7", SENDER.base_url)

    assert first == letters.message_id_of("mail:certificate:7", SENDER.base_url)
    assert first != letters.message_id_of("mail:certificate:8", SENDER.base_url)
    assert re.fullmatch(r"<[0-9a-f]{32}@campus\.example\.org>", first)


def queued() -> OutboxRow:
    db.session.flush()
    return db.session.query(OutboxRow).one()


def letter_of(row: OutboxRow) -> Letter | None:
    return letters.letter_of(row.payload, key=row.key, written_at=row.created_at, sender=SENDER)


def test_a_notice_becomes_a_letter_to_its_person(cast: Cast) -> None:
    services.tell(cast.learner.person_id, "k", "claim_decided", TOLD.message, path=TOLD.path, now=NOON)

    letter = letter_of(queued())

    assert letter is not None
    assert (letter.to_name, letter.to_address, letter.date) == (cast.learner.name, cast.learner.email, NOON)


def test_a_notice_is_not_mailed_to_an_address_that_nobody_confirmed(cast: Cast) -> None:
    services.tell(cast.learner.person_id, "k", "claim_decided", TOLD.message, path=TOLD.path, now=NOON)
    db.session.get_one(Account, cast.learner.account_id).verified_at = None

    assert letter_of(queued()) is None


def test_the_letter_that_confirms_an_address_goes_there_unconfirmed(cast: Cast) -> None:
    services.write_to(cast.learner.account_id, "v", "verify_address", Message("Confirm."), path="/verify/x", now=NOON)
    db.session.get_one(Account, cast.learner.account_id).verified_at = None

    letter = letter_of(queued())

    assert letter is not None
    assert "Confirm your address:\nhttps://campus.example.org/verify/x" in letter.text


@pytest.mark.parametrize("kind", ["verify_address", "reset_password", "address_known"])
def test_a_letter_to_an_address_that_nobody_confirmed_carries_no_words_of_who_typed_it(cast: Cast, kind: str) -> None:
    services.write_to(cast.learner.account_id, "v", kind, Message("Confirm."), path="/verify/x", now=NOON)
    db.session.get_one(Account, cast.learner.account_id).verified_at = None
    db.session.get_one(Person, cast.learner.person_id).name = "winner, claim 500 dollars at https://evil.example/win"

    letter = letter_of(queued())

    assert letter is not None
    assert letter.to_name == ""
    assert letter.text.startswith("Hello,\n\n")
    assert "evil.example" not in message_of(letter).as_string()


def test_a_letter_to_a_confirmed_address_greets_by_name(cast: Cast) -> None:
    services.write_to(cast.learner.account_id, "r", "reset_password", Message("Asked."), path="/reset/x", now=NOON)

    letter = letter_of(queued())

    assert letter is not None
    assert letter.text.startswith(f"Hello {cast.learner.name},\n\n")


def test_somebody_suspended_gets_no_letter(cast: Cast) -> None:
    services.tell(cast.learner.person_id, "k", "claim_decided", TOLD.message, path=TOLD.path, now=NOON)
    db.session.get_one(Account, cast.learner.account_id).suspended_at = NOON

    assert letter_of(queued()) is None


def test_a_person_without_an_account_gets_no_letter(app: Flask) -> None:
    person = Person(name="Imported", zone="UTC", created_at=NOON)
    db.session.add(person)
    db.session.flush()
    services.tell(person.id, "k", "claim_decided", TOLD.message, path=TOLD.path, now=NOON + DAY)

    assert letter_of(queued()) is None
