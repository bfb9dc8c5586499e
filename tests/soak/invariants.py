"""What must hold after every fault: I1 to I9, judged from what people were told and from the rows themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text

from lms.accounts.models import Account, SignInSession
from lms.app import create_app
from lms.assessment.models import AnswerEntry, Attempt, AttemptItem, AttemptStatus, OutcomeRelease, Score
from lms.assessment.services import read_response
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.content import queries as content
from lms.credentials.models import Certificate
from lms.foundation import unit_of_work
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.outbox import OutboxRow
from lms.foundation.settings import Settings
from lms.live.models import Offering, Seat
from lms.notices.models import Notice
from lms.overviews import soundness
from lms.pathway import index
from lms.pathway.deciding import standing_of
from lms.pathway.index import states_of
from lms.pathway.models import StandingRow
from tests.soak.history import History, Kind, Operation, Outcome
from tests.support.real_campus import let_go

Key = tuple[str, int, int]  # an attempt's token, a position, a sequence


@dataclass(frozen=True)
class Verdict:
    """One invariant: its number, what it says, and everything that speaks against it."""

    name: str
    words: str
    against: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.against


def judge(settings: Settings, history: History, *, at: datetime, letters: Counter[str] | None = None) -> list[Verdict]:
    """All verdicts. `letters` counts each Message-ID that a mail server took; None where mail goes to a folder."""
    app = create_app(settings)
    with app.app_context(), unit_of_work.reading(db.session):
        content.forget()
        evidence = Evidence(history, letters, at)
        verdicts = [Verdict(name, words, tuple(check(evidence))) for name, words, check in CHECKS]
    let_go(app)
    return verdicts


class Evidence:
    """The history beside the rows, read once."""

    def __init__(self, history: History, letters: Counter[str] | None, at: datetime) -> None:
        self.history, self.letters, self.at = history, letters, at
        self.attempts = {one.token: one for one in db.session.scalars(select(Attempt))}
        self.revisions = {
            (row.attempt_id, row.position): row.revision_id for row in db.session.scalars(select(AttemptItem))
        }
        tokens = {one.id: one.token for one in self.attempts.values()}
        self.journal: dict[Key, AnswerEntry] = {
            (tokens[row.attempt_id], row.position, row.sequence): row for row in db.session.scalars(select(AnswerEntry))
        }
        self.saves: dict[Key, list[Operation]] = defaultdict(list)
        for one in history.all(Kind.SAVE, Kind.LATE):
            self.saves[one.subject, one.position, one.sequence].append(one)

    def as_sent(self, key: Key) -> dict[str, Any]:
        """What the journal holds of this save, if it holds it whole."""
        token, position, _sequence = key
        attempt = self.attempts[token]
        revision = self.revisions[attempt.id, position]
        values = self.saves[key][0].sent
        return dict(read_response(content.items([revision])[revision], values, attempt.seed, position))


def saves_that_are_lost(evidence: Evidence) -> Iterator[str]:
    """The journal only grows, so a save that was ok is a line of it; the latest of an item stands."""
    for key, tries in evidence.saves.items():
        if any(one.outcome is Outcome.OK for one in tries) and key not in evidence.journal:
            told = next(one for one in tries if one.outcome is Outcome.OK).told
            if '"stands":true' in told.replace(" ", ""):
                yield f"{key} was confirmed and is lost"


def saves_that_are_halves(evidence: Evidence) -> Iterator[str]:
    """What is there is whole, was sent by somebody, and was not refused each time it was sent."""
    for key, line in evidence.journal.items():
        tries = evidence.saves.get(key, [])
        if not tries:
            yield f"{key} was sent by nobody"
        elif all(one.outcome is Outcome.FAIL for one in tries):
            yield f"{key} was refused each time and is there"
        elif line.response != evidence.as_sent(key):
            yield f"{key} is not what was sent"


def scores_that_differ(evidence: Evidence) -> Iterator[str]:
    yield from (finding.as_line() for finding in soundness.scores_that_differ())
    twice = select(Score.attempt_id).group_by(Score.attempt_id).having(func.count() > 1)
    for attempt_id in db.session.scalars(twice):
        yield f"attempt {attempt_id} has two scores"
    scored = set(db.session.scalars(select(Score.attempt_id)))
    for attempt in evidence.attempts.values():
        if attempt.is_open == (attempt.id in scored):
            yield f"attempt {attempt.id} is {attempt.status.value}, and its score says otherwise"


def closings_that_did_not_hold(evidence: Evidence) -> Iterator[str]:
    yield from (finding.as_line() for finding in soundness.closed_attempts_written_to())
    yield from (finding.as_line() for finding in soundness.releases_that_differ())
    for one in evidence.history.all(Kind.SUBMIT):
        if one.outcome is Outcome.OK and evidence.attempts[one.subject].is_open:
            yield f"{one.subject} was submitted and is open"
    for one in evidence.history.all(Kind.LATE):
        if one.outcome is Outcome.OK:
            yield f"{one.subject} took an answer after it was submitted"
        elif (one.subject, one.position, one.sequence) in evidence.journal:
            yield f"{one.subject} holds an answer that came after it was submitted"


def certificates_that_differ(evidence: Evidence) -> Iterator[str]:
    yield from (finding.as_line() for finding in soundness.awards_held_twice())
    passed = set(
        db.session.scalars(
            select(Attempt.person_id)
            .join(Score, Score.attempt_id == Attempt.id)
            .where(Score.passed, Attempt.status == AttemptStatus.RELEASED)
        )
    )
    held = Counter(
        db.session.scalars(
            select(Certificate.person_id).where(Certificate.credential_id == "judge", Certificate.ended_at.is_(None))
        )
    )
    for person_id in passed ^ set(held):
        yield f"person {person_id} passed or is certified, not both"
    for person_id, count in held.items():
        if count > 1:
            yield f"person {person_id} is certified {count} times"


def seats_beyond_capacity(evidence: Evidence) -> Iterator[str]:
    yield from (finding.as_line() for finding in soundness.overbooked_classes())
    rows = db.session.execute(
        select(Account.email, Offering.token)
        .join(Seat, Seat.person_id == Account.person_id)
        .join(Offering, Offering.id == Seat.offering_id)
    )
    seats = {(email, token) for email, token in rows}  # rows are not pairs
    for one in evidence.history.all(Kind.BOOK):
        if one.outcome is Outcome.OK and (one.person, one.subject) not in seats:
            yield f"{one.person} was given a seat and has none"


def changes_without_one_line(_evidence: Evidence) -> Iterator[str]:
    """Each change has its one line in the audit trail; a saved answer's line is in the journal."""
    for action, kind, ids in _changes():
        wanted = Counter(str(number) for number in db.session.scalars(ids))
        said = Counter(
            db.session.scalars(
                select(AuditEntry.object_id).where(AuditEntry.action == action, AuditEntry.object_kind == kind)
            )
        )
        for number in sorted(wanted.keys() | said.keys()):
            if wanted[number] != said[number]:
                yield f"{action} of {kind} {number}: {wanted[number]} happened, {said[number]} lines"


def _changes() -> list[tuple[str, str, Any]]:
    closed = select(Attempt.id).where(Attempt.closed_at.is_not(None))
    complete = select(Enrollment.id).where(Enrollment.status == EnrollmentStatus.COMPLETED)
    return [
        ("start", "attempt", select(Attempt.id)),
        ("submit", "attempt", closed),
        ("release", "attempt", select(OutcomeRelease.attempt_id)),
        ("complete", "enrollment", complete),
        ("issue", "certificate", select(Certificate.id)),
        ("book", "seat", select(Seat.id)),
        ("sign_in", "sign_in_session", select(SignInSession.id)),
    ]


def a_broken_store(evidence: Evidence) -> Iterator[str]:
    if db.engine.dialect.name == "sqlite":
        yield from (said for said in db.session.scalars(text("PRAGMA integrity_check")) if said != "ok")
        yield from (f"a dangling row in {row[0]}" for row in db.session.execute(text("PRAGMA foreign_key_check")))
    else:
        unchecked = text("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        yield from (f"{name} was never checked" for name in db.session.scalars(unchecked))
        broken = text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        yield from (f"the index {name} is not valid" for name in db.session.scalars(broken))
    for enrollment_id, column in index.verify(evidence.at):
        row, enrollment = db.session.get(StandingRow, enrollment_id), db.session.get_one(Enrollment, enrollment_id)
        said = states_of(standing_of(enrollment, now=evidence.at))
        yield f"enrollment {enrollment_id}: {column} of the index is {row and row.standing}, the rules say {said}"


def letters_sent_twice(evidence: Evidence) -> Iterator[str]:
    """One row for each key, none left waiting, and no letter taken twice by a mail server."""
    for table in (OutboxRow, Notice):
        twice = select(table.key).group_by(table.key).having(func.count() > 1)
        yield from (f"{table.__tablename__} {key} is there twice" for key in db.session.scalars(twice))
    waiting = select(OutboxRow.key).where(OutboxRow.delivered_at.is_(None), OutboxRow.gave_up_at.is_(None))
    yield from (f"{key} was never delivered" for key in db.session.scalars(waiting))
    for message_id, times in (evidence.letters or {}).items():
        if times > 1:
            yield f"{message_id} was taken {times} times"


Check = Callable[[Evidence], Iterator[str]]
CHECKS: Sequence[tuple[str, str, Check]] = (
    ("I1", "a confirmed save stands, or a later one of the same answer does", saves_that_are_lost),
    ("I2", "a save without an answer is there or not, never half; a refused one is not", saves_that_are_halves),
    ("I3", "one score for each attempt, and it is what its journal gives", scores_that_differ),
    ("I4", "what was submitted is closed, and takes no answer after it", closings_that_did_not_hold),
    ("I5", "a certificate for each who passed, and for nobody else", certificates_that_differ),
    ("I6", "no more seats than places, and each confirmed one is there", seats_beyond_capacity),
    ("I7", "one line in the audit trail for each change", changes_without_one_line),
    ("I8", "the store is sound, and the standing index says what the rules say", a_broken_store),
    ("I9", "each thing to tell is told once", letters_sent_twice),
)
