"""One of everything that has an address, made by the product's own use cases, and who is who to it.

The learner of the cast owns what people own; the instructor of the cast teaches the class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lms.accounts import services as accounts
from lms.accounts.models import Account, MailPurpose, Person, Role
from lms.credentials.models import Certificate
from lms.foundation.database import db
from lms.live import queries as live
from lms.usecases import booking, claiming, enrolling, starting, submitting
from tests.support import classes, sittings, studying
from tests.support.cast import ZONE, Cast, Member
from tests.support.moments import DAY, HOUR, LONG_AGO, NOON

Values = Mapping[str, Any]
NO_TOKEN = "AAAAAAAAAAAAAAAAAAAAAA"  # as long as a token is, and nobody's
NO_CODE = "0000000000000000000000000J"


@dataclass(frozen=True)
class Everything:
    """The parts of an address by the name of the thing, and the same for one that does not exist."""

    things: Mapping[str, Values]
    absent: Mapping[str, Values]
    colleague: Member


def one_of_everything(cast: Cast) -> Everything:
    """Make it, and commit."""
    learner = cast.learner
    enrolling.enrol(learner.person_id, "workshop", track="", now=LONG_AGO)
    to_come = classes.announce(cast.instructor, title="Class to come")
    under_way = classes.announce(cast.instructor, title="Class under way", starts_at=NOON - HOUR)
    drafted = classes.announce(cast.instructor, title="Class to call off", starts_at=NOON + 9 * DAY)
    booking.book(learner.person_id, under_way.token, now=NOON - DAY)
    booking.book(learner.person_id, to_come.token, now=NOON - DAY)
    seat = live.own_seat(learner.person_id, to_come.id)
    assert seat is not None

    starter = studying.enrolled(learner)
    studying.pass_modules(starter, now=NOON - 2 * DAY)
    certificate = db.session.query(Certificate).one()
    sat = sittings.sit(cast, learner, program="judge", exam="judges-exam", now=NOON - 3 * DAY)
    sittings.answer_all(sat, right=1, now=NOON - 3 * DAY)
    submitting.submit(sat, now=NOON - 3 * DAY)
    sitting = starting.start(learner.person_id, "judge", "judges-exam", now=NOON)
    claim = claiming.claim(learner.person_id, "membership", "", "4417", None, NOON.date(), "", now=NOON - DAY)
    colleague = _second_instructor()
    db.session.commit()
    things: dict[str, Values] = {
        "-": {},
        "program": {"program_id": "starter"},
        "program-under-way": {"program_id": "judge"},
        "exam": {"program_id": "judge", "exam_id": "judges-exam"},
        "exam-alone": {"exam_id": "judges-exam"},
        "form": {"exam_id": "judges-exam", "form": "a"},
        "module": {"program_id": "starter", "module_id": "warming-up"},
        "module-alone": {"module_id": "warming-up"},
        "lesson": {"program_id": "starter", "module_id": "warming-up", "lesson_id": "warm-up-order"},
        "lesson-alone": {"lesson_id": "warm-up-order"},
        "check": {
            "program_id": "starter",
            "module_id": "warming-up",
            "lesson_id": "warm-up-order",
            "item_id": "order-first",
        },
        "sitting": {"token": sitting.token},
        "sitting-item": {"token": sitting.token, "position": 1},
        "result": {"token": sat.token},
        "class": {"token": to_come.token},
        "class-under-way": {"token": under_way.token, "number": 1},
        "roster": {"token": under_way.token},
        "class-to-call-off": {"token": drafted.token},
        "seat": {"token": seat.token},
        "claim": {"token": claim.token},
        "certificate": {"code": certificate.code},
        "person": {"token": db.session.get_one(Person, learner.person_id).token},
        "browser": {"token": _other_browser(learner)},
        "letter": {"secret": _letter(learner, MailPurpose.VERIFY_ADDRESS)},
        "reset": {"secret": _letter(learner, MailPurpose.RESET_PASSWORD)},
        "release": {"number": 1},
        "picture": {"mark": "x", "name": "favicon.svg"},
    }
    db.session.commit()
    return Everything(things, {name: _absent(values) for name, values in things.items()}, colleague)


ABSENT: Values = {
    "token": NO_TOKEN,
    "secret": NO_TOKEN,
    "code": NO_CODE,
    "program_id": "no-such-program",
    "exam_id": "no-such-exam",
    "form": "z",
    "module_id": "no-such-module",
    "lesson_id": "no-such-lesson",
    "item_id": "no-such-item",
    "number": 99,
    "name": "no-such-file.svg",
}


def _absent(values: Values) -> Values:
    """The same address with nothing behind it: everything in it that can be missing is."""
    return {part: ABSENT.get(part, value) for part, value in values.items()}


def _second_instructor() -> Member:
    person = accounts.create_person("Otto Okoro", zone=ZONE, now=LONG_AGO)
    account = accounts.create_account(person, "colleague@example.org", "-", now=LONG_AGO)
    account.verified_at = LONG_AGO
    accounts.grant_role(person.id, Role.INSTRUCTOR, by=None, now=LONG_AGO)
    db.session.flush()
    return Member(person.id, account.id, person.name, account.email, ZONE, (Role.INSTRUCTOR,))


def _other_browser(member: Member) -> str:
    account = db.session.get_one(Account, member.account_id)
    _secret, session = accounts.open_session(account, device="Another browser", now=NOON)
    return session.token


def _letter(member: Member, purpose: MailPurpose) -> str:
    return accounts.mail_token(db.session.get_one(Account, member.account_id), purpose, now=NOON)
