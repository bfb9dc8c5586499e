"""Classes as staff see them: drafts and cancelled ones too, with how full they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from lms.accounts.models import Person
from lms.accounts.rules import Capability, Viewer
from lms.content import queries as content
from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.live.models import ClassFormat, LiveSession, Offering, OfferingStatus, Seat, Teaching
from lms.live.queries import LIVE_STATUSES, has_begun_to_fill, run_by, sessions_of
from lms.live.rules import missing_to_open
from lms.overviews.forms import holds
from lms.overviews.paging import FROM_THE_START, Page, Place, page_of
from lms.overviews.people import Named
from lms.overviews.queues import meets_today
from lms.overviews.reach import reach


@dataclass(frozen=True)
class ClassStage:
    """A stage that a class can be held for, with the programs that have it."""

    id: str
    title: str
    programs: tuple[str, ...]
    formats: tuple[str, ...]


@dataclass(frozen=True)
class ClassRow:
    """A class in a list; `taken` counts live seats."""

    token: str
    title: str
    stage_id: str
    format: ClassFormat
    zone: str
    status: OfferingStatus
    starts_at: datetime
    ends_at: datetime
    capacity: int
    minimum: int
    taken: int


@dataclass(frozen=True)
class ClassCase:
    """One class with its sessions, who teaches it, how many places are taken, and what it lacks to be opened."""

    offering: Offering
    sessions: tuple[LiveSession, ...]
    instructors: tuple[Named, ...]
    stage: ClassStage | None
    taken: int
    has_begun_to_fill: bool
    missing: tuple[Message, ...]


def class_list(
    viewer: Viewer, *, status: str = "", meeting_on: datetime | None = None, place: Place = FROM_THE_START
) -> Page[ClassRow]:
    """Classes within reach, those that begin last first.

    `status` narrows them to one state, `meeting_on` to those with a session on the issuer's day of that moment.
    """
    taken = (
        select(func.count())
        .where(Seat.offering_id == Offering.id, Seat.status.in_(LIVE_STATUSES))
        .correlate(Offering)
        .scalar_subquery()
    )
    listed = select(
        Offering.token,
        Offering.title,
        Offering.stage_id,
        Offering.format,
        Offering.zone,
        Offering.status,
        Offering.starts_at,
        Offering.ends_at,
        Offering.capacity,
        Offering.minimum,
        taken,
    ).where(_within(viewer))
    if status in set(OfferingStatus):
        listed = listed.where(Offering.status == OfferingStatus(status))
    if meeting_on is not None:
        listed = listed.where(Offering.id.in_(select(LiveSession.offering_id).where(meets_today(meeting_on))))
    order = [Offering.starts_at, Offering.id]
    return page_of(listed, order, Offering.token, place, newest_first=True).of(lambda row: ClassRow(*row))


def class_case(viewer: Viewer, token: str) -> ClassCase | None:
    offering = class_within(viewer, token)
    if offering is None:
        return None
    rows = db.session.execute(
        select(Person.id, Person.token, Person.name)
        .join(Teaching, Teaching.person_id == Person.id)
        .where(Teaching.offering_id == offering.id)
        .order_by(Person.name)
    )
    teachers = tuple(Named(*row) for row in rows)
    taken = db.session.scalar(
        select(func.count()).where(Seat.offering_id == offering.id, Seat.status.in_(LIVE_STATUSES))
    )
    return ClassCase(
        offering,
        tuple(sessions_of([offering.id])[offering.id]),
        teachers,
        next((stage for stage in class_stages(viewer) if stage.id == offering.stage_id), None),
        taken or 0,
        has_begun_to_fill(offering.id),
        tuple(missing_to_open(offering, teachers=len(teachers))),
    )


def class_within(viewer: Viewer, token: str) -> Offering | None:
    """A class that the viewer runs, in whatever state."""
    return db.session.scalar(select(Offering).where(Offering.token == token, _within(viewer)))


def class_stages(viewer: Viewer) -> list[ClassStage]:
    """The stages of the current release for which this viewer may create a class, by their titles."""
    within = reach(viewer, Capability.RUN_CLASSES)
    found: dict[str, ClassStage] = {}
    for program in content.programs():
        for stage in program.stages:
            if stage.kind != "class" or not stage.available or not (within.everywhere or program.id in within.programs):
                continue
            programs = found[stage.id].programs if stage.id in found else ()
            found[stage.id] = ClassStage(stage.id, stage.title, (*programs, program.title), stage.formats)
    return sorted(found.values(), key=lambda stage: (stage.title, stage.id))


def instructors() -> Sequence[Named]:
    """Everybody who may teach."""
    rows = db.session.execute(
        select(Person.id, Person.token, Person.name).where(holds(Capability.TEACH)).order_by(Person.name, Person.id)
    )
    return [Named(*row) for row in rows]


def _within(viewer: Viewer) -> ColumnElement[bool]:
    return run_by(viewer)
