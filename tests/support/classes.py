"""Classes for tests: announced, with people who may book them and people who may not."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from lms.accounts import services as accounts
from lms.accounts.models import Claim, ClaimSource, ClaimStatus
from lms.catalog import services as catalog
from lms.catalog.models import Enrollment
from lms.content import queries as content
from lms.foundation.database import db
from lms.live import queries, services
from lms.live.models import ClassFormat, Offering, Seat
from lms.live.services import Meeting
from lms.notices.models import Notice
from lms.pathway.models import Credit
from tests.support.cast import Member
from tests.support.moments import BORN, DAY, HOUR, LONG_AGO, NOON

COACH_CLASS, WORKSHOP_CLASS = "coach-class", "workshop-class"
IN_A_MONTH = NOON + 30 * DAY
NEXT_YEAR = (IN_A_MONTH + 365 * DAY).date()
ZONE = "America/Chicago"
LINK = "https://meet.example.org/j/4417"


def announce(
    *instructors: Member,
    stage: str = WORKSHOP_CLASS,
    starts_at: datetime = IN_A_MONTH,
    sessions: int = 2,
    capacity: int = 10,
    title: str = "January class",
    format: ClassFormat = ClassFormat.ZOOM,  # noqa: A002  # the field's word
    place: str = "",
    zone: str = ZONE,
) -> Offering:
    """A class open for booking: sessions of two hours, a day apart."""
    offering = services.create_offering(
        stage,
        title,
        format=format,
        zone=zone,
        place=place,
        join_link=LINK if format is ClassFormat.ZOOM else "",
        capacity=capacity,
        minimum=1,
        meetings=[
            Meeting(f"Part {number + 1}", starts_at + number * DAY, starts_at + number * DAY + 2 * HOUR)
            for number in range(sessions)
        ],
        instructor_ids=[instructor.person_id for instructor in instructors],
        now=LONG_AGO,
    )
    services.open_offering(offering)
    db.session.flush()
    return offering


def enrol(person_id: int, program_id: str = "workshop") -> Enrollment:
    return catalog.create_enrollment(
        person_id, program_id, track="", release_id=content.current_release_id(), now=LONG_AGO
    )


def make_ready(member: Member, *, until: date = NEXT_YEAR) -> Enrollment:
    """Enrol somebody in `coach` who is of age, a member until a day, and has the stage before the class credited."""
    return ready_enrollment(member.person_id, until=until)


def ready_enrollment(person_id: int, *, until: date = NEXT_YEAR) -> Enrollment:
    """The same, by the person's id."""
    for kind, value, last in (("birth_date", BORN.isoformat(), None), ("membership", "4417", until)):
        accounts.record_claim(
            person_id,
            kind,
            "",
            value,
            note="",
            source=ClaimSource.STAFF,
            status=ClaimStatus.APPROVED,
            valid_from=None,
            valid_until=last,
            by=None,
            now=LONG_AGO,
        )
    enrollment = enrol(person_id, "coach")
    db.session.add(Credit(enrollment_id=enrollment.id, stage_id="coach-basics", evidence=[], credited_at=LONG_AGO))
    db.session.flush()
    return enrollment


def end_membership(member: Member, until: date) -> None:
    """The membership turns out to end on a day."""
    claim = db.session.scalars(
        select(Claim).where(Claim.person_id == member.person_id, Claim.kind == "membership")
    ).one()
    claim.valid_until = until
    db.session.flush()


def people(count: int) -> list[int]:
    """So many people without accounts; their ids."""
    return [accounts.create_person(f"Person {number}", zone=ZONE, now=LONG_AGO).id for number in range(count)]


def seat_of(member: Member, offering: Offering) -> Seat:
    seat = queries.own_seat(member.person_id, offering.id)
    assert seat is not None
    return seat


def told(person_id: int) -> list[str]:
    """The kinds of what a person was told, oldest first."""
    return list(db.session.scalars(select(Notice.kind).where(Notice.person_id == person_id).order_by(Notice.id)))
