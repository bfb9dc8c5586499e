"""Finding people by name or address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from lms.accounts.models import Account, Person, PersonAlias
from lms.accounts.rules import Capability, Viewer
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.foundation.database import db
from lms.overviews.paging import FROM_THE_START, Page, Place, page_of
from lms.overviews.reach import not_oneself, reach

LONGEST_SEARCH = 120


@dataclass(frozen=True)
class PersonRow:
    """A person in a list; `email` is empty for who has no account, `active` counts programs they are in."""

    token: str
    name: str
    email: str
    active: int
    since: datetime


@dataclass(frozen=True)
class Named:
    """A person as an id and a name."""

    person_id: int
    token: str
    name: str


def people_list(viewer: Viewer, *, search: str = "", place: Place = FROM_THE_START) -> Page[PersonRow]:
    """People by name, without the viewer; `search` begins any word of the name, or the address."""
    active = (
        select(func.count())
        .where(Enrollment.person_id == Person.id, Enrollment.status == EnrollmentStatus.ACTIVE)
        .correlate(Person)
        .scalar_subquery()
    )
    listed = (
        select(Person.token, Person.name, func.coalesce(Account.email, ""), active, Person.created_at)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(*within(viewer), *_matching(search))
    )
    return page_of(listed, [Person.name, Person.id], Person.token, place).of(lambda row: PersonRow(*row))


def person_within(viewer: Viewer, token: str) -> Person | None:
    """Somebody else whom the viewer may look up."""
    return db.session.scalar(select(Person).where(Person.token == token, *within(viewer)))


def within(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """People within reach. A row that was merged into another is read through that one."""
    return (
        not_oneself(viewer, Person.id),
        Person.id.not_in(select(PersonAlias.person_id)),
        reach(viewer, Capability.SEE_PEOPLE).people(Person.id),
    )


def _matching(search: str) -> list[ColumnElement[bool]]:
    """SQLite lowers ASCII letters alone, so what was typed is also looked for as it stands and capitalised."""
    typed = " ".join(search.split())[:LONGEST_SEARCH]
    if not typed:
        return []
    spellings = {typed, typed.capitalize(), typed.title()}
    named = [Person.name.startswith(spelling, autoescape=True) for spelling in spellings]
    named += [Person.name.contains(f" {spelling}", autoescape=True) for spelling in spellings]
    lowered = func.lower(Person.name)
    named += [
        lowered.startswith(typed.lower(), autoescape=True),
        lowered.contains(f" {typed.lower()}", autoescape=True),
    ]
    return [or_(*named, Account.email_key.startswith(typed.lower(), autoescape=True))]
