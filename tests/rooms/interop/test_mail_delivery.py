"""Letters: what they say, and what becomes of them on a real line."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from lms.interop.mail import Letter, PermanentFailure, TemporaryFailure, UnsafeLetter, deliver, folder_of, message_of
from tests.support.amounts import one_in

LETTER = Letter(
    to_name="Maya Chidinma Okafor",
    to_address="maya@example.org",
    subject="Your Level 1 certificate – issued",
    text="Dear Maya,\n\nyour certificate is ready: https://baton.example.org/certificates/k7\n",
    html="<p>Dear Maya,</p><p>your certificate is ready.</p>",
    message_id="<certificate-issued.42@baton.example.org>",
    date=datetime(2027, 1, 14, 9, 30, tzinfo=UTC),
    from_name="Baton, Coaching Education",
    from_address="no-reply@baton.example.org",
)


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def plain_text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def arriving(text: str) -> str:
    """What a letter makes of a text: lone surrogates become question marks, every line break is a plain one."""
    return re.sub(r"\r\n?", "\n", text.encode("utf-8", errors="replace").decode()).rstrip("\n")


# ---- the message


def test_a_letter_says_who_to_whom_and_what_with_the_plain_text_first() -> None:
    message = read(message_of(LETTER).as_bytes())

    assert message["From"].addresses[0].display_name == "Baton, Coaching Education"
    assert message["To"].addresses[0].addr_spec == "maya@example.org"
    assert message["Subject"] == LETTER.subject
    assert message["Message-ID"] == LETTER.message_id
    assert message["Date"].datetime == LETTER.date
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert plain_text_of(message) == LETTER.text


def test_a_letter_without_html_is_plain_text() -> None:
    message = read(message_of(replace(LETTER, html=None)).as_bytes())

    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"


def test_no_letter_poses_as_a_mailing_list() -> None:
    assert not [name for name in message_of(LETTER) if name.lower().startswith("list-")]


def test_equal_letters_give_equal_bytes() -> None:
    assert message_of(LETTER).as_bytes() == message_of(replace(LETTER)).as_bytes()


@pytest.mark.parametrize("name", ["to_name", "to_address", "subject", "from_name", "from_address", "message_id"])
@pytest.mark.parametrize("ending", ["\r\nBcc: all@example.org", "\nX: 1", "\rX: 1", "\0", "\u2028X: 1", "\x85X: 1"])
def test_no_value_can_begin_a_header_of_its_own(name: str, ending: str) -> None:
    forged = replace(LETTER, **{name: getattr(LETTER, name) + ending})

    with pytest.raises(UnsafeLetter):
        message_of(forged)


@pytest.mark.parametrize(
    "address",
    ["", "maya", "@example.org", "maya@", "a@example.org, b@example.org", "<maya@example.org>", "maya @example.org"],
)
def test_an_address_that_is_not_one_mailbox_is_refused(address: str) -> None:
    with pytest.raises(UnsafeLetter):
        message_of(replace(LETTER, to_address=address))


def test_a_name_cannot_pose_as_a_second_recipient() -> None:
    message = read(message_of(replace(LETTER, to_name='Maya" <evil@example.net>, "x')).as_bytes())

    assert [address.addr_spec for address in message["To"].addresses] == ["maya@example.org"]


def test_a_domain_in_another_script_travels_in_its_ascii_form() -> None:
    message = message_of(replace(LETTER, to_address="maya@bücher.example"))

    assert message["To"].addresses[0].addr_spec == "maya@xn--bcher-kva.example"


def test_a_domain_in_another_script_needs_no_special_server() -> None:
    mailbox = Mailbox()

    with listening(mailbox, enable_SMTPUTF8=False) as address:
        deliver(replace(LETTER, to_address="maya@bücher.example"), f"smtp://{address}")

    assert mailbox.taken[0].rcpt_tos == ["maya@xn--bcher-kva.example"]


def test_any_text_makes_a_letter(payloads: Callable[[str], list[str]]) -> None:
    for text in [*payloads("naughty_strings")[:: one_in(8)], "\ud800", "\0", "x" * 5000]:
        message = read(message_of(replace(LETTER, text=text, html=text)).as_bytes())

        assert plain_text_of(message).rstrip("\n") == arriving(text)


# ---- into a folder


def test_a_letter_to_a_folder_is_one_file_however_often_it_is_delivered(tmp_path: Path) -> None:
    mail_url = f"file:{tmp_path}/mail"

    deliver(LETTER, mail_url)
    deliver(LETTER, mail_url)

    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == "certificate-issued.42@baton.example.org.eml"
    assert read(file.read_bytes())["Subject"] == LETTER.subject


def test_two_letters_never_share_a_file_and_none_leaves_the_folder(tmp_path: Path) -> None:
    ids = ["<a/b@x.org>", "<a?b@x.org>", "<../../up@x.org>", f"<{'l' * 300}@x.org>", f"<{'l' * 300}@y.org>"]

    for message_id in ids:
        deliver(replace(LETTER, message_id=message_id), f"file:{tmp_path}/mail")

    assert len(list((tmp_path / "mail").iterdir())) == len(ids)
    assert [path.name for path in tmp_path.iterdir()] == ["mail"]


def test_a_folder_that_takes_no_letter_is_a_temporary_failure(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file, not a folder")

    with pytest.raises(TemporaryFailure):
        deliver(LETTER, f"file:{tmp_path}/mail")


def test_a_folder_may_be_relative_or_hold_spaces() -> None:
    assert folder_of("file:instance/mail") == Path("instance/mail")
    assert folder_of("file:///var/spool/my%20mail") == Path("/var/spool/my mail")


@pytest.mark.parametrize(
    "mail_url",
    ["", "http://example.org", "file:", "file://host/mail", "smtp://", "smtp://localhost?tls=1", "smtp://h?starttls=2"],
)
def test_an_address_that_is_no_mail_address_is_refused(mail_url: str) -> None:
    with pytest.raises(ValueError, match=r"mail|server"):
        deliver(LETTER, mail_url)


# ---- to a mail server


@dataclass
class Mailbox:
    """A mail server's mind: what it answers at each step, and what it took."""

    at_recipient: str = ""
    at_data: str = ""
    drops_after_data: bool = False
    taken: list[Any] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # the name aiosmtpd calls
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.at_recipient:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # as above
        if self.drops_after_data:
            server.transport.abort()
            await asyncio.sleep(0)
        if self.at_data:
            return self.at_data
        self.taken.append(envelope)
        return "250 Taken"


@contextmanager
def listening(mailbox: Mailbox, **options: Any) -> Iterator[str]:
    """The mail server on a loopback port of its own; gives `host:port`."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield f"{controller.hostname}:{controller.port}"
    finally:
        controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_mail_server_takes_the_letter_whole() -> None:
    mailbox = Mailbox()

    with listening(mailbox) as address:
        deliver(LETTER, f"smtp://{address}")

    (envelope,) = mailbox.taken
    assert envelope.mail_from == LETTER.from_address
    assert envelope.rcpt_tos == [LETTER.to_address]
    assert read(envelope.content)["Message-ID"] == LETTER.message_id


@pytest.mark.parametrize(
    ("mailbox", "failure"),
    [
        (Mailbox(at_recipient="451 Later, please"), TemporaryFailure),
        (Mailbox(at_recipient="550 Nobody of that name"), PermanentFailure),
        (Mailbox(at_data="452 The disk is full"), TemporaryFailure),
        (Mailbox(at_data="554 We do not like it"), PermanentFailure),
        (Mailbox(drops_after_data=True), TemporaryFailure),
    ],
    ids=lambda value: str(getattr(value, "at_recipient", "") or getattr(value, "at_data", "") or "line drops"),
)
def test_what_a_mail_server_answers_decides_whether_to_try_again(mailbox: Mailbox, failure: type[Exception]) -> None:
    with listening(mailbox) as address, pytest.raises(failure):
        deliver(LETTER, f"smtp://{address}")

    assert mailbox.taken == []


def test_a_server_that_is_not_there_is_a_temporary_failure() -> None:
    with pytest.raises(TemporaryFailure):
        deliver(LETTER, f"smtp://127.0.0.1:{free_port()}")


def test_a_letter_that_was_taken_counts_even_if_the_goodbye_fails() -> None:
    class Rude(Mailbox):
        async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802  # as above
            return "500 No"

    mailbox = Rude()

    with listening(mailbox) as address:
        deliver(LETTER, f"smtp://{address}")

    assert len(mailbox.taken) == 1


def test_an_address_outside_ascii_needs_a_server_that_knows_it() -> None:
    letter = replace(LETTER, to_address="mäya@example.org")
    knowing, plain = Mailbox(), Mailbox()

    with listening(knowing, enable_SMTPUTF8=True) as address:
        deliver(letter, f"smtp://{address}")
    with listening(plain, enable_SMTPUTF8=False) as address, pytest.raises(PermanentFailure):
        deliver(letter, f"smtp://{address}")

    assert knowing.taken[0].rcpt_tos == ["mäya@example.org"]
    assert plain.taken == []


def test_a_line_that_must_be_encrypted_is_never_used_in_clear() -> None:
    mailbox = Mailbox()

    with listening(mailbox) as address:
        for mail_url in (f"smtp://{address}?starttls=1", f"smtps://{address}"):
            with pytest.raises(TemporaryFailure):
                deliver(LETTER, mail_url)

    assert mailbox.taken == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that lasts a day, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: no certificate for the encrypted line")
    folder = tmp_path_factory.mktemp("tls")
    names = (folder / "certificate.pem", folder / "key.pem")
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    subprocess.run(  # noqa: S603  # a fixed command of ours
        [openssl, *request, "-addext", "subjectAltName=IP:127.0.0.1", "-out", str(names[0]), "-keyout", str(names[1])],
        check=True,
        capture_output=True,
    )
    return names


def signed_in_as(user: bytes, password: bytes) -> Callable[..., AuthResult]:
    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (user, password), handled=False)

    return authenticate


def test_with_starttls_the_letter_and_the_password_travel_encrypted(certificate: tuple[Path, Path]) -> None:
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(*certificate)
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    options = {
        "tls_context": server_side,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": signed_in_as(b"baton", b"p@ss word"),
    }
    mailbox = Mailbox()

    with listening(mailbox, **options) as address:
        deliver(LETTER, f"smtp://baton:p%40ss%20word@{address}?starttls=1", tls=trusting)
        with pytest.raises(TemporaryFailure):
            deliver(LETTER, f"smtp://baton:wrong@{address}?starttls=1", tls=trusting)
        with pytest.raises(TemporaryFailure):
            deliver(LETTER, f"smtp://baton:p%40ss%20word@{address}?starttls=1")

    assert len(mailbox.taken) == 1, "a wrong password, or a certificate nobody vouches for, delivers nothing"
