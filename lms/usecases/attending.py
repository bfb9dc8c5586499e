"""Attendance: what an instructor saw in each session, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.accounts import services as accounts
from lms.accounts.rules import Viewer
from lms.catalog.models import Enrollment
from lms.foundation import audit
from lms.foundation.database import db
from lms.foundation.errors import DomainError, Forbidden, NotFound
from lms.foundation.messages import Message
from lms.live import queries as live
from lms.live import services
from lms.live.models import LiveSession, Mark, Offering, Seat, SeatClosed, SeatStatus
from lms.live.rules import COUNTS_AS_THERE, AttendanceRule
from lms.notices import services as notices
from lms.pathway.deciding import NotReady, pinned_program, readiness
from lms.requirements import Decision
from lms.usecases import advancing

LONGEST_NOTE = 500
PUT_RIGHT_WITHIN = timedelta(minutes=10)
NEWS = {
    SeatStatus.CONFIRMED: Message("Your attendance of “{title}” is being taken again."),
    SeatStatus.ATTENDED: Message("You attended “{title}”: your attendance is confirmed."),
    SeatStatus.PARTLY: Message("You attended a part of “{title}”. If that is wrong, tell your instructor."),
    SeatStatus.ABSENT: Message("You were marked absent from “{title}”. If that is wrong, tell your instructor."),
}


@dataclass(frozen=True)
class Seen:
    """What an instructor saw of one person in one session."""

    mark: Mark
    note: str = ""


@dataclass(frozen=True)
class Marked:
    """One mark that was kept: the seat's state before it and since."""

    seat_token: str
    before: SeatStatus
    since: SeatStatus

    @property
    def settled(self) -> bool:
        return self.before is not self.since and self.since is not SeatStatus.CONFIRMED


@dataclass(frozen=True)
class Refused:
    """One mark that was not kept, and why."""

    seat_token: str
    why: DomainError


@dataclass(frozen=True)
class SessionMarked:
    """What became of the marks of one session."""

    marked: tuple[Marked, ...] = ()
    refused: tuple[Refused, ...] = ()

    def plus(self, other: SessionMarked) -> SessionMarked:
        return SessionMarked(self.marked + other.marked, self.refused + other.refused)


def mark(
    viewer: Viewer,
    offering_token: str,
    seat_token: str,
    session_number: int,
    mark: Mark,
    note: str,
    *,
    now: datetime,
) -> Marked:
    """Note what was seen of one person in one session, settle their seat, and move their programs on.

    A mark is a new line; the newest counts. Raises NotFound for who neither teaches nor runs this class, NotReady
    with everything that is missing, NotYet, Forbidden on one's own seat.
    """
    kept = mark_session(viewer, offering_token, session_number, {seat_token: Seen(mark, note)}, now=now)
    for refused in kept.refused:
        raise refused.why
    return kept.marked[0]


def mark_session(
    viewer: Viewer, offering_token: str, session_number: int, seen: Mapping[str, Seen], *, now: datetime
) -> SessionMarked:
    """Note what was seen of several people (by seat token) in one session. What is refused keeps nothing else back.

    Raises NotFound for who neither teaches nor runs this class, for an unknown session and for an unknown seat.
    """
    offering = live.marked_by(viewer, offering_token)
    if offering is None:
        raise NotFound
    session = _session(offering, session_number)
    seats = _locked_seats(offering, seen)
    there = [seat for seat in seats if seen[seat.token].mark in COUNTS_AS_THERE]
    doors = readiness(there, offering, meets_at=session.starts_at, now=now)
    marked: list[Marked] = []
    refused: list[Refused] = []
    for seat in seats:
        try:
            marked.append(_mark_one(viewer, offering, session, seat, seen[seat.token], doors.get(seat.id), now=now))
        except (NotReady, services.NotYet, SeatClosed, Forbidden) as why:
            refused.append(Refused(seat.token, why))
    return SessionMarked(tuple(marked), tuple(refused))


def _mark_one(
    viewer: Viewer,
    offering: Offering,
    session: LiveSession,
    seat: Seat,
    seen: Seen,
    door: Decision | None,
    *,
    now: datetime,
) -> Marked:
    """`door` is asked of who was there."""
    if seat.person_id == viewer.person_id:
        raise Forbidden("Nobody marks their own attendance.")
    if door is not None and not door.met:
        raise NotReady("This person can't be checked in.", door)
    before = seat.status
    line = services.mark(
        seat,
        session,
        seen.mark,
        note=seen.note[:LONGEST_NOTE],
        by=viewer.person_id,
        now=now,
        rule=_rule(seat, offering),
    )
    audit.record("mark", "seat", seat.id, actor_id=viewer.person_id, at=now, session=session.number, mark=seen.mark)
    if seat.status is not before:
        _announce(seat, offering, line.id, now=now)
    return Marked(seat.token, before, seat.status)


def _announce(seat: Seat, offering: Offering, line_id: int, *, now: datetime) -> None:
    """Once for each time the seat is settled anew: the line that settled it is in the key.

    The mail waits, since a slip of the finger is put right soon; then only what was told last is mailed.
    """
    db.session.flush()
    message = Message(NEWS[seat.status].key, {"title": offering.title})
    key = f"seat:{seat.id}:{seat.status}:{line_id}"
    notices.tell(
        seat.person_id,
        key,
        f"seat_{seat.status}",
        message,
        path=f"/classes/{offering.token}",
        now=now,
        mail_at=now + PUT_RIGHT_WITHIN,
        replaced_by=f"seat:{seat.id}:",
    )
    advancing.advance(seat.person_id, now=now)


def _rule(seat: Seat, offering: Offering) -> AttendanceRule:
    """How much counts, as the enrollment's own program says."""
    stage = pinned_program(db.session.get_one(Enrollment, seat.enrollment_id)).stage(offering.stage_id)
    return AttendanceRule(stage.attendance) if stage else AttendanceRule.ALL_SESSIONS


def _session(offering: Offering, number: int) -> LiveSession:
    for session in live.sessions_of([offering.id])[offering.id]:
        if session.number == number:
            return session
    raise NotFound


def _locked_seats(offering: Offering, tokens: Collection[str]) -> Sequence[Seat]:
    """The seats by place, each holder's row locked. People are locked in the order of their ids, all before any enrollment."""
    held = {seat.token: seat.person_id for seat in live.seats_of(offering.id)}
    if not held.keys() >= set(tokens):
        raise NotFound
    people = [held[token] for token in tokens]
    accounts.lock_people(people)
    return live.fresh_seats(offering.id, tokens)
