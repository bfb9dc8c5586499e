"""Finding people by name or address, by the number of their membership, or by a certificate's code."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from lms.accounts.models import Account, Claim, Person, PersonAlias
from lms.accounts.rules import Capability, Viewer
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.credentials.models import Certificate
from lms.credentials.rules import read_code
from lms.foundation.database import db
from lms.overviews.paging import FROM_THE_START, Page, Place, page_of
from lms.overviews.reach import not_oneself, reach

LONGEST_SEARCH = 120
LATIN = [chr(point) for point in range(0xC0, 0x180)]
PAIRS = [(sign, plain) for sign in LATIN if (plain := unicodedata.normalize("NFD", sign)[0]).isascii()]
OTHERS = dict(zip("ØøŁłĐđĦħıŦŧ", "OoLlDdHhiTt", strict=True))
APOSTROPHES = "'\u2019\u2018\u02bc\u0060\u00b4"
# The signs to be replaced, then those to be left out; and what stands for the first of them.
LETTERS = (
    "".join([sign for sign, _plain in PAIRS] + list(OTHERS)) + APOSTROPHES,
    "".join([plain for _sign, plain in PAIRS] + list(OTHERS.values())),
)


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
    """People by name, without the viewer.

    `search` begins any word of the name or the address, or is a membership number or a certificate's code.
    """
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
    folded = func.lower(func.translate(Person.name, *LETTERS))
    plain = folded_name(typed)
    if plain:
        named += [folded.startswith(plain, autoescape=True), folded.contains(f" {plain}", autoescape=True)]
    return [or_(*named, Account.email_key.startswith(typed.lower(), autoescape=True), *_numbered(typed))]


def folded_name(name: str) -> str:
    """As people type it who do not know how it is written: without accents and apostrophes, in small letters."""
    signs, plain = LETTERS
    return name.translate(str.maketrans(signs[: len(plain)], plain, signs[len(plain) :])).lower()


def _numbered(typed: str) -> list[ColumnElement[bool]]:
    """What callers give instead of a name: the number of their membership, or the code on their certificate."""
    member = select(Claim.id).where(
        Claim.person_id == Person.id,
        Claim.kind == "membership",
        Claim.value == typed,
        Claim.withdrawn_at.is_(None),
    )
    code = read_code(typed)
    if code is None:
        return [member.exists()]
    return [
        member.exists(),
        select(Certificate.id).where(Certificate.person_id == Person.id, Certificate.code == code).exists(),
    ]
