"""Everything about one person on one page: what is known, where they stand and why, what they did, what they were told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import String, and_, cast, func, or_, select

from lms.accounts.models import Account, Claim, ClaimDecision, Person, PersonAlias, PersonName
from lms.accounts.queries import earlier_names
from lms.accounts.rules import Capability, Viewer
from lms.assessment.models import Attempt, AttemptStatus, Score
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.catalog.queries import enrollments_of
from lms.content import queries as content
from lms.credentials.queries import own_certificates
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.live.models import Offering, Seat
from lms.notices.models import Notice
from lms.overviews.claims import Said, said_of, title_of
from lms.overviews.paging import FROM_THE_START, AnyRow, AnySelect, Page, Place, page_of
from lms.overviews.people import person_within
from lms.overviews.reach import reach
from lms.pathway.deciding import issue_decision, pinned_program, standing_of
from lms.pathway.gathering import gather
from lms.pathway.models import Credit, StandingRow, Waiver
from lms.requirements import Campus, Decision, Program, ProgramStanding

MOST_LINES = 50


@dataclass(frozen=True)
class ClaimLine:
    """A claim with who decided it last; its days are the verifier's, or else those claimed."""

    token: str
    title: str
    said: Said
    status: str
    source: str
    valid_from: date | None
    valid_until: date | None
    recorded_at: datetime
    verifier: str
    decided_at: datetime | None
    note: str


@dataclass(frozen=True)
class EnrollmentLine:
    """An enrollment as the standing index has it."""

    token: str
    program_id: str
    title: str
    track: str
    status: EnrollmentStatus
    release: int
    enrolled_at: datetime
    closed_at: datetime | None
    share: Decimal


@dataclass(frozen=True)
class CertificateLine:
    code: str
    credential: str
    issued_on: date
    expires_on: date | None
    status: str


@dataclass(frozen=True)
class SeatLine:
    """A seat, given back or not."""

    title: str
    starts_at: datetime
    status: str
    token: str


@dataclass(frozen=True)
class AttemptLine:
    """An attempt; `scaled` and `passed` are None before release for who may not see results."""

    token: str
    exam_id: str
    title: str
    number: int
    status: AttemptStatus
    started_at: datetime
    closed_at: datetime | None
    scaled: Decimal | None
    passed: bool | None


@dataclass(frozen=True)
class NoticeLine:
    kind: str
    message: Message
    written_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True)
class AuditLine:
    """Who did what to what of this person's, and when; `by` is empty for the system itself."""

    at: datetime
    action: str
    object_kind: str
    by: str


@dataclass(frozen=True)
class Cited:
    """A fact that a decision rests on: what it is, when we learned it, who says so."""

    what: str
    title: str
    at: datetime | date | None
    source: str = ""


@dataclass(frozen=True)
class Proof:
    """Why a program stands as it does: whether its award is due, and each stage, as the learner's page draws them.

    `cited` names the facts of the decisions by their ids.
    """

    program: Program
    standing: ProgramStanding
    award: Decision
    cited: dict[str, Cited]


@dataclass(frozen=True)
class Dossier:
    """One person. `proof` belongs to the enrollment `chosen`; both are None without one. `claims` is one page of them."""

    person: Person
    email: str
    verified_at: datetime | None
    suspended_at: datetime | None
    earlier_names: tuple[PersonName, ...]
    claims: Page[ClaimLine]
    enrollments: tuple[EnrollmentLine, ...]
    chosen: str | None
    proof: Proof | None
    certificates: tuple[CertificateLine, ...]
    seats: tuple[SeatLine, ...]
    attempts: tuple[AttemptLine, ...]
    notices: tuple[NoticeLine, ...]
    audit: tuple[AuditLine, ...]


def dossier(
    viewer: Viewer, token: str, *, enrollment: str = "", claims_at: Place = FROM_THE_START, now: datetime
) -> Dossier | None:
    """Somebody else's dossier, for who may see people; `enrollment` is the token of the one to prove, else the first.

    Whatever a person can add to without end is read by pages, or the newest alone.
    """
    person = person_within(viewer, token)
    if person is None:
        return None
    ids = _ids_of(person.id)
    account = db.session.scalar(select(Account).where(Account.person_id == person.id))
    within = reach(viewer, Capability.SEE_PEOPLE)
    entered = [one for one in enrollments_of(ids) if within.covers(one)]
    own = [one.id for one in entered]
    attempts = _attempts(own, with_scores=viewer.can(Capability.SEE_RESULTS))
    chosen = next((one for one in entered if one.token == enrollment), entered[0] if entered else None)
    seats = _seats(own)
    return Dossier(
        person=person,
        email=account.email if account else "",
        verified_at=account.verified_at if account else None,
        suspended_at=account.suspended_at if account else None,
        earlier_names=tuple(earlier_names(ids)),
        claims=_claims(ids, claims_at),
        enrollments=tuple(_enrollments(entered)),
        chosen=chosen.token if chosen else None,
        proof=_proof(chosen, seats, now) if chosen else None,
        certificates=tuple(_certificates(ids, content.today(now))),
        seats=tuple(line for _id, line in seats),
        attempts=tuple(line for _id, line in attempts),
        notices=tuple(_notices(ids)),
        audit=tuple(_audit(ids)),
    )


def _ids_of(person_id: int) -> list[int]:
    merged = db.session.scalars(select(PersonAlias.person_id).where(PersonAlias.into_id == person_id))
    return [person_id, *merged]


def _claims(ids: Sequence[int], place: Place) -> Page[ClaimLine]:
    """One page of what was claimed, newest first."""
    campus = content.campus()
    listed = _with_last_decision().where(Claim.person_id.in_(ids))
    page = page_of(listed, [Claim.id], Claim.token, place, newest_first=True)
    return page.of(lambda row: _claim_line(row, campus))


def _with_last_decision() -> AnySelect:
    newest = select(func.max(ClaimDecision.id)).where(ClaimDecision.claim_id == Claim.id).correlate(Claim)
    return (
        select(Claim, ClaimDecision, Person.name, Claim.token)
        .outerjoin(ClaimDecision, ClaimDecision.id == newest.scalar_subquery())
        .outerjoin(Person, Person.id == ClaimDecision.decided_by)
    )


def _claim_line(row: AnyRow, campus: Campus) -> ClaimLine:
    claim, decision, name, _token = row
    return ClaimLine(
        token=claim.token,
        title=title_of(campus, claim.kind, claim.subject),
        said=said_of(campus, claim.kind, claim.subject, claim.value),
        status="ended" if claim.withdrawn_at else claim.status.value,
        source=claim.source.value,
        valid_from=(decision.valid_from if decision else None) or claim.valid_from,
        valid_until=(decision.valid_until if decision else None) or claim.valid_until,
        recorded_at=claim.recorded_at,
        verifier=name or "",
        decided_at=decision.decided_at if decision else None,
        note=decision.note if decision else "",
    )


def _enrollments(entered: Sequence[Enrollment]) -> list[EnrollmentLine]:
    rows = db.session.execute(
        select(StandingRow.enrollment_id, StandingRow.share).where(
            StandingRow.enrollment_id.in_([one.id for one in entered])
        )
    )
    shares = {enrollment_id: share for enrollment_id, share in rows}  # noqa: C416  # rows are not pairs to mypy
    names = content.world().names
    return [
        EnrollmentLine(
            one.token,
            one.program_id,
            names.get(f"program:{one.program_id}", one.program_id),
            names.get(f"track:{one.track}", one.track),
            one.status,
            one.release_id,
            one.enrolled_at,
            one.closed_at,
            shares.get(one.id, Decimal(0)),
        )
        for one in entered
    ]


def _proof(enrollment: Enrollment, seats: Sequence[tuple[int, SeatLine]], now: datetime) -> Proof:
    """The same values that the learner's own page is drawn from."""
    facts = gather(enrollment.person_id, enrollment, now=now)
    found = standing_of(enrollment, now=now, facts=facts)
    names = content.world().names
    cited = _cited_claims([fact.id for fact in facts.facts])
    cited |= {f"seat:{seat_id}": Cited("seat", line.title, line.starts_at) for seat_id, line in seats}
    for fact in facts.facts:
        if fact.id not in cited:
            kind = fact.id.partition(":")[0]
            title = names.get(f"{_NAMED.get(fact.kind, fact.kind)}:{fact.subject}", fact.subject)
            cited[fact.id] = Cited(kind, title, fact.since)
    program = pinned_program(enrollment)
    return Proof(program, found, issue_decision(enrollment, facts, found, now=now), {**cited, **_set_aside(enrollment)})


def _cited_claims(fact_ids: Sequence[str]) -> dict[str, Cited]:
    """The claims among the facts, by their ids as facts: those that say something, of however many were made."""
    campus = content.campus()
    ids = [int(number) for kind, _, number in (one.partition(":") for one in fact_ids) if kind == "claim"]
    rows = db.session.execute(_with_last_decision().where(Claim.id.in_(ids)))
    lines = [(row[0].id, _claim_line(row, campus)) for row in rows]
    return {
        f"claim:{claim_id}": Cited(
            "claim", line.title, line.decided_at or line.recorded_at, line.verifier or line.source
        )
        for claim_id, line in lines
    }


_NAMED = {"exam_passed": "exam", "certificate": "credential", "credit": "stage"}


def _set_aside(enrollment: Enrollment) -> dict[str, Cited]:
    """Waivers of the person and credits of the enrollment, by their ids."""
    waivers = db.session.execute(
        select(Waiver.id, Waiver.reason, Waiver.granted_at, Person.name)
        .join(Person, Person.id == Waiver.granted_by)
        .where(Waiver.person_id == enrollment.person_id)
    )
    credited = db.session.execute(
        select(Credit.id, Credit.stage_id, Credit.credited_at).where(Credit.enrollment_id == enrollment.id)
    )
    found = {f"waiver:{id_}": Cited("waiver", reason, at, by) for id_, reason, at, by in waivers}
    return found | {f"credit:{id_}": Cited("credit", stage_id, at) for id_, stage_id, at in credited}


def _certificates(ids: Sequence[int], today: date) -> list[CertificateLine]:
    names = content.world().names
    return [
        CertificateLine(
            one.certificate.code,
            names.get(f"credential:{one.certificate.credential_id}", one.certificate.credential_id),
            one.certificate.issued_on,
            one.certificate.expires_on,
            str(one.status_on(today)),
        )
        for one in own_certificates(ids)
    ]


def _seats(enrollment_ids: Sequence[int]) -> list[tuple[int, SeatLine]]:
    rows = db.session.execute(
        select(Seat.id, Offering.title, Offering.starts_at, Seat.status, Offering.token)
        .join(Offering, Offering.id == Seat.offering_id)
        .where(Seat.enrollment_id.in_(enrollment_ids))
        .order_by(Offering.starts_at.desc(), Seat.id.desc())
        .limit(MOST_LINES)
    )
    return [
        (seat_id, SeatLine(title, starts_at, status.value, token)) for seat_id, title, starts_at, status, token in rows
    ]


def _attempts(enrollment_ids: Sequence[int], *, with_scores: bool) -> list[tuple[int, AttemptLine]]:
    newest = select(func.max(Score.id)).where(Score.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    rows = db.session.execute(
        select(Attempt, Score.scaled, Score.passed)
        .outerjoin(Score, Score.id == newest)
        .where(Attempt.enrollment_id.in_(enrollment_ids))
        .order_by(Attempt.id.desc())
        .limit(MOST_LINES)
    )
    names = content.world().names
    exams = {one.id: one.title for one in content.exams_of_release()}
    lines = []
    for attempt, scaled, passed in rows:
        told = with_scores or attempt.status is AttemptStatus.RELEASED
        title = exams.get(attempt.exam_id) or names.get(f"quiz:{attempt.exam_id}") or attempt.exam_id
        line = AttemptLine(
            attempt.token,
            attempt.exam_id,
            title,
            attempt.number,
            attempt.status,
            attempt.started_at,
            attempt.closed_at,
            scaled if told else None,
            passed if told else None,
        )
        lines.append((attempt.id, line))
    return lines


def _notices(ids: Sequence[int]) -> list[NoticeLine]:
    rows = db.session.scalars(
        select(Notice).where(Notice.person_id.in_(ids)).order_by(Notice.id.desc()).limit(MOST_LINES)
    )
    return [NoticeLine(one.kind, Message.from_json(one.message), one.written_at, one.seen_at) for one in rows]


def _audit(ids: Sequence[int]) -> list[AuditLine]:
    """Lines about the person, or about anything that hangs on them."""
    hanging = (("claim", Claim), ("enrollment", Enrollment), ("attempt", Attempt), ("seat", Seat))
    about = [and_(AuditEntry.object_kind == "person", AuditEntry.object_id.in_([str(one) for one in ids]))]
    for kind, model in hanging:
        own = select(cast(model.id, String)).where(model.person_id.in_(ids))
        about.append(and_(AuditEntry.object_kind == kind, AuditEntry.object_id.in_(own)))
    rows = db.session.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.object_kind, Person.name)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(or_(*about))
        .order_by(AuditEntry.id.desc())
        .limit(MOST_LINES)
    )
    return [AuditLine(at, action, kind, name or "") for at, action, kind, name in rows]
