"""Tables of people and accounts. Facts hang on a person; an account signs in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base
from lms.foundation.errors import DomainError
from lms.foundation.tokens import new_token


class Role(StrEnum):
    INSTRUCTOR = "instructor"
    AUTHOR = "author"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"


class ScopeKind(StrEnum):
    EVERYWHERE = "everywhere"
    PROGRAM = "program"
    TRACK = "track"
    CLASS = "class"


class ClaimStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_MORE = "needs_more"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REPLACED = "replaced"


DECIDED = frozenset({ClaimStatus.APPROVED, ClaimStatus.REJECTED, ClaimStatus.NEEDS_MORE})


class ClaimSource(StrEnum):
    SELF_DECLARED = "self_declared"
    EVIDENCE = "evidence"
    STAFF = "staff"
    IMPORT = "import"
    MEMBERSHIP_SERVICE = "membership_service"


class MailPurpose(StrEnum):
    VERIFY_ADDRESS = "verify_address"
    RESET_PASSWORD = "reset_password"  # noqa: S105  # a purpose, not a password


class ClaimDecided(DomainError):
    """The claim was decided, withdrawn or replaced before."""

    code = "claim-decided"


class Person(Base):
    """Somebody we keep facts about, whether or not they can sign in."""

    __tablename__ = "person"
    __table_args__ = (Index("person_by_name", "name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    name: Mapped[str]
    zone: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en")
    created_at: Mapped[datetime]


class PersonName(Base):
    """A name that somebody had until a moment, kept when they took another: papers may still carry it."""

    __tablename__ = "person_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    until_at: Mapped[datetime]


class PersonAlias(Base):
    """Two rows were one person: `person_id` is read as `into_id` from then on."""

    __tablename__ = "person_alias"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    merged_at: Mapped[datetime]
    merged_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Account(Base):
    """What a person signs in with."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]


class SignInSession(Base):
    """One browser that is signed in. The cookie holds the token; we hold its digest."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    token_digest: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    device: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class NetworkTrace(Base):
    """Where a request came from, kept apart so that it can be pruned after 180 days."""

    __tablename__ = "network_trace"
    __table_args__ = (Index("network_trace_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    address: Mapped[str]
    user_agent: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class SignInFailure(Base):
    """A sign-in that was refused. Throttling counts these rows; the address asked for is kept as a digest."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("sign_in_failure_account", "email_digest", "at"),
        Index("sign_in_failure_address", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email_digest: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]


class MailToken(Base):
    """A mailed secret that opens one page once."""

    __tablename__ = "mail_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[MailPurpose]
    token_digest: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    email_key: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class MailTokenUse(Base):
    """A mailed secret opened its page: once, as the key of this table says. One that merely ended has no such row."""

    __tablename__ = "mail_token_use"

    mail_token_id: Mapped[int] = mapped_column(ForeignKey("mail_token.id"), primary_key=True)
    used_at: Mapped[datetime]


class RoleGrant(Base):
    """A role given to a person, everywhere or within one program, track or class."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role]
    scope_kind: Mapped[ScopeKind] = mapped_column(default=ScopeKind.EVERYWHERE)
    scope_id: Mapped[str] = mapped_column(default="")
    granted_at: Mapped[datetime]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


def _as_recorded(context: Any) -> datetime:
    """A claim waits since it was recorded, unless it takes the place of one that waited before."""
    recorded_at: datetime = context.get_current_parameters()["recorded_at"]
    return recorded_at


IN_QUEUE = text("status = 'submitted' AND withdrawn_at IS NULL")


class Claim(Base):
    """Something said about a person: what, from when until when, by whom, on which evidence, and when we learned it.

    `kind` and `subject` are those of the rules (membership, birth_date, experience,
    registry, evidence + its id). `value` is a number, an ISO date or words, as the kind says.
    A claim is never edited: it is decided, withdrawn, or replaced by a later one. One that takes the
    place of another that nobody had settled keeps its `waiting_since`, and so its place in the queue.
    """

    __tablename__ = "claim"
    __table_args__ = (
        Index("claim_of_person", "person_id", "kind", "subject"),
        Index("claim_queue", "waiting_since", "id", sqlite_where=IN_QUEUE, postgresql_where=IN_QUEUE),
        Index(
            "one_undecided_claim",
            "person_id",
            "kind",
            "subject",
            unique=True,
            sqlite_where=IN_QUEUE,
            postgresql_where=IN_QUEUE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    value: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[ClaimSource]
    status: Mapped[ClaimStatus]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    recorded_at: Mapped[datetime]
    waiting_since: Mapped[datetime] = mapped_column(default=_as_recorded)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    def decide(self, outcome: ClaimStatus) -> None:
        if self.status is not ClaimStatus.SUBMITTED or self.withdrawn_at is not None:
            raise ClaimDecided("This claim was decided or withdrawn before.")
        self.status = outcome

    def decide_again(self, outcome: ClaimStatus) -> None:
        """Take another decision than the one before; what waits, was withdrawn or replaced takes none."""
        if self.status not in DECIDED or self.withdrawn_at is not None:
            raise ClaimDecided("This claim was withdrawn, or replaced by a later one.")
        self.status = outcome

    def replace(self) -> None:
        """A later claim takes this one's place."""
        self.status = ClaimStatus.REPLACED

    def restore(self) -> None:
        """What its person took back says again what it said before."""
        if self.withdrawn_at is None:
            raise ClaimDecided("This claim was not withdrawn.")
        self.withdrawn_at = None
        self.withdrawn_by = None

    def withdraw(self, *, at: datetime, by: int) -> None:
        if self.withdrawn_at is not None or self.status in {ClaimStatus.REJECTED, ClaimStatus.REPLACED}:
            raise ClaimDecided("This claim was decided or withdrawn before.")
        self.withdrawn_at = at
        self.withdrawn_by = by


class ClaimDecision(Base):
    """What somebody decided on a claim, and why. The verifier may set other dates than were claimed.

    The first has number 1. One that takes the place of another has the next number, so that of two who
    change the same decision one is first; the newest holds.
    """

    __tablename__ = "claim_decision"
    __table_args__ = (Index("decision_of_claim", "claim_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    number: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[ClaimStatus]
    note: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
