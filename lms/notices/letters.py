"""Letters: something told, in plain words, as its reader reads it.

A letter says: a greeting, the message, the link, who writes, and why one gets it. Links
begin with the configured address, never with what a request claimed. The HTML carries the
same words, without pictures or styles; both forms hold whatever people typed as plain text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from flask_babel import get_locale, gettext
from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, select

from lms.accounts.models import Account, Person
from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.interop.mail import Letter
from lms.interop.wording import reading_as, say
from lms.notices import queries

LONGEST_SUBJECT = 78
SENTENCE_ENDS = (". ", "! ", "? ", "\n")


@dataclass(frozen=True)
class Sender:
    """Who writes, and where the links of a letter lead: an origin such as https://learn.example.org."""

    mailbox: str
    base_url: str


@dataclass(frozen=True)
class Addressee:
    """Who reads it. `name` is "" where nobody confirmed the address: whoever typed it may have written to another."""

    name: str
    address: str
    locale: str
    zone: str


@dataclass(frozen=True)
class Told:
    """What a letter is about. `path` is of this site, and may hold a secret."""

    kind: str
    message: Message
    path: str


def letter_of(payload: Mapping[str, Any], *, key: str, written_at: datetime, sender: Sender) -> Letter | None:
    """The letter that an outbox row of the topic `mail` asks for, or None where nobody is left to write to,
    or it was replaced while it waited.

    `key` is the row's: every try of it gives the same letter, with the same Message-ID. Reads
    the database; sends nothing.
    """
    found = _noticed(payload) if "notice_id" in payload else _direct(payload)
    if found is None:
        return None
    told, addressee = found
    return write(told, addressee, key=key, written_at=written_at, sender=sender)


def write(told: Told, addressee: Addressee, *, key: str, written_at: datetime, sender: Sender) -> Letter:
    """The letter, in the addressee's language and zone."""
    from_name, from_address = parseaddr(sender.mailbox)
    with reading_as(addressee.locale, addressee.zone):
        words = _Words(
            greeting=_("Hello %(name)s,", name=addressee.name) if addressee.name else _("Hello,"),
            message=say(told.message),
            link_label=_link_label(told.kind),
            link=sender.base_url + told.path,
            from_name=from_name or from_address,
            why=_why(told.kind, sender.base_url),
            language=str(get_locale()),
        )
    return Letter(
        to_name=_one_line(addressee.name),
        to_address=addressee.address,
        subject=subject_of(words.message),
        text=words.as_text(),
        html=words.as_html(),
        message_id=message_id_of(key, sender.base_url),
        date=written_at,
        from_name=from_name,
        from_address=from_address,
    )


def message_id_of(key: str, base_url: str) -> str:
    """The same for every try of one outbox row, and telling nothing of what it is about."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    host = (urlsplit(base_url).hostname or "localhost").replace(":", "-")  # an address of IPv6 may not stand here bare
    return f"<{digest}@{host}>"


def subject_of(message: str) -> str:
    """The first sentence, on one line, cut at a word where it is long."""
    ends = [place + 1 for mark in SENTENCE_ENDS if (place := message.find(mark)) >= 0]
    sentence = _one_line(message[: min(ends)] if ends else message)
    if len(sentence) <= LONGEST_SUBJECT:
        return sentence.removesuffix(".")
    cut = sentence[: LONGEST_SUBJECT - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(",;: ") + "…"


def _(text: str, **values: str) -> str:
    return str(gettext(text, **values))


@dataclass(frozen=True)
class _Words:
    greeting: str
    message: str
    link_label: str
    link: str
    from_name: str
    why: str
    language: str

    def as_text(self) -> str:
        parts = (
            _one_line(self.greeting),
            self.message,
            f"{self.link_label}:\n{self.link}",
            self.from_name,
            f"--\n{self.why}",
        )
        return "\n\n".join(parts) + "\n"

    def as_html(self) -> str:
        paragraphs = [
            escape(_one_line(self.greeting)),
            Markup("<br>").join(self.message.splitlines()),
            Markup('<a href="{0}">{1}</a>').format(self.link, self.link_label),
            escape(self.from_name),
            Markup("<small>{0}</small>").format(self.why),
        ]
        body = Markup("\n").join(Markup("<p>{0}</p>").format(paragraph) for paragraph in paragraphs)
        page = Markup(
            '<!doctype html>\n<html lang="{0}">\n<head><meta charset="utf-8"></head>\n<body>\n{1}\n</body>\n</html>\n'
        )
        return str(page.format(self.language, body))


def _link_label(kind: str) -> str:
    labels = {
        "verify_address": _("Confirm your address"),
        "reset_password": _("Choose a new password"),
        "address_known": _("Choose a new password"),
    }
    return labels.get(kind, _("Open the page"))


def _why(kind: str, base_url: str) -> str:
    site = urlsplit(base_url).netloc
    match kind:
        case "verify_address" | "address_known":
            return _("Somebody signed up at %(site)s with this address. If it was not you, do nothing.", site=site)
        case "reset_password":
            return _("Somebody asked for a new password at %(site)s; until you choose one, yours stays.", site=site)
    return _(
        "You get this because you have an account at %(site)s. The same message is among your notices there.", site=site
    )


def _one_line(text: str) -> str:
    """For headers and greetings: control characters and line breaks become single spaces."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


# ---- from rows to values


def _noticed(payload: Mapping[str, Any]) -> tuple[Told, Addressee] | None:
    """A notice is mailed to confirmed addresses alone: an unconfirmed one may be somebody else's."""
    notice = queries.notice(payload["notice_id"])
    if notice is None or queries.is_replaced(notice, payload.get("replaced_by", "")):
        return None
    told = Told(notice.kind, Message.from_json(notice.message), notice.path)
    addressee = _addressee(Account.person_id == notice.person_id, Account.verified_at.is_not(None))
    return (told, addressee) if addressee else None


def _direct(payload: Mapping[str, Any]) -> tuple[Told, Addressee] | None:
    told = Told(payload["kind"], Message.from_json(payload["message"]), payload["path"])
    addressee = _addressee(Account.id == payload["account_id"])
    return (told, addressee) if addressee else None


def _addressee(*conditions: ColumnElement[bool]) -> Addressee | None:
    """Who reads it; nobody where the account is gone or suspended."""
    row = db.session.execute(
        select(Person.name, Account.email, Person.locale, Person.zone, Account.verified_at)
        .join(Account, Account.person_id == Person.id)
        .where(Account.suspended_at.is_(None), *conditions)
    ).one_or_none()
    if row is None:
        return None
    name, address, locale, zone, verified_at = row
    return Addressee(name if verified_at else "", address, locale, zone)
