"""The claims that wait for a decision, and one of them with everything that helps to decide it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, func, or_, select

from lms.accounts.models import DECIDED, Claim, ClaimDecision, ClaimStatus, Person
from lms.accounts.queries import COUNTING
from lms.accounts.rules import Capability, Viewer
from lms.content import queries as content
from lms.foundation.database import db
from lms.overviews.paging import FROM_THE_START, AnyRow, Page, Place, page_of
from lms.overviews.reach import not_oneself, reach
from lms.requirements import Campus, ClaimKind, fact_value

MOST_SHOWN = 20
Said: TypeAlias = "date | int | str"


@dataclass(frozen=True)
class Waiting:
    """How many wait, and since when the oldest does (None where none does)."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class QueuedClaim:
    """A claim in the queue. `said` is a day, whole years, or words, as its kind asks."""

    token: str
    person: str
    kind: str
    subject: str
    title: str
    said: Said
    waiting_since: datetime


@dataclass(frozen=True)
class KindWaiting:
    """How many claims of one kind wait; `key` is what the filter's address says."""

    key: str
    title: str
    count: int


@dataclass(frozen=True)
class Decided:
    """What somebody decided, and when; one that takes the place of another has the next number."""

    number: int
    outcome: ClaimStatus
    note: str
    by: str
    at: datetime
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class Before:
    """A claim whose place this one took while it waited: what was said, and what the staff answered."""

    token: str
    said: Said
    note: str
    recorded_at: datetime
    decisions: tuple[Decided, ...]


@dataclass(frozen=True)
class OtherClaim:
    """Another claim of the same person, for comparison."""

    token: str
    title: str
    said: Said
    status: str
    valid_until: date | None
    recorded_at: datetime


@dataclass(frozen=True)
class ClaimCase:
    """One claim with what was asked, what the person says, and what was decided before."""

    claim: Claim
    person: str
    person_token: str
    kind: ClaimKind | None
    title: str
    said: Said
    decisions: tuple[Decided, ...]
    before: tuple[Before, ...]
    others: tuple[OtherClaim, ...]
    place_in_queue: int
    waiting: int

    @property
    def is_open(self) -> bool:
        return self.claim.status is ClaimStatus.SUBMITTED and self.claim.withdrawn_at is None

    @property
    def can_be_decided_again(self) -> bool:
        """Whether somebody decided it, and nothing took its place since."""
        return bool(self.decisions) and self.claim.status in DECIDED and self.claim.withdrawn_at is None


def claims_waiting(viewer: Viewer) -> Waiting:
    count, oldest = db.session.execute(
        select(func.count(), func.min(Claim.waiting_since)).where(*_in_queue(viewer))
    ).one()
    return Waiting(count, oldest)


def claim_queue(viewer: Viewer, *, kind: str = "", place: Place = FROM_THE_START) -> Page[QueuedClaim]:
    """The claims that wait, oldest first, without the viewer's own; `kind` is a kind, or `evidence:` and its subject."""
    listed = (
        select(Claim.token, Person.name, Claim.kind, Claim.subject, Claim.value, Claim.waiting_since)
        .join(Person, Person.id == Claim.person_id)
        .where(*_in_queue(viewer), *_of_kind(kind))
    )
    campus = content.campus()
    return page_of(listed, [Claim.waiting_since, Claim.id], Claim.token, place).of(lambda row: _queued(row, campus))


def kinds_waiting(viewer: Viewer) -> list[KindWaiting]:
    """The kinds of which any wait, most first."""
    campus = content.campus()
    rows = db.session.execute(
        select(Claim.kind, Claim.subject, func.count()).where(*_in_queue(viewer)).group_by(Claim.kind, Claim.subject)
    )
    found = [
        KindWaiting(key_of(kind, subject), title_of(campus, kind, subject), count) for kind, subject, count in rows
    ]
    return sorted(found, key=lambda one: (-one.count, one.title))


def next_claim(viewer: Viewer, claim: Claim) -> str | None:
    """The token of the claim to look at after this one: the next in the queue, else its first."""
    others = select(Claim.token).where(*_in_queue(viewer), Claim.id != claim.id)
    queue = others.order_by(Claim.waiting_since, Claim.id).limit(1)
    return db.session.scalar(queue.where(_after(claim))) or db.session.scalar(queue)


def previous_claim(viewer: Viewer, claim: Claim) -> str | None:
    """The token of the claim that stands before this one in the queue."""
    earlier = select(Claim.token).where(*_in_queue(viewer), Claim.id != claim.id, ~_after(claim))
    return db.session.scalar(earlier.order_by(Claim.waiting_since.desc(), Claim.id.desc()).limit(1))


def earlier_claims(person_id: int, place: Place = FROM_THE_START) -> Page[Claim]:
    """A page of what somebody said that says nothing today, newest first: withdrawn, refused, expired or replaced."""
    over = or_(Claim.withdrawn_at.is_not(None), Claim.status.not_in(COUNTING))
    listed = select(Claim, Claim.token).where(Claim.person_id == person_id, over)
    return page_of(listed, [Claim.id], Claim.token, place, newest_first=True).of(lambda row: row[0])


def claim_case(viewer: Viewer, token: str) -> ClaimCase | None:
    """A claim of somebody else within reach, whatever its state; one's own does not exist here."""
    row = db.session.execute(
        select(Claim, Person.name, Person.token)
        .join(Person, Person.id == Claim.person_id)
        .where(Claim.token == token, *_within(viewer))
    ).one_or_none()
    if row is None:
        return None
    claim, name, person_token = row
    campus = content.campus()
    before, waiting = db.session.execute(
        select(func.count().filter(~_after(claim)), func.count()).where(*_in_queue(viewer))
    ).one()
    return ClaimCase(
        claim=claim,
        person=name,
        person_token=person_token,
        kind=campus.claim_kind(claim.kind, claim.subject),
        title=title_of(campus, claim.kind, claim.subject),
        said=said_of(campus, claim.kind, claim.subject, claim.value),
        decisions=tuple(_decisions([claim.id])[claim.id]),
        before=tuple(_before(claim, campus)),
        others=tuple(_others(claim, campus)),
        place_in_queue=before,
        waiting=waiting,
    )


def key_of(kind: str, subject: str) -> str:
    return f"{kind}:{subject}" if subject else kind


def title_of(campus: Campus, kind: str, subject: str) -> str:
    """What people call a claim of this kind; its id where the campus lists it no longer."""
    listed = campus.claim_kind(kind, subject)
    return listed.title if listed else subject or kind


def said_of(campus: Campus, kind: str, subject: str, value: str) -> Said:
    """The value as its kind means it: a day, whole years, or words."""
    listed = campus.claim_kind(kind, subject)
    read = fact_value(listed.asks, value) if listed and value else value
    return read if isinstance(read, date | int) else str(read)


def _in_queue(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return Claim.status == ClaimStatus.SUBMITTED, Claim.withdrawn_at.is_(None), *_within(viewer)


def _within(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """Nobody decides their own case."""
    return not_oneself(viewer, Claim.person_id), reach(viewer, Capability.DECIDE_CLAIMS).people(Claim.person_id)


def _of_kind(key: str) -> list[ColumnElement[bool]]:
    kind, _, subject = key.partition(":")
    return [Claim.kind == kind, Claim.subject == subject] if key else []


def _after(claim: Claim) -> ColumnElement[bool]:
    """Which claims stand later in the queue."""
    same_moment = (Claim.waiting_since == claim.waiting_since) & (Claim.id > claim.id)
    return (Claim.waiting_since > claim.waiting_since) | same_moment


def _queued(row: AnyRow, campus: Campus) -> QueuedClaim:
    return QueuedClaim(
        row.token,
        row.name,
        row.kind,
        row.subject,
        title_of(campus, row.kind, row.subject),
        said_of(campus, row.kind, row.subject, row.value),
        row.waiting_since,
    )


def _decisions(claim_ids: Sequence[int]) -> dict[int, list[Decided]]:
    """What was decided on each of these claims, the newest last."""
    rows = db.session.execute(
        select(
            ClaimDecision.claim_id,
            ClaimDecision.number,
            ClaimDecision.outcome,
            ClaimDecision.note,
            Person.name,
            ClaimDecision.decided_at,
            ClaimDecision.valid_from,
            ClaimDecision.valid_until,
        )
        .join(Person, Person.id == ClaimDecision.decided_by)
        .where(ClaimDecision.claim_id.in_(claim_ids))
        .order_by(ClaimDecision.id)
    )
    found: dict[int, list[Decided]] = {claim_id: [] for claim_id in claim_ids}
    for claim_id, number, outcome, note, by, at, since, until in rows:
        found[claim_id].append(Decided(number, outcome, note, by, at, since, until))
    return found


def _before(claim: Claim, campus: Campus) -> list[Before]:
    """The claims whose place this one took, newest first: they waited since the same moment."""
    earlier = db.session.scalars(
        select(Claim)
        .where(
            Claim.person_id == claim.person_id,
            Claim.kind == claim.kind,
            Claim.subject == claim.subject,
            Claim.waiting_since == claim.waiting_since,
            Claim.id < claim.id,
        )
        .order_by(Claim.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    decisions = _decisions([one.id for one in earlier])
    return [
        Before(
            one.token,
            said_of(campus, one.kind, one.subject, one.value),
            one.note,
            one.recorded_at,
            tuple(decisions[one.id]),
        )
        for one in earlier
    ]


def _others(claim: Claim, campus: Campus) -> Sequence[OtherClaim]:
    rows = db.session.scalars(
        select(Claim)
        .where(Claim.person_id == claim.person_id, Claim.id != claim.id)
        .order_by(Claim.id.desc())
        .limit(MOST_SHOWN)
    )
    return [
        OtherClaim(
            one.token,
            title_of(campus, one.kind, one.subject),
            said_of(campus, one.kind, one.subject, one.value),
            "ended" if one.withdrawn_at else one.status.value,
            one.valid_until,
            one.recorded_at,
        )
        for one in rows
    ]
