"""Letters: values to a message, and a message to a folder or a mail server (the worker's network client)."""

from __future__ import annotations

import hashlib
import os
import re
import smtplib
import ssl
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

TIMEOUT_SECONDS = 10.0
MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
SAFE_IN_FILE_NAME = re.compile(r"[^A-Za-z0-9._@-]")
LONGEST_FILE_NAME = 120


class TemporaryFailure(Exception):
    """The letter was not taken now; the same letter may be taken later. Also what only the operator can mend."""


class PermanentFailure(Exception):
    """The letter will never be taken as it is: trying again is pointless."""


class UnsafeLetter(PermanentFailure, ValueError):
    """A header would carry a line break or another control character, or an address is not one."""


@dataclass(frozen=True)
class Letter:
    """One letter to one person, in their language. `date` is zone-aware; `message_id` stays the same in every retry."""

    to_name: str
    to_address: str
    subject: str
    text: str
    html: str | None
    message_id: str
    date: datetime
    from_name: str
    from_address: str


def message_of(letter: Letter) -> EmailMessage:
    """The letter as a MIME message, plain text first; equal letters give equal bytes.

    Raises UnsafeLetter where a value could forge a header.
    """
    _refuse_unsafe(letter)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = _address(letter.from_name, letter.from_address)
    message["To"] = _address(letter.to_name, letter.to_address)
    message["Subject"] = _encodable(letter.subject)
    message["Date"] = format_datetime(letter.date)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_encodable(letter.text))
    if letter.html is not None:
        message.add_alternative(_encodable(letter.html), subtype="html")
        message.set_boundary(hashlib.sha256(letter.message_id.encode()).hexdigest()[:40])
    return message


def deliver(letter: Letter, mail_url: str, *, tls: ssl.SSLContext | None = None) -> None:
    """Hands the letter over: to a folder (`file:<folder>`) or to a mail server.

    `smtp://user:password@host:port?starttls=1` and `smtps://…`; 10 s for each exchange. A letter written
    to a folder again overwrites itself. At least once: when the line drops after the text was sent,
    that is a TemporaryFailure, and the retry carries the same Message-ID.
    Raises TemporaryFailure, PermanentFailure, or ValueError for an address that is none of these.
    """
    message = message_of(letter)
    url = urlsplit(mail_url)
    match url.scheme:
        case "file":
            _write_to_folder(message, letter.message_id, folder_of(mail_url))
        case "smtp" | "smtps":
            _send(message, url, tls or ssl.create_default_context())
        case _:
            raise ValueError("A mail address begins with file:, smtp:// or smtps://.")


def folder_of(mail_url: str) -> Path:
    """The folder of `file:<folder>` or `file:///<folder>`."""
    url = urlsplit(mail_url)
    if url.scheme != "file" or url.netloc or not url.path:
        raise ValueError("A mail folder is written file:<folder>.")
    return Path(unquote(url.path))


# ---- the message


def _refuse_unsafe(letter: Letter) -> None:
    headers = (letter.to_name, letter.to_address, letter.subject, letter.from_name, letter.from_address)
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for value in headers for character in value):
        raise UnsafeLetter("A header holds a line break or another control character.")
    if MESSAGE_ID.fullmatch(letter.message_id) is None:
        raise UnsafeLetter("The Message-ID is not of the form <name@host>.")
    if letter.date.tzinfo is None:
        raise UnsafeLetter("The date needs a time zone.")


def _address(name: str, address: str) -> Address:
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or re.search(r'[\s<>(),;:"\\\[\]]', address):
        raise UnsafeLetter("This is not the address of one mailbox.")
    try:
        return Address(display_name=_encodable(name), username=local, domain=domain.encode("idna").decode("ascii"))
    except (ValueError, IndexError) as error:
        raise UnsafeLetter("This is not the address of one mailbox.") from error


def _encodable(text: str) -> str:
    """Lone surrogates cannot travel: they arrive as question marks rather than stopping the letter."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


# ---- into a folder


def _write_to_folder(message: EmailMessage, message_id: str, folder: Path) -> None:
    """Written beside its place and moved in, so that nobody ever reads half a letter."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=".part", delete=False) as part:
            try:
                part.write(message.as_bytes())
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(folder / f"{_file_name(message_id)}.eml")
            except OSError:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise TemporaryFailure(f"The mail folder takes no letter: {error.strerror}.") from error


def _file_name(message_id: str) -> str:
    """The Message-ID where it is a safe file name; else its safe part and a digest that keeps ids apart."""
    bare = message_id.strip("<>")
    safe = SAFE_IN_FILE_NAME.sub("_", bare).lstrip(".")
    if safe == bare and len(safe) <= LONGEST_FILE_NAME:
        return safe
    return f"{safe[: LONGEST_FILE_NAME - 17]}-{hashlib.sha256(bare.encode()).hexdigest()[:16]}"


# ---- to a mail server


def _send(message: EmailMessage, url: SplitResult, tls: ssl.SSLContext) -> None:
    sender, recipient = (message[header].addresses[0].addr_spec for header in ("From", "To"))
    with _connected(url, tls) as server:
        try:
            server.send_message(message, sender, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = error.recipients[recipient]
            raise _failure(code, answer) from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise PermanentFailure("The mail server takes no addresses outside ASCII.") from error
        except (smtplib.SMTPException, OSError) as error:
            raise TemporaryFailure(f"The line to the mail server broke: {type(error).__name__}.") from error


@contextmanager
def _connected(url: SplitResult, tls: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """A line that is signed in. Whatever fails before the letter is offered may work later.

    A server that answers QUIT badly has the letter all the same, so closing never fails.
    """
    try:
        server = _open(url, tls)
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryFailure(f"No line to the mail server: {type(error).__name__}.") from error
    try:
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _open(url: SplitResult, tls: ssl.SSLContext) -> smtplib.SMTP:
    starttls = _starttls_of(url)
    if not url.hostname:
        raise ValueError("A mail server needs a host name.")
    server = (
        smtplib.SMTP_SSL(url.hostname, url.port or 465, timeout=TIMEOUT_SECONDS, context=tls)
        if url.scheme == "smtps"
        else smtplib.SMTP(url.hostname, url.port or (587 if starttls else 25), timeout=TIMEOUT_SECONDS)
    )
    try:
        if starttls:
            server.starttls(context=tls)
        if url.username is not None:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _starttls_of(url: SplitResult) -> bool:
    """Whether the line must be encrypted after the greeting. An option we do not know is refused, not ignored."""
    options = dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    unknown = set(options) - {"starttls"}
    if unknown or options.get("starttls", "0") not in ("0", "1"):
        raise ValueError("The options of a mail server are: starttls=1 or starttls=0.")
    return options.get("starttls") == "1"


def _failure(code: int, answer: bytes | str) -> TemporaryFailure | PermanentFailure:
    """Four hundred and up: later. Five hundred and up: never."""
    said = answer.decode("utf-8", errors="replace") if isinstance(answer, bytes) else answer
    kind = PermanentFailure if code >= 500 else TemporaryFailure
    return kind(f"The mail server answered {code}: {said[:200]}")
