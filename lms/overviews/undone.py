"""Attendance that was changed after a certificate had been issued on it: for staff to judge, since nothing ends by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Person
from lms.accounts.rules import Viewer
from lms.credentials.models import Certificate
from lms.foundation.database import db
from lms.live.models import AttendanceMark, Offering, Seat, SeatStatus
from lms.live.queries import run_by
from lms.overviews.reach import not_oneself

MOST_SHOWN = 200
SINCE_SETTLED_OTHERWISE = (SeatStatus.CONFIRMED, SeatStatus.PARTLY, SeatStatus.ABSENT)


@dataclass(frozen=True)
class Undone:
    """A seat that was attended when its enrollment's certificate was issued, and is not any more."""

    name: str
    person_token: str
    class_title: str
    class_token: str
    began_at: datetime
    status: SeatStatus
    changed_at: datetime
    changed_by: str
    certificate_code: str


def undone(viewer: Viewer) -> list[Undone]:
    """Those of classes that the viewer runs, the longest waiting first; never one's own."""
    return [Undone(*row) for row in db.session.execute(_undone(viewer).limit(MOST_SHOWN))]


def undone_count(viewer: Viewer) -> tuple[int, datetime | None]:
    """How many there are, and since when the oldest waits."""
    found = _undone(viewer).order_by(None).subquery()
    count, oldest = db.session.execute(select(func.count(), func.min(found.c.changed_at))).one()
    return count, oldest


def _undone(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """The newest mark is younger than the certificate, and no other seat of the enrollment stands for the same stage."""
    marker, standing, its_class = aliased(Person), aliased(Seat), aliased(Offering)
    newest = select(func.max(AttendanceMark.id)).where(AttendanceMark.seat_id == Seat.id).correlate(Seat)
    stands = (
        select(standing.id)
        .join(its_class, its_class.id == standing.offering_id)
        .where(
            standing.enrollment_id == Seat.enrollment_id,
            standing.status == SeatStatus.ATTENDED,
            its_class.stage_id == Offering.stage_id,
        )
        .correlate(Seat, Offering)
    )
    return (
        select(
            Person.name,
            Person.token,
            Offering.title,
            Offering.token.label("class_token"),
            Offering.starts_at,
            Seat.status,
            AttendanceMark.marked_at.label("changed_at"),
            marker.name.label("changed_by"),
            Certificate.code,
        )
        .join(Seat, Seat.person_id == Person.id)
        .join(Offering, Offering.id == Seat.offering_id)
        .join(Certificate, Certificate.enrollment_id == Seat.enrollment_id)
        .join(AttendanceMark, AttendanceMark.id == newest.scalar_subquery())
        .join(marker, marker.id == AttendanceMark.marked_by)
        .where(
            Seat.status.in_(SINCE_SETTLED_OTHERWISE),
            Certificate.ended_at.is_(None),
            AttendanceMark.marked_at > Certificate.issued_at,
            ~stands.exists(),
            run_by(viewer),
            not_oneself(viewer, Person.id),
        )
        .order_by(AttendanceMark.marked_at, AttendanceMark.id)
    )
