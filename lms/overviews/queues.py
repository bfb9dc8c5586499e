"""What waits for somebody of the staff: how much of it, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, func, select

from lms.accounts.rules import Capability, Viewer
from lms.content import queries as content
from lms.foundation.database import db
from lms.foundation.outbox import OutboxRow
from lms.live.models import AttendanceMark, LiveSession, Mark, Offering, OfferingStatus, Seat
from lms.live.queries import LIVE_STATUSES, run_by
from lms.overviews import forms
from lms.overviews.claims import claims_waiting
from lms.overviews.undone import undone_count

QueueName = Literal["claims", "forms", "attendance", "undone", "outbox"]


@dataclass(frozen=True)
class Queue:
    """One kind of work: how much waits, and since when the oldest does (None where that is not known)."""

    name: QueueName
    count: int
    oldest_at: datetime | None


def queues(viewer: Viewer, now: datetime) -> list[Queue]:
    """The work that waits for this viewer's capabilities."""
    found = []
    if viewer.can(Capability.DECIDE_CLAIMS):
        waiting = claims_waiting(viewer)
        found.append(Queue("claims", waiting.count, waiting.oldest_at))
    if viewer.can(Capability.ACTIVATE_FORMS):
        found.append(Queue("forms", len(forms.awaiting(viewer)), None))
    if viewer.can(Capability.RUN_CLASSES):
        found.append(Queue("attendance", *_unmarked_today(viewer, now)))
        found.append(Queue("undone", *undone_count(viewer)))
    if viewer.can_everywhere(Capability.SEE_PEOPLE):
        found.append(Queue("outbox", *_given_up()))
    return found


def meets_today(now: datetime) -> ColumnElement[bool]:
    """Which sessions meet on this day in the issuer's zone: one that runs over midnight does so on both days."""
    day, zone = content.today(now), content.issuer_zone()
    begins, ends = datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)
    return (LiveSession.starts_at < ends) & (LiveSession.ends_at > begins)


def _unmarked_today(viewer: Viewer, now: datetime) -> tuple[int, datetime | None]:
    """Sessions of today that have begun, with a seat that nobody has marked in them."""
    newest = (
        select(AttendanceMark.mark)
        .where(AttendanceMark.seat_id == Seat.id, AttendanceMark.live_session_id == LiveSession.id)
        .order_by(AttendanceMark.id.desc())
        .limit(1)
        .correlate(Seat, LiveSession)
        .scalar_subquery()
    )
    unmarked = (
        select(Seat.id)
        .where(
            Seat.offering_id == Offering.id,
            Seat.status.in_(LIVE_STATUSES),
            func.coalesce(newest, Mark.CLEARED.value) == Mark.CLEARED.value,
        )
        .correlate(Offering, LiveSession)
        .exists()
    )
    count, oldest = db.session.execute(
        select(func.count(), func.min(LiveSession.starts_at))
        .join(Offering, Offering.id == LiveSession.offering_id)
        .where(
            meets_today(now),
            LiveSession.starts_at <= now,
            Offering.status.in_((OfferingStatus.OPEN, OfferingStatus.CLOSED)),
            run_by(viewer),
            unmarked,
        )
    ).one()
    return count, oldest


def _given_up() -> tuple[int, datetime | None]:
    """Mails and other deliveries that no further try can help."""
    count, oldest = db.session.execute(
        select(func.count(), func.min(OutboxRow.gave_up_at)).where(OutboxRow.gave_up_at.is_not(None))
    ).one()
    return count, oldest
