"""Questions about people and accounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, literal, select

from lms.accounts.models import (
    Account,
    Claim,
    ClaimDecision,
    ClaimStatus,
    MailPurpose,
    MailToken,
    Person,
    PersonAlias,
    PersonName,
    Role,
    RoleGrant,
    ScopeKind,
    SignInFailure,
    SignInSession,
)
from lms.accounts.rules import (
    FAILURE_WINDOW,
    LINKS_WINDOW,
    Capability,
    Failures,
    Grant,
    Viewer,
    email_key,
    session_is_over,
)
from lms.foundation.database import db
from lms.foundation.prepared import PreparedForMany, prepared
from lms.foundation.tokens import digest

VIEWER = prepared(
    select(
        Account.person_id,
        Account.id,
        SignInSession.id,
        Person.name,
        Account.email,
        Person.zone,
        Person.locale,
        Account.verified_at,
        SignInSession.last_used_at,
        SignInSession.created_at,
        RoleGrant.role,
        RoleGrant.scope_kind,
        RoleGrant.scope_id,
    )
    .join(Account, Account.id == SignInSession.account_id)
    .join(Person, Person.id == Account.person_id)
    .outerjoin(RoleGrant, (RoleGrant.person_id == Person.id) & RoleGrant.withdrawn_at.is_(None))
    .where(
        SignInSession.token_digest == bindparam("digest"),
        SignInSession.ended_at.is_(None),
        Account.suspended_at.is_(None),
    )
)


def viewer_of(session_token: str, now: datetime) -> Viewer | None:
    """Who holds this session, with the roles they have at this moment. One statement; None where it is over."""
    rows = VIEWER.rows(digest=digest(session_token))
    if not rows:
        return None
    person_id, account_id, session_id, name, email, zone, locale, verified_at, used_at, opened_at, *_ = rows[0]
    grants = tuple(Grant(*row[10:]) for row in rows if row[10] is not None)
    if session_is_over(opened_at, used_at, now, has_role=bool(grants)):
        return None
    return Viewer(
        person_id, account_id, session_id, name, email, zone, locale, verified_at is not None, used_at, grants
    )


def account_by_email(email: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.email_key == email_key(email)))


def account_of(person_id: int) -> Account | None:
    return db.session.scalar(select(Account).where(Account.person_id == person_id))


def administrators() -> Sequence[int]:
    """The people who hold the role of administrator everywhere, by id."""
    return db.session.scalars(
        select(RoleGrant.person_id)
        .where(
            RoleGrant.role == Role.ADMINISTRATOR,
            RoleGrant.scope_kind == ScopeKind.EVERYWHERE,
            RoleGrant.withdrawn_at.is_(None),
        )
        .order_by(RoleGrant.person_id)
        .distinct()
    ).all()


@dataclass(frozen=True)
class HeldRole:
    """A role that somebody holds now; `scope_id` is "" where it reaches everywhere."""

    role: Role
    scope_kind: ScopeKind
    scope_id: str
    name: str
    email: str
    suspended: bool


def roles_held() -> list[HeldRole]:
    """Every role that is held now, by role, reach and name."""
    rows = db.session.execute(
        select(
            RoleGrant.role,
            RoleGrant.scope_kind,
            RoleGrant.scope_id,
            Person.name,
            func.coalesce(Account.email, ""),
            Account.suspended_at.is_not(None),
        )
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(RoleGrant.withdrawn_at.is_(None))
        .order_by(RoleGrant.role, RoleGrant.scope_kind, RoleGrant.scope_id, Person.name, RoleGrant.id)
    )
    return [HeldRole(*row) for row in rows]


def has_grant(person_id: int, role: Role, scope_kind: ScopeKind, scope_id: str) -> bool:
    """Whether somebody holds a role in exactly this scope now."""
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == role,
        RoleGrant.scope_kind == scope_kind,
        RoleGrant.scope_id == scope_id,
        RoleGrant.withdrawn_at.is_(None),
    )
    return db.session.scalar(held) is not None


def person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)


def earlier_names(person_ids: Sequence[int], *, limit: int = 20) -> Sequence[PersonName]:
    """What somebody was called before, the last name first."""
    kept = select(PersonName).where(PersonName.person_id.in_(person_ids)).order_by(PersonName.id.desc())
    return db.session.scalars(kept.limit(limit)).all()


MERGED_INTO = PreparedForMany(
    lambda person_ids: select(PersonAlias.person_id, PersonAlias.into_id).where(PersonAlias.into_id.in_(person_ids))
)
MERGED = prepared(select(PersonAlias.person_id).where(PersonAlias.into_id == bindparam("person_id")))


def ids_of(person_id: int) -> tuple[int, ...]:
    """Every id under which evidence about this person was recorded: their own, and those merged into it."""
    return (person_id, *(merged for (merged,) in MERGED.rows(person_id=person_id)))


def ids_of_people(person_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The same for many people, by the id that was asked for. One statement."""
    found = {person_id: [person_id] for person_id in person_ids}
    for merged_id, into_id in MERGED_INTO.rows(list(found)):
        found[into_id].append(merged_id)
    return {person_id: tuple(ids) for person_id, ids in found.items()}


def failures_since(email: str, address: str, now: datetime) -> Failures:
    """Refused sign-ins of the last fifteen minutes."""
    is_account = SignInFailure.email_digest == digest(email_key(email))
    is_address = SignInFailure.address == address
    counted = select(
        func.count().filter(is_account & is_address),
        func.count().filter(is_account),
        func.count().filter(is_address),
    ).where(SignInFailure.at > now - FAILURE_WINDOW, is_account | is_address)
    return Failures(*db.session.execute(counted).one())


def usable_mail_token(secret: str, purpose: MailPurpose, now: datetime, *, to_use: bool = False) -> MailToken | None:
    """The mailed secret, if it still opens its page; locked where it is about to be used."""
    found = (
        select(MailToken)
        .join(Account, Account.id == MailToken.account_id)
        .where(
            MailToken.token_digest == digest(secret),
            MailToken.purpose == purpose,
            MailToken.used_at.is_(None),
            MailToken.expires_at > now,
            MailToken.email_key == Account.email_key,
        )
    )
    return db.session.scalar(found.with_for_update(of=MailToken) if to_use else found)


def links_mailed(account_id: int, purpose: MailPurpose, now: datetime) -> Sequence[datetime]:
    """When an account was mailed links of this purpose within the last day."""
    return db.session.scalars(
        select(MailToken.created_at).where(
            MailToken.account_id == account_id, MailToken.purpose == purpose, MailToken.created_at > now - LINKS_WINDOW
        )
    ).all()


def open_sessions(account_id: int, now: datetime) -> Sequence[SignInSession]:
    """The browsers that an account is signed in with, the last used first."""
    has_role = (
        select(RoleGrant.id)
        .join(Account, Account.person_id == RoleGrant.person_id)
        .where(Account.id == account_id, RoleGrant.withdrawn_at.is_(None))
        .exists()
    )
    rows = db.session.execute(
        select(SignInSession, has_role)
        .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
        .order_by(SignInSession.last_used_at.desc())
    ).all()
    return [row for row, role in rows if not session_is_over(row.created_at, row.last_used_at, now, has_role=role)]


COUNTING = (ClaimStatus.APPROVED, ClaimStatus.SUBMITTED, ClaimStatus.NEEDS_MORE)


def own_claims(person_id: int) -> Sequence[Claim]:
    """A person's own claims, newest first."""
    return db.session.scalars(select(Claim).where(Claim.person_id == person_id).order_by(Claim.id.desc())).all()


def own_claims_that_count(person_id: int, kind: str = "", subject: str = "") -> Sequence[Claim]:
    """What a person's claims say today, newest first: approved, or still being looked at; of one kind, if one is named."""
    of_kind = (Claim.kind == kind, Claim.subject == subject) if kind else ()
    return db.session.scalars(
        select(Claim)
        .where(Claim.person_id == person_id, Claim.withdrawn_at.is_(None), Claim.status.in_(COUNTING), *of_kind)
        .order_by(Claim.id.desc())
    ).all()


def own_claim(person_id: int, token: str) -> Claim | None:
    return db.session.scalar(select(Claim).where(Claim.token == token, Claim.person_id == person_id))


@dataclass(frozen=True)
class ClaimFact:
    """A claim as the rules read it: the newest decision's dates win over those claimed, and `told` are its words."""

    id: int
    person_id: int
    kind: str
    subject: str
    value: str
    status: ClaimStatus
    source: str
    valid_from: date | None
    valid_until: date | None
    recorded_at: datetime
    told: str = ""


def _claim_facts(person_ids: list[BindParameter[int]]) -> Select[*tuple[Any, ...]]:
    newest = (
        select(ClaimDecision.claim_id, func.max(ClaimDecision.id).label("decision_id"))
        .group_by(ClaimDecision.claim_id)
        .subquery()
    )
    return (
        select(
            Claim.id,
            Claim.person_id,
            Claim.kind,
            Claim.subject,
            Claim.value,
            Claim.status,
            Claim.source,
            func.coalesce(ClaimDecision.valid_from, Claim.valid_from),
            func.coalesce(ClaimDecision.valid_until, Claim.valid_until),
            Claim.recorded_at,
            func.coalesce(ClaimDecision.note, ""),
        )
        .outerjoin(newest, newest.c.claim_id == Claim.id)
        .outerjoin(ClaimDecision, ClaimDecision.id == newest.c.decision_id)
        .where(
            Claim.person_id.in_(person_ids),
            Claim.withdrawn_at.is_(None),
            Claim.status.in_([literal(status, Claim.status.type) for status in COUNTING]),
        )
        .order_by(Claim.id)
    )


CLAIM_FACTS = PreparedForMany(_claim_facts)


def claim_facts(person_ids: Sequence[int]) -> list[ClaimFact]:
    """Claims that say something today: approved, or still being looked at. One statement."""
    return [ClaimFact(*row) for row in CLAIM_FACTS.rows(person_ids)]


def claims_to_decide(viewer: Viewer, *, after_id: int = 0, limit: int = 25) -> Sequence[Claim]:
    """The queue, oldest first, without the viewer's own: nobody decides their own case."""
    if not viewer.can(Capability.DECIDE_CLAIMS):
        return []
    return db.session.scalars(
        select(Claim)
        .where(
            Claim.status == ClaimStatus.SUBMITTED,
            Claim.withdrawn_at.is_(None),
            Claim.person_id != viewer.person_id,
            Claim.id > after_id,
        )
        .order_by(Claim.id)
        .limit(limit)
    ).all()


def claim_to_decide(viewer: Viewer, token: str) -> Claim | None:
    """One claim of somebody else, whatever its state, for who may decide claims."""
    if not viewer.can(Capability.DECIDE_CLAIMS):
        return None
    return db.session.scalar(select(Claim).where(Claim.token == token, Claim.person_id != viewer.person_id))


def decisions_on(claim_id: int) -> Sequence[ClaimDecision]:
    return db.session.scalars(
        select(ClaimDecision).where(ClaimDecision.claim_id == claim_id).order_by(ClaimDecision.id)
    ).all()


def newest_decisions(claim_ids: Sequence[int]) -> dict[int, ClaimDecision]:
    """The last decision on each claim that has one, by claim id. One statement."""
    decisions = select(ClaimDecision).where(ClaimDecision.claim_id.in_(claim_ids)).order_by(ClaimDecision.id)
    return {decision.claim_id: decision for decision in db.session.scalars(decisions)}
