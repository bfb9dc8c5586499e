"""The small cast that every test meets: people who exist, are verified, and share one password."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from lms.accounts import services
from lms.accounts.models import Role
from lms.accounts.rules import Grant, Viewer
from lms.foundation.database import db
from tests.support.moments import LONG_AGO

PASSWORD = "nine strides to the first hurdle"
ZONE = "America/New_York"


@dataclass(frozen=True)
class Member:
    """One of the cast, as ids and words. Rows are loaded where a test wants them."""

    person_id: int
    account_id: int
    name: str
    email: str
    zone: str
    roles: tuple[Role, ...] = ()

    def viewer(self) -> Viewer:
        """What web makes of them once per request."""
        return Viewer(
            person_id=self.person_id,
            account_id=self.account_id,
            session_id=0,
            name=self.name,
            email=self.email,
            zone=self.zone,
            locale="en",
            verified=True,
            session_used_at=LONG_AGO,
            grants=tuple(Grant(role) for role in self.roles),
        )


@dataclass(frozen=True)
class Cast:
    learner: Member
    stranger: Member
    instructor: Member
    author: Member
    staff: Member
    staff2: Member
    administrator: Member

    def everyone(self) -> tuple[Member, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))


def create_cast(password_hash: str, *, now: datetime = LONG_AGO) -> Cast:
    """Add the cast to an empty database. The caller commits."""

    def member(word: str, name: str, *roles: Role) -> Member:
        person = services.create_person(name, zone=ZONE, now=now)
        account = services.create_account(person, f"{word}@example.org", password_hash, now=now)
        account.verified_at = now
        for role in roles:
            services.grant_role(person.id, role, by=None, now=now)
        db.session.flush()
        return Member(person.id, account.id, name, account.email, ZONE, roles)

    return Cast(
        learner=member("learner", "Lena Lindqvist"),
        stranger=member("stranger", "Sam Stranger"),
        instructor=member("instructor", "Ines Ibarra", Role.INSTRUCTOR),
        author=member("author", "Ayo Adeyemi", Role.AUTHOR),
        staff=member("staff", "Stefan Stark", Role.STAFF),
        staff2=member("staff2", "Sofia Santos", Role.STAFF),
        administrator=member("administrator", "Ada Abara", Role.ADMINISTRATOR),
    )
