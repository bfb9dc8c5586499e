"""Signing up, confirming an address, passwords, and signing in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts import queries, services
from lms.accounts.models import Account, MailToken, NetworkTrace, Person, SignInFailure, SignInSession
from lms.accounts.rules import LINKS_AT_ONCE
from lms.foundation.audit import AuditEntry
from lms.foundation.database import Base, db
from lms.foundation.outbox import OutboxRow
from lms.foundation.tokens import digest
from lms.notices.models import Notice
from lms.usecases import registering
from lms.usecases.registering import LinkEnded
from tests.support.cast import Cast, Member
from tests.support.mails import answer_sign_ups, mails, secret_of
from tests.support.moments import DAY, HOUR, MINUTE, NOON

NEW = "new.coach@example.org"
ZONE = "America/Chicago"


def sign_up(email: str = NEW, name: str = "Nia Newman", hashed: str = "a hash") -> None:
    registering.sign_up(name, email, hashed, zone=ZONE, now=NOON)
    answer_sign_ups(NOON)


def account_of(member: Member) -> Account:
    return db.session.get_one(Account, member.account_id)


def count(table: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def actions() -> list[str]:
    """What the audit trail says was done, after the release that every test begins with."""
    entries = select(AuditEntry.action).where(AuditEntry.object_kind != "release").order_by(AuditEntry.id)
    return list(db.session.scalars(entries))


def queued(topic: str) -> Sequence[OutboxRow]:
    return db.session.scalars(select(OutboxRow).where(OutboxRow.topic == topic).order_by(OutboxRow.id)).all()


def reset_link(member: Member) -> str:
    registering.request_reset(member.email, now=NOON)
    db.session.flush()
    return secret_of(mails("reset_password")[-1])


def test_signing_up_makes_an_account_that_is_not_confirmed_and_mails_a_link(app: Flask) -> None:
    sign_up()

    account = queries.account_by_email(NEW)
    assert account is not None
    assert account.verified_at is None
    assert (queries.person(account.person_id).name, queries.person(account.person_id).zone) == ("Nia Newman", ZONE)
    assert [mail["account_id"] for mail in mails("verify_address")] == [account.id]
    assert actions() == ["sign_up"]


@pytest.mark.parametrize("spelling", [NEW, NEW.upper(), "New.Coach@Example.ORG"])
def test_a_second_sign_up_of_an_address_changes_nothing_and_tells_its_owner(app: Flask, spelling: str) -> None:
    sign_up()
    people, accounts = count(Person), count(Account)

    sign_up(spelling, "Somebody Else", "another hash")

    account = queries.account_by_email(NEW)
    assert account is not None
    assert account.password_hash == "a hash"
    assert (count(Person), count(Account)) == (people, accounts)
    assert [mail["account_id"] for mail in mails("address_known")] == [account.id]


def test_an_owner_is_told_of_further_sign_ups_once_a_day_and_the_mailed_link_keeps_working(app: Flask) -> None:
    sign_up()
    for _try in range(5):
        sign_up(name="Somebody Else", hashed="another hash")
    [first] = mails("address_known")

    registering.sign_up("Somebody Else", NEW, "another hash", zone=ZONE, now=NOON + DAY)
    answer_sign_ups(NOON + DAY)

    assert len(mails("address_known")) == 2
    assert registering.reset_password(secret_of(first), "the owner's hash", now=NOON).verified_at == NOON


def test_signing_up_with_an_address_ends_no_link_that_its_owner_asked_for(app: Flask) -> None:
    sign_up()
    registering.request_reset(NEW, now=NOON)

    sign_up(name="Somebody Else", hashed="another hash")

    [asked] = mails("reset_password")
    assert registering.reset_password(secret_of(asked), "the owner's hash", now=NOON)


def test_nobody_is_mailed_more_links_in_a_day_than_anybody_needs(app: Flask) -> None:
    sign_up()
    account = queries.account_by_email(NEW)
    assert account is not None
    for _try in range(LINKS_AT_ONCE + 3):
        registering.request_reset(NEW, now=NOON)
        registering.resend_verification(account, now=NOON)

    assert len(mails("reset_password")) == len(mails("verify_address")) == LINKS_AT_ONCE
    assert registering.request_reset(NEW, now=NOON + HOUR)
    assert not registering.request_reset(NEW, now=NOON + HOUR + MINUTE)


def test_whoever_reads_the_mail_takes_over_an_account_that_another_began(app: Flask) -> None:
    sign_up(name="An Impostor", hashed="the impostor's hash")
    account = queries.account_by_email(NEW)
    assert account is not None
    impostors, _row = services.open_session(account, device="", now=NOON)
    sign_up(name="The Owner")

    registering.reset_password(secret_of(mails("address_known")[0]), "the owner's hash", now=NOON)

    assert account.password_hash == "the owner's hash"
    assert account.verified_at == NOON
    assert queries.viewer_of(impostors, NOON) is None


def test_the_mailed_link_confirms_the_address_once(app: Flask) -> None:
    sign_up()
    secret = secret_of(mails("verify_address")[0])

    account = registering.verify_address(secret, now=NOON + HOUR)

    assert account.verified_at == NOON + HOUR
    with pytest.raises(LinkEnded):
        registering.verify_address(secret, now=NOON + HOUR)


@pytest.mark.parametrize("later", [3 * DAY, 4 * DAY])
def test_a_link_that_is_too_old_confirms_nothing(app: Flask, later: timedelta) -> None:
    sign_up()
    secret = secret_of(mails("verify_address")[0])

    with pytest.raises(LinkEnded):
        registering.verify_address(secret, now=NOON + later)


def test_a_fresh_link_ends_the_earlier_one(app: Flask) -> None:
    sign_up()
    account = queries.account_by_email(NEW)
    assert account is not None

    registering.resend_verification(account, now=NOON + MINUTE)

    first, second = (secret_of(mail) for mail in mails("verify_address"))
    with pytest.raises(LinkEnded):
        registering.verify_address(first, now=NOON + HOUR)
    assert registering.verify_address(second, now=NOON + HOUR) is account


def test_a_link_serves_its_own_purpose_alone(app: Flask, cast: Cast) -> None:
    sign_up()
    verification = secret_of(mails("verify_address")[0])

    with pytest.raises(LinkEnded):
        registering.reset_password(verification, "a new hash", now=NOON)
    with pytest.raises(LinkEnded):
        registering.verify_address(reset_link(cast.learner), now=NOON)


def test_a_request_for_an_unknown_address_mails_nobody(app: Flask) -> None:
    assert registering.request_reset("nobody@example.org", now=NOON) is False
    assert queued("mail") == []
    assert count(MailToken) == 0


def test_the_page_queues_the_same_row_for_any_address_once_a_minute(app: Flask, cast: Cast) -> None:
    for email in (cast.learner.email, "nobody@example.org", cast.learner.email.upper()):
        registering.ask_for_reset(email, now=NOON)
    db.session.flush()

    rows = queued(registering.RESET_TOPIC)
    assert len(rows) == 2
    assert {tuple(row.payload) for row in rows} == {("email",)}
    assert all("@" not in row.key for row in rows)


def test_a_new_password_signs_every_browser_out_and_is_told(app: Flask, cast: Cast) -> None:
    account = account_of(cast.learner)
    secrets = [services.open_session(account, device=name, now=NOON)[0] for name in ("Phone", "Laptop")]

    registering.reset_password(reset_link(cast.learner), "a new hash", now=NOON)

    assert account.password_hash == "a new hash"
    assert [queries.viewer_of(secret, NOON) for secret in secrets] == [None, None]
    told = db.session.scalars(select(Notice.kind).where(Notice.person_id == cast.learner.person_id))
    assert list(told) == ["password_changed"]
    assert actions() == ["request_reset", "change_password"]


def test_a_reset_link_works_once(app: Flask, cast: Cast) -> None:
    secret = reset_link(cast.learner)
    registering.reset_password(secret, "a new hash", now=NOON)

    with pytest.raises(LinkEnded):
        registering.reset_password(secret, "a third hash", now=NOON)
    assert account_of(cast.learner).password_hash == "a new hash"


def test_asking_again_ends_no_earlier_link_and_using_one_ends_all(app: Flask, cast: Cast) -> None:
    """Anybody may ask in another's name; it must not take away the link that the owner is about to open."""
    first, second, third = (reset_link(cast.learner) for _ in range(3))

    registering.reset_password(first, "a new hash", now=NOON)

    for later in (second, third):
        with pytest.raises(LinkEnded):
            registering.reset_password(later, "a third hash", now=NOON)
    assert account_of(cast.learner).password_hash == "a new hash"


@pytest.mark.parametrize("later", [HOUR, DAY])
def test_a_reset_link_ends_after_an_hour(app: Flask, cast: Cast, later: timedelta) -> None:
    secret = reset_link(cast.learner)

    with pytest.raises(LinkEnded):
        registering.reset_password(secret, "a new hash", now=NOON + later)


def test_a_reset_link_dies_when_the_address_changes(app: Flask, cast: Cast) -> None:
    secret = reset_link(cast.learner)
    account_of(cast.learner).email_key = "elsewhere@example.org"

    with pytest.raises(LinkEnded):
        registering.reset_password(secret, "a new hash", now=NOON)


def test_secrets_are_kept_as_digests_alone(app: Flask, cast: Cast) -> None:
    secret = reset_link(cast.learner)
    session_secret = registering.sign_in(account_of(cast.learner), device="", address="", user_agent="", now=NOON)

    assert db.session.scalars(select(MailToken.token_digest)).all() == [digest(secret)]
    assert db.session.scalars(select(SignInSession.token_digest)).all() == [digest(session_secret)]
    assert all(secret not in row.key for row in db.session.scalars(select(OutboxRow)))


def test_a_new_password_forgives_the_tries_before_it(app: Flask, cast: Cast) -> None:
    for _ in range(10):
        services.record_failure(cast.learner.email, "192.0.2.1", now=NOON)
    services.record_failure(cast.stranger.email, "192.0.2.1", now=NOON)

    registering.reset_password(reset_link(cast.learner), "a new hash", now=NOON)

    assert count(SignInFailure) == 1


def test_changing_the_password_keeps_this_browser_and_ends_the_others(app: Flask, cast: Cast) -> None:
    account = account_of(cast.learner)
    here, row = services.open_session(account, device="Laptop", now=NOON)
    there, _row = services.open_session(account, device="Phone", now=NOON)

    registering.change_password(account, "a new hash", keep_session=row.id, now=NOON)

    assert queries.viewer_of(here, NOON) is not None
    assert queries.viewer_of(there, NOON) is None


def test_changing_the_password_ends_links_that_were_mailed_before(app: Flask, cast: Cast) -> None:
    secret = reset_link(cast.learner)

    registering.change_password(account_of(cast.learner), "a new hash", keep_session=0, now=NOON)

    with pytest.raises(LinkEnded):
        registering.reset_password(secret, "another hash", now=NOON)


def test_signing_in_opens_a_session_and_keeps_where_it_came_from_apart(app: Flask, cast: Cast) -> None:
    secret = registering.sign_in(
        account_of(cast.learner), device="Firefox", address="192.0.2.7", user_agent="Mozilla/5.0", now=NOON
    )
    db.session.flush()

    viewer = queries.viewer_of(secret, NOON)
    assert viewer is not None
    assert viewer.person_id == cast.learner.person_id
    trace = db.session.scalars(select(NetworkTrace)).one()
    assert (trace.subject_id, trace.address) == (viewer.session_id, "192.0.2.7")
    assert "192.0.2.7" not in str(db.session.scalars(select(AuditEntry.details)).all())


def test_signing_out_ends_the_session(app: Flask, cast: Cast) -> None:
    secret, row = services.open_session(account_of(cast.learner), device="", now=NOON)

    registering.end_session(row.id, by=cast.learner.person_id, now=NOON)

    assert queries.viewer_of(secret, NOON) is None
    assert actions() == ["sign_out"]


def test_a_profile_takes_another_name_and_zone(app: Flask, cast: Cast) -> None:
    registering.change_profile(cast.learner.person_id, name="Lena Larsson", zone="Europe/Stockholm", now=NOON)
    db.session.flush()

    person = queries.person(cast.learner.person_id)
    assert (person.name, person.zone) == ("Lena Larsson", "Europe/Stockholm")
    assert actions() == ["change_profile"]


def test_a_name_that_was_given_up_is_kept_with_its_day(app: Flask, cast: Cast) -> None:
    registering.change_profile(cast.learner.person_id, name="Lena Berg", zone=ZONE, now=NOON)
    registering.change_profile(cast.learner.person_id, name="Lena Berg", zone="UTC", now=NOON + HOUR)
    registering.change_profile(cast.learner.person_id, name="Somebody Else", zone="UTC", now=NOON + DAY)

    kept = [(one.name, one.until_at) for one in queries.earlier_names([cast.learner.person_id])]
    assert kept == [("Lena Berg", NOON + DAY), (cast.learner.name, NOON)]
    assert all("Lena" not in str(entry.details) for entry in db.session.scalars(select(AuditEntry)).all())
