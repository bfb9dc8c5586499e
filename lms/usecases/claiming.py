"""What people say about themselves becomes a fact: claimed, decided, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lms.accounts import queries, services
from lms.accounts.models import Claim, ClaimDecided, ClaimDecision, ClaimSource, ClaimStatus
from lms.accounts.rules import Capability, Viewer
from lms.content import queries as content
from lms.credentials.queries import own_certificates
from lms.foundation import audit
from lms.foundation.database import db
from lms.foundation.errors import DomainError, Forbidden, Invalid, NotFound
from lms.foundation.messages import Message
from lms.notices import services as notices
from lms.requirements.claim_kinds import LONGEST_VALIDITY_YEARS, ClaimKind, Stated, latest_end, stated
from lms.usecases import advancing

NO_DATES: tuple[date | None, date | None] = (None, None)
OUTCOMES = {
    ClaimStatus.APPROVED: Message("Your claim “{title}” was approved."),
    ClaimStatus.REJECTED: Message("Your claim “{title}” was rejected."),
    ClaimStatus.NEEDS_MORE: Message("We need more about your claim “{title}”."),
}


class ClaimStands(DomainError):
    """What is stated anew was verified before, so that a person's own word no longer changes it."""

    code = "claim-stands"


def claim(
    person_id: int,
    kind: str,
    subject: str,
    value: str,
    valid_from: date | None,
    valid_until: date | None,
    note: str,
    *,
    now: datetime,
) -> Claim:
    """Record what a person says about themselves, and move their programs on.

    A kind that nobody verifies counts at once, in the place of what they said before;
    any other waits for staff. Raises NotFound for a kind that this campus does not know,
    Invalid for a value that can't be taken, ClaimStands.
    """
    asked = _known_kind(kind, subject)
    said = _read(asked, value, valid_from, valid_until, now)
    _lock(person_id)
    if asked.self_declared:
        _make_way(person_id, asked)
    made = services.record_claim(
        person_id,
        kind,
        subject,
        said.value,
        note=note,
        source=ClaimSource.SELF_DECLARED if asked.self_declared else ClaimSource.EVIDENCE,
        status=ClaimStatus.APPROVED if asked.self_declared else ClaimStatus.SUBMITTED,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        by=person_id,
        now=now,
    )
    audit.record("claim", "claim", made.id, actor_id=person_id, at=now, kind=kind, subject=subject)
    advancing.advance(person_id, now=now)
    return made


def decide(
    claim: Claim,
    viewer: Viewer,
    outcome: ClaimStatus,
    note: str,
    dates: tuple[date | None, date | None] = NO_DATES,
    *,
    now: datetime,
) -> ClaimDecision:
    """Approve a claim, reject it or ask for more; tell the person why, and move their programs on.

    `dates` are the days from which and until which the verifier saw it valid; None leaves what was claimed.
    Raises Forbidden on one's own claim or without the capability, Invalid without a reason
    for a refusal or with a day too far ahead, ClaimDecided if somebody was faster.
    """
    if not viewer.can(Capability.DECIDE_CLAIMS):
        raise Forbidden("Deciding claims is for the staff.")
    _lock(claim.person_id)
    db.session.refresh(claim, with_for_update=True)
    _check_decision(claim, outcome, note, dates, today=content.today(now))
    decision = services.decide_claim(
        claim, outcome, note=note, by=viewer.person_id, now=now, valid_from=dates[0], valid_until=dates[1]
    )
    db.session.flush()
    audit.record("decide", "claim", claim.id, actor_id=viewer.person_id, at=now, outcome=outcome, decision=decision.id)
    _tell_decision(claim, decision, outcome, note, now=now)
    advancing.advance(claim.person_id, now=now)
    return decision


@dataclass(frozen=True)
class DecidedAgain:
    """A decision that took the place of another, and the codes of certificates issued since that one: they stand."""

    decision: ClaimDecision
    issued_since: tuple[str, ...]


def decide_again(
    claim: Claim,
    viewer: Viewer,
    outcome: ClaimStatus,
    reason: str,
    dates: tuple[date | None, date | None] = NO_DATES,
    *,
    instead_of: int,
    now: datetime,
) -> DecidedAgain:
    """Take another decision than number `instead_of`, whoever took that one, and say why.

    Programs follow from the new decision. A certificate that was issued meanwhile stays as it is, and is named.
    Raises what `decide` raises, and Invalid without a reason.
    """
    if not viewer.can(Capability.DECIDE_CLAIMS):
        raise Forbidden("Deciding claims is for the staff.")
    _lock(claim.person_id)
    db.session.refresh(claim, with_for_update=True)
    if not reason.strip():
        raise Invalid("Say why it is decided again.")
    _check_decision(claim, outcome, reason, dates, today=content.today(now))
    earlier = queries.decisions_on(claim.id)
    if not instead_of or not earlier or earlier[-1].number != instead_of:
        raise ClaimDecided("Somebody decided this claim a moment before.")
    decision = services.decide_claim(
        claim,
        outcome,
        note=reason,
        by=viewer.person_id,
        now=now,
        valid_from=dates[0],
        valid_until=dates[1],
        instead_of=instead_of,
    )
    db.session.flush()
    issued = certificates_issued(claim.person_id, since=earlier[-1].decided_at)
    audit.record(
        "decide_again", "claim", claim.id, actor_id=viewer.person_id, at=now, outcome=outcome, decision=decision.id
    )
    _tell_decision(claim, decision, outcome, reason, now=now)
    advancing.advance(claim.person_id, now=now)
    return DecidedAgain(decision, issued)


def certificates_issued(person_id: int, *, since: datetime) -> tuple[str, ...]:
    """The codes of the certificates that somebody was issued from a moment on, under whichever id."""
    own = own_certificates(queries.ids_of(person_id))
    return tuple(one.certificate.code for one in own if one.certificate.issued_at >= since)


def restore(claim: Claim, by: int, *, now: datetime) -> None:
    """Undo a withdrawal: the claim says again what it said.

    Raises ClaimDecided where it was not withdrawn, ClaimStands where another of its kind counts or waits since.
    """
    _lock(claim.person_id)
    db.session.refresh(claim, with_for_update=True)
    others = queries.own_claims_that_count(claim.person_id, claim.kind, claim.subject)
    if claim.withdrawn_at is not None and others:
        raise ClaimStands(Message("You have said something else since."), remedy=Message("That counts now."))
    claim.restore()
    audit.record("restore", "claim", claim.id, actor_id=by, at=now)
    advancing.advance(claim.person_id, now=now)


def withdraw(claim: Claim, by: int, *, now: datetime) -> None:
    """Take a claim back: it says nothing from now on. Raises ClaimDecided if it said nothing before, ClaimStands."""
    _lock(claim.person_id)
    db.session.refresh(claim, with_for_update=True)
    asked = content.campus().claim_kind(claim.kind, claim.subject)
    if stands(claim, asked):
        raise _verified(claim.kind, claim.subject)
    claim.withdraw(at=now, by=by)
    audit.record("withdraw", "claim", claim.id, actor_id=by, at=now)
    advancing.advance(claim.person_id, now=now)


def stands(claim: Claim, asked: ClaimKind | None) -> bool:
    """Whether it was verified although one's own word would do, so that only staff change it.

    If it could be taken back, one's own word would count again: the way around what was verified.
    """
    return (
        asked is not None and asked.self_declared and _counts(claim) and claim.source is not ClaimSource.SELF_DECLARED
    )


def title_of(kind: str, subject: str) -> str:
    """What people call a claim of this kind; its id where the campus no longer lists it."""
    listed = content.campus().claim_kind(kind, subject)
    return listed.title if listed else subject or kind


def _known_kind(kind: str, subject: str) -> ClaimKind:
    asked = content.campus().claim_kind(kind, subject)
    if asked is None:
        raise NotFound
    return asked


def _read(asked: ClaimKind, value: str, valid_from: date | None, valid_until: date | None, now: datetime) -> Stated:
    said = stated(asked.asks, value, valid_from, valid_until, today=content.today(now))
    if isinstance(said, Stated):
        return said
    raise Invalid(said[0].message)


def _make_way(person_id: int, asked: ClaimKind) -> None:
    """What a person stated before gives way to what they state now; what was verified does not."""
    for earlier in queries.own_claims_that_count(person_id, asked.kind, asked.subject):
        if not _counts(earlier):
            continue
        if stands(earlier, asked):
            raise _verified(asked.kind, asked.subject)
        earlier.replace()


def _verified(kind: str, subject: str) -> ClaimStands:
    return ClaimStands(
        Message("“{title}” was verified, so it can't be changed here.", {"title": title_of(kind, subject)}),
        remedy=Message("If it is wrong, write to the staff."),
    )


def _counts(claim: Claim) -> bool:
    return claim.status is ClaimStatus.APPROVED and claim.withdrawn_at is None


def _check_decision(
    claim: Claim, outcome: ClaimStatus, note: str, dates: tuple[date | None, date | None], *, today: date
) -> None:
    if outcome not in OUTCOMES:
        raise Invalid("A claim is approved, rejected, or sent back for more.")
    if outcome is not ClaimStatus.APPROVED and not note.strip():
        raise Invalid("Say why, so that the person knows what to do.")
    since, until = dates[0] or claim.valid_from, dates[1] or claim.valid_until
    if since is not None and until is not None and until < since:
        raise Invalid("The last day can't come before the first.")
    if dates[1] is not None and dates[1] > latest_end(today):
        raise Invalid(Message("Enter a day within {n} years.", {"n": LONGEST_VALIDITY_YEARS}))


def _tell_decision(claim: Claim, decision: ClaimDecision, outcome: ClaimStatus, note: str, *, now: datetime) -> None:
    notices.tell(
        claim.person_id,
        f"claim-decided:{claim.id}:{decision.id}",
        "claim_decided",
        _news(claim, outcome, note),
        path="/account/claims",
        now=now,
    )


def _news(claim: Claim, outcome: ClaimStatus, note: str) -> Message:
    said = Message(OUTCOMES[outcome].key, {"title": title_of(claim.kind, claim.subject)})
    return Message("{said} The reason given: {note}", {"said": said, "note": note.strip()}) if note.strip() else said


def _lock(person_id: int) -> None:
    """One change of a person's facts after the other: two at a time could both think they are the first."""
    services.lock_person(person_id)
