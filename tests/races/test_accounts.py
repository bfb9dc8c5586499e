"""Many hands on one address: one account, however it is spelled; and a mailed secret that works once."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from lms.accounts import queries, services
from lms.accounts.models import Account, MailPurpose, MailToken, Person
from lms.accounts.rules import email_key, read_email
from lms.foundation import outbox
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import Conflict
from lms.foundation.outbox import OutboxRow
from lms.foundation.tokens import digest
from lms.notices.models import Notice
from lms.usecases import registering
from lms.usecases.registering import LinkEnded
from tests.support.browser import Browser
from tests.support.cast import ZONE, Cast, Member
from tests.support.moments import MINUTE, NOON
from tests.support.racing import FEW, race, without_row_locks

# One mailbox each time: capitals, signs of full width, a ligature, and spaces around it.
TWINS = (
    "nia@fishing.example",
    "NIA@Fishing.Example",
    "nia@ｆｉｓｈｉｎｇ.example",
    "nia@ﬁshing.example",
    " Nia@FISHING.example",
)


def spelled(hand: int) -> str:
    """The address as the form reads it from one of its spellings."""
    address = read_email(TWINS[hand % len(TWINS)])
    assert address is not None
    return address


def accounts_of(address: str) -> list[Account]:
    return list(db.session.scalars(select(Account).where(func.lower(Account.email) == address)))


def people_called(name: str) -> int:
    return db.session.scalar(select(func.count()).where(Person.name == name)) or 0


def answers_queued(account: Account) -> list[bool]:
    """Whether each sign-up that is to be answered by mail made the account."""
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.topic == registering.SIGN_UP_TOPIC))
    return [row.payload["is_new"] for row in rows if row.payload["account_id"] == account.id]


# ---- signing up


def test_many_sign_ups_of_one_mailbox_make_one_account(app: Flask) -> None:
    ended = race(
        app,
        lambda hand: registering.sign_up("Nia Newman", spelled(hand), f"hash {hand}", zone=ZONE, now=NOON),
        hands=FEW,
    )

    assert ended.answers == [None] * FEW, "nobody can tell whether they were the first"
    [account] = accounts_of(TWINS[0])
    assert people_called("Nia Newman") == 1
    assert sorted(answers_queued(account)) == [False] * (FEW - 1) + [True]


def test_the_table_alone_makes_one_account_of_a_mailbox(app: Flask) -> None:
    def enter(hand: int) -> None:
        person = services.create_person("Noa Newman", zone=ZONE, now=NOON)
        services.create_account(person, spelled(hand).replace("nia", "noa").replace("Nia", "Noa"), "hash", now=NOON)

    ended = race(app, enter, hands=FEW)

    assert (len(ended.answers), ended.refused_with) == (1, {Conflict})
    assert len(accounts_of("noa@fishing.example")) == people_called("Noa Newman") == 1


def test_the_spellings_are_twins() -> None:
    assert len({email_key(spelled(number)) for number in range(len(TWINS))}) == 1
    assert len(set(TWINS)) == len(TWINS)


# ---- asking for a new password


def test_many_requests_for_a_new_password_queue_one(app: Flask, cast: Cast) -> None:
    ended = race(app, lambda _hand: registering.ask_for_reset(cast.stranger.email, now=NOON), hands=FEW)

    assert ended.answers == [None] * FEW
    assert requests_of(cast.stranger) == 1


def test_the_table_alone_queues_one_request(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "insert_once", insert)

    ended = race(app, lambda _hand: registering.ask_for_reset(cast.learner.email, now=NOON), hands=FEW)

    assert (ended.answers, ended.refused_with) == ([None], {Conflict})
    assert requests_of(cast.learner) == 1


def requests_of(member: Member) -> int:
    keys = f"{registering.RESET_TOPIC}:{digest(email_key(member.email))}:%"
    return db.session.scalar(select(func.count()).where(OutboxRow.key.like(keys))) or 0


# ---- mailed secrets


def reset(secret: str, hand: int) -> int:
    """Choose the hand's own password; a moment of its own, so that no key of a notice hides a second use."""
    registering.reset_password(secret, f"hash {hand}", now=NOON + hand * MINUTE)
    return hand


def verify(secret: str, hand: int) -> int:
    registering.verify_address(secret, now=NOON + hand * MINUTE)
    return hand


def mailed(member: Member, purpose: MailPurpose) -> str:
    account = db.session.get_one(Account, member.account_id)
    return services.mail_token(account, purpose, now=NOON)


def audited(action: str, account_id: int) -> int:
    lines = select(func.count()).where(AuditEntry.action == action, AuditEntry.object_id == str(account_id))
    return db.session.scalar(lines.where(AuditEntry.object_kind == "account")) or 0


def told_of_password(member: Member) -> int:
    told = select(func.count()).where(Notice.person_id == member.person_id, Notice.kind == "password_changed")
    return db.session.scalar(told) or 0


def found_whatever_was_done(secret: str, _purpose: MailPurpose, _now: datetime, *, to_use: bool) -> MailToken | None:
    """The mailed secret without a look at whether it was used."""
    return db.session.scalar(select(MailToken).where(MailToken.token_digest == digest(secret)))


def test_a_reset_link_used_by_many_at_once_works_for_one(app: Flask, cast: Cast) -> None:
    secret = mailed(cast.instructor, MailPurpose.RESET_PASSWORD)

    ended = race(app, lambda hand: reset(secret, hand), hands=FEW)

    assert_reset_once(cast.instructor, ended.answers)
    assert ended.refused_with == {LinkEnded}


def test_the_key_alone_lets_a_reset_link_work_once(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = mailed(cast.author, MailPurpose.RESET_PASSWORD)
    monkeypatch.setattr(queries, "usable_mail_token", found_whatever_was_done)

    with without_row_locks():
        ended = race(app, lambda hand: reset(secret, hand), hands=FEW)

    assert_reset_once(cast.author, ended.answers)
    assert ended.refused_with == {LinkEnded}


def assert_reset_once(member: Member, winners: list[int]) -> None:
    [winner] = winners
    db.session.rollback()
    assert db.session.get_one(Account, member.account_id).password_hash == f"hash {winner}"
    assert (told_of_password(member), audited("change_password", member.account_id)) == (1, 1)


def test_a_verification_link_used_by_many_at_once_works_for_one(app: Flask, cast: Cast) -> None:
    secret = mailed(cast.staff, MailPurpose.VERIFY_ADDRESS)

    ended = race(app, lambda hand: verify(secret, hand), hands=FEW)

    assert (len(ended.answers), ended.refused_with) == (1, {LinkEnded})
    assert audited("verify_address", cast.staff.account_id) == 1


def test_the_key_alone_lets_a_verification_link_work_once(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = mailed(cast.staff2, MailPurpose.VERIFY_ADDRESS)
    monkeypatch.setattr(queries, "usable_mail_token", found_whatever_was_done)

    with without_row_locks():
        ended = race(app, lambda hand: verify(secret, hand), hands=FEW)

    assert (len(ended.answers), ended.refused_with) == (1, {LinkEnded})
    assert audited("verify_address", cast.staff2.account_id) == 1


# ---- at the door


def test_a_conflict_that_nobody_foresaw_is_a_page_and_no_failure(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "insert_once", insert)
    browser = app.test_client()
    assert isinstance(browser, Browser)
    address = {"email": "nobody@example.org"}

    first, second = (browser.post_form("/reset", address) for _press in range(2))

    assert (first.status_code, second.status_code) == (303, 409)
    assert "at the same moment elsewhere" in second.text
