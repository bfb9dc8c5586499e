"""What the page of one class shows to this reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lms.accounts.rules import Viewer
from lms.live import queries
from lms.live.models import LiveSession, Offering, Seat, SeatStatus
from lms.live.rules import shown_link
from lms.pathway.deciding import seat_door
from lms.requirements import Decision, Program, Remedy
from lms.web.live.listing import programs_of_stages

STUDY = ("module", "lesson", "credit")


@dataclass(frozen=True)
class ClassPage:
    """One class. `seat` is the reader's live seat, `link` its way in while it is shown; `decision` their own door.

    `clashes_with` is a class of theirs at the same time, `seat_elsewhere` one for the same stage;
    `counts_from` is said while attendance is noted and does not count yet.
    """

    offering: Offering
    sessions: Sequence[LiveSession]
    instructors: Sequence[str]
    taken: int
    programs: tuple[Program, ...]
    takes_bookings: bool
    has_begun: bool
    is_over: bool
    seat: Seat | None = None
    link: str | None = None
    is_enrolled: bool = False
    decision: Decision | None = None
    clashes_with: Offering | None = None
    seat_elsewhere: Offering | None = None
    counts_from: datetime | None = None

    @property
    def left(self) -> int:
        return max(self.offering.capacity - self.taken, 0)

    @property
    def missing_study(self) -> Decision | None:
        """What is still to be studied, as one decision; None where nothing is."""
        return self._missing(study=True)

    @property
    def missing(self) -> Decision | None:
        """What else keeps the reader out; what they have or need not have is left out."""
        return self._missing(study=False)

    def _missing(self, *, study: bool) -> Decision | None:
        leaves = self.decision.missing() if self.decision is not None else ()
        chosen = tuple(leaf for leaf in leaves if leaf.key.startswith(STUDY) is study)
        return replace(self.decision, kind="all_of", children=chosen) if self.decision is not None and chosen else None

    @property
    def first_remedy(self) -> Remedy | None:
        """What mends the first thing that is missing."""
        leaves = self.decision.missing() if self.decision is not None else ()
        return next((leaf.remedy for leaf in leaves if leaf.remedy is not None), None)

    @property
    def fulfilled(self) -> tuple[Decision, ...]:
        """What the reader has of what is asked on that day, what was studied apart: the track shows that."""
        leaves = self.decision.leaves() if self.decision is not None else ()
        return tuple(leaf for leaf in leaves if leaf.met and not leaf.key.startswith(STUDY))

    @property
    def may_cancel(self) -> bool:
        return self.seat is not None and self.seat.status == "confirmed" and not self.has_begun

    @property
    def may_book(self) -> bool:
        return (
            self.seat is None
            and self.takes_bookings
            and self.decision is not None
            and self.decision.met
            and self.clashes_with is None
            and self.left > 0
        )


def class_page(offering: Offering, viewer: Viewer | None, now: datetime) -> ClassPage:
    """The page of a class that was announced, as this reader may see it."""
    page = ClassPage(
        offering=offering,
        sessions=queries.sessions_of([offering.id])[offering.id],
        instructors=queries.instructors_of(offering.id),
        taken=queries.seats_taken([offering.id])[offering.id],
        programs=programs_of_stages().get(offering.stage_id, ()),
        takes_bookings=offering.takes_bookings(now),
        has_begun=offering.starts_at <= now,
        is_over=offering.ends_at <= now,
    )
    return page if viewer is None else _with_own_part(page, viewer, now)


def _with_own_part(page: ClassPage, viewer: Viewer, now: datetime) -> ClassPage:
    """The reader's seat, or what lies between them and one."""
    offering = page.offering
    seat = queries.own_live_seat(viewer.person_id, offering.id)
    if seat is not None:
        meetings = [(session.starts_at, session.ends_at) for session in page.sessions]
        return replace(
            page, seat=seat, link=shown_link(seat, offering, meetings, at=now), counts_from=_counts_from(seat, now)
        )
    door = seat_door(viewer.person_id, offering.stage_id, meets_at=offering.starts_at, now=now)
    if door is None or not page.takes_bookings:
        return replace(page, is_enrolled=door is not None)
    return replace(
        page,
        is_enrolled=True,
        decision=door[1],
        clashes_with=queries.double_booked(viewer.person_id, offering.id),
        seat_elsewhere=queries.other_seat_for_stage(viewer.person_id, offering, now),
    )


def _counts_from(seat: Seat, now: datetime) -> datetime | None:
    """When attendance that was noted will count; None where it does, or there is none."""
    if seat.status is not SeatStatus.ATTENDED:
        return None
    since = next((one.since for one in queries.attended([seat.enrollment_id]) if one.seat_id == seat.id), now)
    return since if since > now else None
