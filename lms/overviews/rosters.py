"""The people of one class: its sessions, who is coming, who is not ready and why, and who was there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lms.credentials.queries import certified
from lms.foundation.errors import NotFound
from lms.live import queries
from lms.live.models import LiveSession, Mark, Offering, SeatStatus
from lms.live.queries import RosterLine
from lms.live.rules import check_in_is_open
from lms.pathway.deciding import readiness
from lms.requirements import Action, Decision


@dataclass(frozen=True)
class Attendee:
    """One person of the roster. `marks` are the newest ones by session number.

    `decision` is their door on the day of the session; None once their seat is settled. `is_certified` where a
    certificate rests on this seat, so that another mark concerns more than the class.
    """

    line: RosterLine
    marks: Mapping[int, Mark]
    decision: Decision | None
    is_certified: bool

    @property
    def unready(self) -> bool:
        return self.decision is not None and not self.decision.met

    @property
    def missing(self) -> Decision | None:
        """What keeps this person out, as one decision; what they have or need not have is left out.

        The remedies stand in words alone: their links would lead the instructor to pages of their own.
        """
        if self.decision is None or self.decision.met:
            return None
        return replace(self.decision, kind="all_of", children=tuple(map(_in_words, self.decision.missing())))


def _in_words(leaf: Decision) -> Decision:
    return leaf if leaf.remedy is None else replace(leaf, remedy=replace(leaf.remedy, action=Action.NONE))


@dataclass(frozen=True)
class Roster:
    """A class with its people, at one of its sessions."""

    offering: Offering
    sessions: Sequence[LiveSession]
    session: LiveSession
    attendees: tuple[Attendee, ...]
    check_in_is_open: bool

    @property
    def lines(self) -> list[RosterLine]:
        return [attendee.line for attendee in self.attendees]

    @property
    def session_marks(self) -> dict[str, Mark]:
        """The newest marks of this session, by seat token."""
        number = self.session.number
        return {one.line.seat.token: one.marks[number] for one in self.attendees if number in one.marks}

    @property
    def unready_count(self) -> int:
        return sum(attendee.unready for attendee in self.attendees)

    def marked_count(self, number: int) -> int:
        return sum(number in attendee.marks for attendee in self.attendees)


def roster_of(offering: Offering, number: int | None, now: datetime) -> Roster:
    """The roster at session `number`, or else at the one that comes next or runs. Raises NotFound for another number."""
    sessions = queries.sessions_of([offering.id])[offering.id]
    session = _chosen(sessions, number, now)
    return Roster(
        offering=offering,
        sessions=sessions,
        session=session,
        attendees=_attendees(offering, sessions, session, now),
        check_in_is_open=check_in_is_open(session.starts_at, at=now),
    )


def _chosen(sessions: Sequence[LiveSession], number: int | None, now: datetime) -> LiveSession:
    if number is None:
        return next((session for session in sessions if session.ends_at > now), sessions[-1])
    for session in sessions:
        if session.number == number:
            return session
    raise NotFound


def _attendees(
    offering: Offering, sessions: Sequence[LiveSession], session: LiveSession, now: datetime
) -> tuple[Attendee, ...]:
    lines = queries.roster(offering.id)
    marks = queries.newest_marks([line.seat.id for line in lines])
    numbers = {one.id: one.number for one in sessions}
    unsettled = [line.seat for line in lines if line.seat.status is SeatStatus.CONFIRMED]
    with_certificate = certified([line.seat.enrollment_id for line in lines])
    doors = readiness(unsettled, offering, meets_at=session.starts_at, now=now)
    return tuple(
        Attendee(
            line,
            {numbers[session_id]: mark for session_id, mark in marks[line.seat.id].items()},
            doors.get(line.seat.id),
            line.seat.status is SeatStatus.ATTENDED and line.seat.enrollment_id in with_certificate,
        )
        for line in lines
    )
