"""What waits for somebody of the staff: how much of it, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from lms.accounts.rules import Capability, Viewer
from lms.content import queries as content
from lms.foundation.database import db
from lms.foundation.outbox import OutboxRow
from lms.live.models import AttendanceMark, LiveSession, Offering, OfferingStatus, Seat
from lms.live.queries import LIVE_STATUSES
from lms.overviews import forms
from lms.overviews.claims import claims_waiting
from lms.overviews.reach import Reach, reach

QueueName = Literal["claims", "forms", "attendance", "outbox"]


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
        found.append(Queue("attendance", *_unmarked_today(reach(viewer, Capability.RUN_CLASSES), now)))
    if viewer.can_everywhere(Capability.SEE_PEOPLE):
        found.append(Queue("outbox", *_given_up()))
    return found


def classes_within(within: Reach) -> ColumnElement[bool]:
    """Which classes are within reach: those of a stage of its programs, and those named one by one."""
    if within.everywhere:
        return true()
    stages = [stage.id for program in content.programs() if program.id in within.programs for stage in program.stages]
    named = [column.in_(ids) for column, ids in ((Offering.stage_id, stages), (Offering.token, within.classes)) if ids]
    return or_(*named) if named else false()


def _unmarked_today(within: Reach, now: datetime) -> tuple[int, datetime | None]:
    """Sessions that began today, in the issuer's zone, with a seat that nobody has marked in them."""
    begins = datetime.combine(content.today(now), time(), content.issuer_zone())
    unmarked = (
        select(Seat.id)
        .outerjoin(
            AttendanceMark, and_(AttendanceMark.seat_id == Seat.id, AttendanceMark.live_session_id == LiveSession.id)
        )
        .where(Seat.offering_id == Offering.id, Seat.status.in_(LIVE_STATUSES), AttendanceMark.id.is_(None))
        .correlate(Offering, LiveSession)
        .exists()
    )
    count, oldest = db.session.execute(
        select(func.count(), func.min(LiveSession.starts_at))
        .join(Offering, Offering.id == LiveSession.offering_id)
        .where(
            LiveSession.starts_at >= begins,
            LiveSession.starts_at < begins + timedelta(days=1),
            LiveSession.starts_at <= now,
            Offering.status.in_((OfferingStatus.OPEN, OfferingStatus.CLOSED)),
            classes_within(within),
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
