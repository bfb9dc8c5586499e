"""Claims for tests: many people who say something, and one at a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import insert, update

from lms.accounts import services as accounts
from lms.accounts.models import Claim, ClaimSource, ClaimStatus
from lms.foundation.database import db
from lms.foundation.tokens import new_token
from tests.support.cast import ZONE
from tests.support.moments import DAY, HOUR, LONG_AGO, NOON

NEXT_YEAR = (NOON + 365 * DAY).date()


def state(
    person_id: int,
    *,
    kind: str = "membership",
    subject: str = "",
    value: str = "4417",
    until: date | None = NEXT_YEAR,
    note: str = "",
    at: datetime = NOON,
) -> Claim:
    """A claim that waits for the staff."""
    return accounts.record_claim(
        person_id,
        kind,
        subject,
        value,
        note=note,
        source=ClaimSource.EVIDENCE,
        status=ClaimStatus.SUBMITTED,
        valid_from=None,
        valid_until=until,
        by=person_id,
        now=at,
    )


def say_again(person_id: int, count: int) -> None:
    """So many birth dates of one person, each replaced by the next; the last one counts."""
    told = {"person_id": person_id, "kind": "birth_date", "subject": "", "note": "", "recorded_at": NOON}
    last = {"source": ClaimSource.SELF_DECLARED, "status": ClaimStatus.APPROVED, "recorded_by": person_id}
    db.session.execute(update(Claim).where(Claim.person_id == person_id).values(status=ClaimStatus.REPLACED))
    days = [LONG_AGO.date() - timedelta(days=7000 + number) for number in range(count)]
    rows = [{**told, **last, "value": day.isoformat(), "token": new_token(), "valid_from": day} for day in days]
    for row in rows[:-1]:
        row["status"] = ClaimStatus.REPLACED
    db.session.execute(insert(Claim), rows)


def queue_of(count: int, *, name: str = "Coach") -> list[Claim]:
    """So many claims of so many people, an hour apart, the first the oldest."""
    claims = []
    for number in range(count):
        person = accounts.create_person(f"{name} {number:03}", zone=ZONE, now=LONG_AGO)
        claims.append(state(person.id, at=NOON + number * HOUR))
    db.session.flush()
    return claims
