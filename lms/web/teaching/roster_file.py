"""The roster as a file."""

from __future__ import annotations

from collections.abc import Sequence

from lms.interop.csv_tables import Cell, csv_bytes
from lms.live.models import LiveSession
from lms.overviews.rosters import Attendee, Roster
from lms.web.wording import label, say


def roster_csv(roster: Roster) -> bytes:
    """The roster as a table: place, name, state of the seat, what is missing, and the mark of each session."""
    header = ["place", "name", "seat", "missing", *(f"session {session.number}" for session in roster.sessions)]
    return csv_bytes(header, [_cells(attendee, roster.sessions) for attendee in roster.attendees])


def _cells(attendee: Attendee, sessions: Sequence[LiveSession]) -> list[Cell]:
    seat, decision = attendee.line.seat, attendee.decision
    missing = "; ".join(say(leaf.asked) for leaf in decision.missing()) if decision else ""
    marks = [attendee.marks.get(session.number) for session in sessions]
    return [seat.place, attendee.line.name, label(seat.status), missing, *(label(one) if one else "" for one in marks)]
