"""Writes about people and accounts. Values and `now` in; nothing here commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update

from lms.accounts.models import (
    Account,
    Claim,
    ClaimDecided,
    ClaimDecision,
    ClaimSource,
    ClaimStatus,
    MailPurpose,
    MailToken,
    MailTokenUse,
    NetworkTrace,
    Person,
    PersonName,
    Role,
    RoleGrant,
    ScopeKind,
    SignInFailure,
    SignInSession,
)
from lms.accounts.rules import email_key
from lms.foundation import unit_of_work
from lms.foundation.database import db, insert_once
from lms.foundation.errors import Conflict, Forbidden
from lms.foundation.prepared import PreparedForMany
from lms.foundation.tokens import digest, new_token

# OWASP's password storage figures for argon2id: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Made by it once, of a password that nobody has: making it at every start would take as long as somebody's signing in.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$d9yu2ooORRbDijdRgz+TwA$BG1Zmn+zwlEBXix82TiQT0x/yBOd8O6FJW2sXmxZang"
_HELD = "people_held"
HOLDING = PreparedForMany(
    lambda ids: select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
)
SESSION_TOUCHED_EVERY = timedelta(minutes=5)
TRACES_KEPT = timedelta(days=180)
FAILURES_KEPT = timedelta(days=1)
LONGEST_DEVICE = 200
LIFETIMES = {MailPurpose.VERIFY_ADDRESS: timedelta(days=3), MailPurpose.RESET_PASSWORD: timedelta(hours=1)}


def hash_password(password: str) -> str:
    """Slow by design (about 20 ms): call it outside a write transaction."""
    return _HASHER.hash(password)


def password_matches(stored_hash: str | None, password: str) -> bool:
    """Takes the same work whether or not there is an account, so that time tells nothing."""
    try:
        return _HASHER.verify(stored_hash or _NOBODY, password) and stored_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def create_person(name: str, *, zone: str, now: datetime) -> Person:
    person = Person(name=name, zone=zone, created_at=now)
    db.session.add(person)
    db.session.flush()
    return person


def keep_name(person: Person, *, now: datetime) -> None:
    """Note the name that somebody has had until now. The audit trail, which holds no words about people, can't."""
    db.session.add(PersonName(person_id=person.id, name=person.name, until_at=now))


def lock_person(person_id: int) -> None:
    """Hold a person until the transaction ends: facts about somebody change one after the other."""
    lock_people([person_id])


def lock_people(person_ids: Collection[int]) -> None:
    """Hold several people, in the order of their ids, in which everybody takes them.

    Rows that refer to a person can still be added meanwhile: on PostgreSQL they share a lock
    that only FOR NO KEY UPDATE lets through, and two who each add one would else wait for each other.
    Who is held already is not asked for again; what was changed so far is written either way.
    """
    db.session.flush()
    held: set[int] = unit_of_work.kept(db.session).setdefault(_HELD, set())
    wanted = set(person_ids)
    if not held >= wanted:
        HOLDING.rows(sorted(wanted))
        held |= wanted


def create_account(person: Person, email: str, password_hash: str, *, now: datetime) -> Account:
    account = Account(
        person_id=person.id, email=email, email_key=email_key(email), password_hash=password_hash, created_at=now
    )
    db.session.add(account)
    db.session.flush()
    return account


def end_mail_tokens(account: Account, purpose: MailPurpose, *, now: datetime) -> None:
    """Mailed links of this purpose open nothing any more."""
    db.session.execute(
        update(MailToken)
        .where(MailToken.account_id == account.id, MailToken.purpose == purpose, MailToken.used_at.is_(None))
        .values(used_at=now)
    )


def mail_token(account: Account, purpose: MailPurpose, *, now: datetime) -> str:
    """A fresh secret for a mailed link; earlier ones of the same purpose end."""
    end_mail_tokens(account, purpose, now=now)
    return further_mail_token(account, purpose, now=now)


def further_mail_token(account: Account, purpose: MailPurpose, *, now: datetime) -> str:
    """A fresh secret beside earlier ones: whoever merely knows an address must not end the links its owner asked for."""
    secret = new_token()
    db.session.add(
        MailToken(
            purpose=purpose,
            token_digest=digest(secret),
            account_id=account.id,
            email_key=account.email_key,
            created_at=now,
            expires_at=now + LIFETIMES[purpose],
        )
    )
    return secret


def use_mail_token(token: MailToken, *, now: datetime) -> bool:
    """Let a mailed secret do its work. Returns False where somebody used it a moment before."""
    token.used_at = now
    use = insert_once(MailTokenUse).values(mail_token_id=token.id, used_at=now)
    return db.session.scalar(use.returning(MailTokenUse.mail_token_id)) is not None


def open_session(account: Account, *, device: str, now: datetime) -> tuple[str, SignInSession]:
    """Sign a browser in. Returns the secret for its cookie, which we do not keep, and the row."""
    secret = new_token()
    row = SignInSession(
        token_digest=digest(secret),
        account_id=account.id,
        device=device[:LONGEST_DEVICE],
        created_at=now,
        last_used_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return secret, row


def session_is_stale(last_used_at: datetime, now: datetime) -> bool:
    """Whether a session's last use should be written again: at most every five minutes, since it is nobody's door."""
    return now - last_used_at > SESSION_TOUCHED_EVERY


def touch_session(session_id: int, *, now: datetime) -> None:
    db.session.execute(update(SignInSession).where(SignInSession.id == session_id).values(last_used_at=now))


def prune_traces(now: datetime) -> int:
    """Forget where requests came from after 180 days, and refused sign-ins after one. Returns how many rows went."""
    traces = db.session.execute(delete(NetworkTrace).where(NetworkTrace.at < now - TRACES_KEPT))
    failures = db.session.execute(delete(SignInFailure).where(SignInFailure.at < now - FAILURES_KEPT))
    return int(traces.rowcount + failures.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts its rows


def end_session(session_id: int, *, now: datetime) -> bool:
    """Sign one browser out. Returns False if it was signed out before."""
    ending = update(SignInSession).where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
    return db.session.scalar(ending.values(ended_at=now).returning(SignInSession.id)) is not None


def end_sessions(account_id: int, *, now: datetime, but: int | None = None) -> int:
    """Sign every browser of an account out, except the one with id `but`. Returns how many were signed in."""
    ending = update(SignInSession).where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
    if but is not None:
        ending = ending.where(SignInSession.id != but)
    return len(db.session.scalars(ending.values(ended_at=now).returning(SignInSession.id)).all())


def record_failure(email: str, address: str, *, now: datetime) -> None:
    db.session.add(SignInFailure(email_digest=digest(email_key(email)), address=address, at=now))


def forgive_failures(email: str) -> None:
    """Forget refused sign-ins of an account whose owner has just chosen a new password."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.email_digest == digest(email_key(email))))


def record_trace(subject_kind: str, subject_id: int, address: str, user_agent: str, *, now: datetime) -> None:
    db.session.add(
        NetworkTrace(
            subject_kind=subject_kind,
            subject_id=subject_id,
            address=address,
            user_agent=user_agent[:LONGEST_DEVICE],
            at=now,
        )
    )


def grant_role(
    person_id: int,
    role: Role,
    *,
    scope_kind: ScopeKind = ScopeKind.EVERYWHERE,
    scope_id: str = "",
    by: int | None,
    now: datetime,
) -> RoleGrant:
    grant = RoleGrant(
        person_id=person_id, role=role, scope_kind=scope_kind, scope_id=scope_id, granted_at=now, granted_by=by
    )
    db.session.add(grant)
    return grant


def withdraw_role(person_id: int, role: Role, *, by: int | None, now: datetime) -> int:
    """Take a role from somebody, wherever it reaches. Returns how many grants that ended."""
    ending = update(RoleGrant).where(
        RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.withdrawn_at.is_(None)
    )
    return len(db.session.scalars(ending.values(withdrawn_at=now, withdrawn_by=by).returning(RoleGrant.id)).all())


def record_claim(
    person_id: int,
    kind: str,
    subject: str,
    value: str,
    *,
    note: str,
    source: ClaimSource,
    status: ClaimStatus,
    valid_from: date | None,
    valid_until: date | None,
    by: int | None,
    now: datetime,
) -> Claim:
    """Add a claim. One of the same kind and subject that is not settled is replaced by it, and leaves it its place."""
    waiting_since = now
    waiting = db.session.scalars(
        select(Claim).where(
            Claim.person_id == person_id,
            Claim.kind == kind,
            Claim.subject == subject,
            Claim.status.in_((ClaimStatus.SUBMITTED, ClaimStatus.NEEDS_MORE)),
            Claim.withdrawn_at.is_(None),
        )
    )
    for earlier in waiting:
        waiting_since = min(waiting_since, earlier.waiting_since)
        earlier.replace()
    db.session.flush()
    claim = Claim(
        person_id=person_id,
        kind=kind,
        subject=subject,
        value=value,
        note=note,
        source=source,
        status=status,
        valid_from=valid_from,
        valid_until=valid_until,
        recorded_at=now,
        waiting_since=waiting_since,
        recorded_by=by,
    )
    db.session.add(claim)
    db.session.flush()
    return claim


def decide_claim(
    claim: Claim,
    outcome: ClaimStatus,
    *,
    note: str,
    by: int,
    now: datetime,
    valid_from: date | None = None,
    valid_until: date | None = None,
    instead_of: int = 0,
) -> ClaimDecision:
    """Approve, reject or ask for more; `instead_of` is the number of the decision whose place this one takes.

    Raises ClaimDecided if somebody was faster, Forbidden on one's own.
    """
    if claim.person_id == by:
        raise Forbidden("Nobody decides their own case.")
    if instead_of:
        claim.decide_again(outcome)
    else:
        claim.decide(outcome)
    decision = ClaimDecision(
        claim_id=claim.id,
        number=instead_of + 1,
        outcome=outcome,
        note=note,
        decided_at=now,
        decided_by=by,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    try:
        with db.session.begin_nested():
            db.session.add(decision)
    except Conflict as conflict:
        raise ClaimDecided("Somebody decided this claim a moment before.") from conflict
    return decision
