"""The campus of the soak: many learners before an exam, and a class with fewer places than people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.accounts import services as accounts
from lms.accounts.services import hash_password
from lms.app import create_app
from lms.cli import store
from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.settings import Settings
from lms.live.models import Offering
from tests.support import campus, classes, sittings
from tests.support.answer_key import AnswerKey, answer_key
from tests.support.cast import PASSWORD, ZONE, Member, create_cast
from tests.support.moments import DAY, LONG_AGO
from tests.support.real_campus import let_go

PEOPLE = 90
PLACES = 7


@dataclass(frozen=True)
class Ground:
    """What a load needs to know of the campus. Everybody's password is `PASSWORD`."""

    people: tuple[str, ...]
    class_token: str
    key: AnswerKey


def make(settings: Settings) -> None:
    """Fill an empty database: migrated, published, people enrolled, forms open, a class to book."""
    store.upgrade(settings)
    app = create_app(settings)
    with app.app_context():
        content.forget()
        now = clock.now()
        password_hash = hash_password(PASSWORD)
        cast = create_cast(password_hash)
        db.session.commit()
        campus.publish()
        sittings.open_forms(cast, "judges-exam")
        classes.announce(cast.instructor, capacity=PLACES, starts_at=now + 30 * DAY)
        for number in range(PEOPLE):
            runner = _runner(number, password_hash)
            sittings.enrol(runner, "judge", now=now)
            sittings.enrol(runner, "workshop", now=now)
        db.session.commit()
    let_go(app)


def ground(settings: Settings) -> Ground:
    app = create_app(settings)
    with app.app_context():
        content.forget()
        token = db.session.scalars(select(Offering.token)).one()
    key = answer_key(app)
    let_go(app)
    return Ground(tuple(address(number) for number in range(PEOPLE)), token, key)


def address(number: int) -> str:
    return f"runner{number}@example.org"


def _runner(number: int, password_hash: str, *, now: datetime = LONG_AGO) -> Member:
    person = accounts.create_person(f"Runner {number}", zone=ZONE, now=now)
    account = accounts.create_account(person, address(number), password_hash, now=now)
    account.verified_at = now
    db.session.flush()
    return Member(person.id, account.id, person.name, account.email, ZONE)
