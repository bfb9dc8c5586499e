"""Who may do what, and what an address or a password must be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lms.accounts.common_passwords import is_common
from lms.accounts.models import Role, ScopeKind
from lms.foundation.messages import Message

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
LONGEST_NAME = 120
LONGEST_EMAIL = 254
FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_HERE = 10
FAILURES_IN_KNOWN_BROWSER = 30
FAILURES_PER_ACCOUNT = 100
FAILURES_PER_ADDRESS = 60
LINKS_WINDOW = timedelta(days=1)
LINKS_AT_ONCE = 10
LINKS_THEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Lifetime:
    """How long a browser stays signed in: since it last sent a form, and since it signed in."""

    idle: timedelta
    whole: timedelta


OF_LEARNERS = Lifetime(idle=timedelta(days=14), whole=timedelta(days=30))
WITH_A_ROLE = Lifetime(idle=timedelta(hours=12), whole=timedelta(days=7))  # these read about others


class Capability(StrEnum):
    TEACH = "teach"
    AUTHOR_LESSONS = "author_lessons"
    SECURE_ITEMS = "secure_items"
    PUBLISH_POLICY = "publish_policy"
    DECIDE_CLAIMS = "decide_claims"
    SEE_RESULTS = "see_results"
    RUN_CLASSES = "run_classes"
    SEE_PEOPLE = "see_people"
    ACTIVATE_FORMS = "activate_forms"
    GRANT_ROLES = "grant_roles"
    SETTINGS = "settings"


_STAFF = frozenset(
    {
        Capability.DECIDE_CLAIMS,
        Capability.SEE_RESULTS,
        Capability.RUN_CLASSES,
        Capability.SEE_PEOPLE,
        Capability.ACTIVATE_FORMS,
    }
)
CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.INSTRUCTOR: frozenset({Capability.TEACH, Capability.AUTHOR_LESSONS}),
    Role.AUTHOR: frozenset({Capability.AUTHOR_LESSONS, Capability.SECURE_ITEMS}),
    Role.STAFF: _STAFF,
    Role.ADMINISTRATOR: _STAFF | {Capability.GRANT_ROLES, Capability.SETTINGS, Capability.PUBLISH_POLICY},
}


@dataclass(frozen=True)
class Grant:
    """A role as held now; `scope_id` is "" where the scope is everywhere."""

    role: Role
    scope_kind: ScopeKind = ScopeKind.EVERYWHERE
    scope_id: str = ""


@dataclass(frozen=True)
class Viewer:
    """Who is looking, made once per request. What a viewer may not see is not found."""

    person_id: int
    account_id: int
    session_id: int
    name: str
    email: str
    zone: str
    locale: str
    verified: bool
    session_used_at: datetime
    grants: tuple[Grant, ...] = ()

    def can(self, capability: Capability | str) -> bool:
        """Whether any grant, however narrow its scope, carries the capability."""
        return any(capability in CAPABILITIES[grant.role] for grant in self.grants)

    def can_everywhere(self, capability: Capability | str) -> bool:
        return any(
            capability in CAPABILITIES[grant.role] for grant in self.grants if grant.scope_kind is ScopeKind.EVERYWHERE
        )

    def scopes(self, capability: Capability, kind: ScopeKind) -> frozenset[str]:
        """The ids within which the viewer holds the capability."""
        return frozenset(
            grant.scope_id
            for grant in self.grants
            if grant.scope_kind is kind and capability in CAPABILITIES[grant.role]
        )

    @property
    def initials(self) -> str:
        words = [word for word in self.name.split() if word[0].isalnum()]
        picked = words[:1] + words[-1:] if len(words) > 1 else words
        return "".join(word[0] for word in picked).upper() or "?"


def read_email(text: str) -> str | None:
    """The address in the one spelling we keep, or None if it is no address.

    Only ASCII before the @, and the domain in its ASCII form, so that no two
    addresses look alike and differ.
    """
    # Its patterns cover all of Unicode: they take long to build, and only who signs up or in needs them.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # only who types an address needs it, and it loads much

    if len(text) > LONGEST_EMAIL:
        return None
    try:
        return str(validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False).ascii_email)
    except EmailNotValidError:
        return None


def email_key(address: str) -> str:
    """What must be unique: the address without the difference of capitals."""
    return address.lower()


def password_problem(password: str, *, name: str, email: str) -> Message | None:
    """Why this password can't be taken. Length is what helps; no rule about signs and digits."""
    if len(password) < SHORTEST_PASSWORD:
        return Message("Use at least {n} characters.", {"n": SHORTEST_PASSWORD})
    if len(password) > LONGEST_PASSWORD:
        return Message("Use at most {n} characters.", {"n": LONGEST_PASSWORD})
    told = {part for part in re.split(r"[\s@.]+", f"{name} {email}".lower()) if len(part) > 3}
    rest = password.lower()
    for part in told:
        rest = rest.replace(part, "")
    if len(set(rest)) < 4 or is_common(password, own_words=frozenset(told)):
        return Message("This is too easy to guess. Three or four unrelated words make a good one.")
    return None


def mailed_enough(mailed_at: Sequence[datetime], now: datetime) -> bool:
    """Whether an account was mailed as many links of one purpose as anybody could need.

    After ten in a day one an hour still goes out: who asks in another's name must neither
    fill their mailbox nor keep them from a link.
    """
    return len(mailed_at) >= LINKS_AT_ONCE and max(mailed_at) > now - LINKS_THEN_EVERY


def session_is_over(opened_at: datetime, used_at: datetime, now: datetime, *, has_role: bool) -> bool:
    """Whether a browser must sign in again: it did long ago, or has sent nothing for long."""
    lifetime = WITH_A_ROLE if has_role else OF_LEARNERS
    return now - opened_at >= lifetime.whole or now - used_at >= lifetime.idle


@dataclass(frozen=True)
class Failures:
    """Refused sign-ins of the last fifteen minutes: for the account from this network address, for the account
    from anywhere, and from this address for anybody."""

    here: int
    of_account: int
    of_address: int


def throttled(failures: Failures, *, known: bool) -> bool:
    """Whether sign-in must wait.

    Who guesses from one place is stopped there, so that a stranger's guesses do not keep the owner out elsewhere.
    In a browser where the owner signed in before (`known`) only failures from its own network address count.
    """
    if known:
        return failures.here >= FAILURES_IN_KNOWN_BROWSER
    return (
        failures.here >= FAILURES_HERE
        or failures.of_account >= FAILURES_PER_ACCOUNT
        or failures.of_address >= FAILURES_PER_ADDRESS
    )
