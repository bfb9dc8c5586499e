"""Signing up, confirming an address, passwords, and signing in, each told straight down.

Whether an address has an account is told only to whoever reads its mail: signing up
does the same work and gives the same answer either way, and a request for a new
password is answered by the worker.
"""

from __future__ import annotations

from datetime import datetime

from lms.accounts import queries, services
from lms.accounts.models import Account, MailPurpose
from lms.accounts.rules import email_key, mailed_enough
from lms.foundation import audit, outbox
from lms.foundation.database import db
from lms.foundation.errors import Conflict, DomainError
from lms.foundation.messages import Message
from lms.foundation.tokens import digest, new_token
from lms.notices import services as notices

RESET_TOPIC = "reset_request"
SIGN_UP_TOPIC = "signed_up"


class LinkEnded(DomainError):
    """A mailed link that was used, replaced by a later one, or is too old, or never was."""

    status = 404
    code = "link-ended"

    def __init__(self) -> None:
        super().__init__(
            "This link was used before, or it is too old.",
            remedy=Message("Ask for a new one."),
        )


def sign_up(name: str, email: str, password_hash: str, *, zone: str, now: datetime) -> None:
    """Make an account, unless its address has one. What is mailed is for the worker (`answer_sign_up`).

    The work is the same whether or not the address is known.
    """
    is_new = _create_account(name, email, password_hash, zone=zone, now=now)
    account = queries.account_by_email(email)
    if account is None:
        raise LookupError("The address is taken by an account that can't be found.")
    outbox.put(SIGN_UP_TOPIC, f"{SIGN_UP_TOPIC}:{new_token()}", {"account_id": account.id, "is_new": is_new}, now=now)
    audit.record("sign_up" if is_new else "sign_up_again", "account", account.id, actor_id=None, at=now)


def answer_sign_up(account_id: int, *, is_new: bool, now: datetime) -> None:
    """Mail a link that confirms the address of a new account.

    Where the address had an account already, its owner is told instead, with a link to choose
    a new password: whoever typed the first one may not have been the owner. Once a day, however
    often somebody types the address.
    """
    account = db.session.get_one(Account, account_id)
    if is_new:
        _mail_link(account, MailPurpose.VERIFY_ADDRESS, "verify_address", CONFIRM, now=now)
        return
    once_a_day = f"address_known:{account.id}:{now:%Y%m%d}"
    if not notices.was_written(once_a_day):
        secret = services.further_mail_token(account, MailPurpose.RESET_PASSWORD, now=now)
        _write(account, MailPurpose.RESET_PASSWORD, secret, "address_known", KNOWN, once_a_day, now=now)


def resend_verification(account: Account, *, now: datetime) -> None:
    """Mail a fresh link that confirms the address; earlier ones end. Nothing where it was mailed often today."""
    if _mailed_enough(account, MailPurpose.VERIFY_ADDRESS, now=now):
        return
    _mail_link(account, MailPurpose.VERIFY_ADDRESS, "verify_address", CONFIRM, now=now)
    audit.record("send_verification", "account", account.id, actor_id=account.person_id, at=now)


def verify_address(secret: str, *, now: datetime) -> Account:
    """Note that the account's owner reads its mail. Raises LinkEnded."""
    account = _use_link(secret, MailPurpose.VERIFY_ADDRESS, now=now)
    account.verified_at = account.verified_at or now
    audit.record("verify_address", "account", account.id, actor_id=account.person_id, at=now)
    return account


def ask_for_reset(email: str, *, now: datetime) -> None:
    """Queue a request for a new password, at most one a minute for each address.

    The worker looks whether there is an account (`request_reset`), so that the page
    does the same work for every address.
    """
    key = f"{RESET_TOPIC}:{digest(email_key(email))}:{now:%Y%m%d%H%M}"
    outbox.put(RESET_TOPIC, key, {"email": email}, now=now)


def request_reset(email: str, *, now: datetime) -> bool:
    """Mail a link to choose a new password, if the address has an account. Returns whether it was mailed.

    An account that was mailed often today is not: anybody may ask in its name. Earlier links stay open, for the
    same reason; the first that is used ends them all.
    """
    account = queries.account_by_email(email)
    if account is None or _mailed_enough(account, MailPurpose.RESET_PASSWORD, now=now):
        return False
    text = Message("Somebody asked for a new password for your account. If it was not you, do nothing.")
    secret = services.further_mail_token(account, MailPurpose.RESET_PASSWORD, now=now)
    _write(
        account, MailPurpose.RESET_PASSWORD, secret, "reset_password", text, f"reset_password:{digest(secret)}", now=now
    )
    audit.record("request_reset", "account", account.id, actor_id=None, at=now)
    return True


def reset_password(secret: str, new_hash: str, *, now: datetime) -> Account:
    """Take the new password of a mailed link, and sign every browser out. Raises LinkEnded.

    Whoever opened the link reads the account's mail, so its address is confirmed as well.
    """
    account = _use_link(secret, MailPurpose.RESET_PASSWORD, now=now)
    account.verified_at = account.verified_at or now
    _take_password(account, new_hash, keep_session=None, now=now)
    services.forgive_failures(account.email)
    return account


def change_password(account: Account, new_hash: str, *, keep_session: int, now: datetime) -> None:
    """Take a new password from somebody who is signed in; their other browsers are signed out."""
    _take_password(account, new_hash, keep_session=keep_session, now=now)


def sign_in(account: Account, *, device: str, address: str, user_agent: str, now: datetime) -> str:
    """Open a session for a browser whose password was right. Returns the secret for its cookie."""
    secret, session = services.open_session(account, device=device, now=now)
    services.record_trace("sign_in_session", session.id, address, user_agent, now=now)
    audit.record("sign_in", "sign_in_session", session.id, actor_id=account.person_id, at=now)
    return secret


def end_session(session_id: int, *, by: int, now: datetime) -> None:
    """Sign one browser out."""
    if services.end_session(session_id, now=now):
        audit.record("sign_out", "sign_in_session", session_id, actor_id=by, at=now)


def end_other_sessions(account_id: int, *, but: int, by: int, now: datetime) -> None:
    """Sign every browser of an account out, except the one with session id `but`."""
    if services.end_sessions(account_id, now=now, but=but):
        audit.record("sign_out_others", "account", account_id, actor_id=by, at=now)


def change_profile(person_id: int, *, name: str, zone: str, now: datetime) -> None:
    """Take another name and time zone.

    Certificates keep the name under which they were issued; staff see who was called what until when.
    """
    services.lock_person(person_id)
    person = queries.person(person_id)
    if (person.name, person.zone) == (name, zone):
        return
    if person.name != name:
        services.keep_name(person, now=now)
    person.name = name
    person.zone = zone
    audit.record("change_profile", "person", person_id, actor_id=person_id, at=now)


def _create_account(name: str, email: str, password_hash: str, *, zone: str, now: datetime) -> bool:
    """Whether a new account came about. It is always tried: only the constraint can tell, and it costs the same."""
    try:
        with db.session.begin_nested():
            person = services.create_person(name, zone=zone, now=now)
            services.create_account(person, email, password_hash, now=now)
    except Conflict:
        return False
    return True


CONFIRM = Message(
    "Confirm that this is your address. Then we can write to you about your programs. The link works for three days."
)
KNOWN = Message("Somebody signed up with this address, which has an account already. Here you can sign in anew.")
PATHS = {MailPurpose.VERIFY_ADDRESS: "/verify-address", MailPurpose.RESET_PASSWORD: "/reset"}


def _mail_link(account: Account, purpose: MailPurpose, kind: str, text: Message, *, now: datetime) -> None:
    secret = services.mail_token(account, purpose, now=now)
    _write(account, purpose, secret, kind, text, f"{kind}:{digest(secret)}", now=now)


def _write(
    account: Account, purpose: MailPurpose, secret: str, kind: str, text: Message, key: str, *, now: datetime
) -> None:
    notices.write_to(account.id, key, kind, text, path=f"{PATHS[purpose]}/{secret}", now=now)


def _mailed_enough(account: Account, purpose: MailPurpose, *, now: datetime) -> bool:
    return mailed_enough(queries.links_mailed(account.id, purpose, now), now)


def _use_link(secret: str, purpose: MailPurpose, *, now: datetime) -> Account:
    token = queries.usable_mail_token(secret, purpose, now, to_use=True)
    if token is None or not services.use_mail_token(token, now=now):
        raise LinkEnded
    return db.session.get_one(Account, token.account_id)


def _take_password(account: Account, new_hash: str, *, keep_session: int | None, now: datetime) -> None:
    account.password_hash = new_hash
    services.end_sessions(account.id, now=now, but=keep_session)
    services.end_mail_tokens(account, MailPurpose.RESET_PASSWORD, now=now)
    notices.tell(
        account.person_id,
        f"password-changed:{account.id}:{now.isoformat()}",
        "password_changed",
        Message("Your password was changed. If it was not you, choose a new one at once by the link “Forgotten”."),
        path="/account/security",
        now=now,
    )
    audit.record("change_password", "account", account.id, actor_id=account.person_id, at=now)
