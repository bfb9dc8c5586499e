"""Everything we keep about one person, in plain values for the person to take away.

Results that were not released and the questions of exams are left out, as on every page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

from lms.accounts import queries as accounts
from lms.accounts.models import Claim, ClaimDecision
from lms.assessment import queries as assessment
from lms.catalog import queries as catalog
from lms.catalog.models import Enrollment
from lms.credentials import queries as credentials
from lms.foundation.messages import Message
from lms.learning import queries as learning
from lms.live import queries as live
from lms.notices import queries as notices

MOST_NOTICES = 10_000


def export(person_id: int, *, now: datetime) -> dict[str, Any]:
    """A JSON object with one part for each subject; moments are in UTC, days and moments in ISO 8601."""
    ids = accounts.ids_of(person_id)
    enrollments = catalog.enrollments_of(ids)
    parts = {
        "exported_at": now,
        "person": _person(person_id),
        "account": _account(person_id, now),
        "claims": _claims(person_id),
        "enrollments": [_enrollment(each) for each in enrollments],
        "lessons": _lessons([each.id for each in enrollments]),
        "results": _results([each.id for each in enrollments]),
        "classes": _classes(person_id),
        "certificates": _certificates(ids),
        "notices": _notices(person_id),
    }
    exported: dict[str, Any] = _plain(parts)
    return exported


def _person(person_id: int) -> dict[str, Any]:
    person = accounts.person(person_id)
    return {
        "name": person.name,
        "earlier_names": [{"name": one.name, "until": one.until_at} for one in accounts.earlier_names([person_id])],
        "zone": person.zone,
        "language": person.locale,
        "since": person.created_at,
    }


def _account(person_id: int, now: datetime) -> dict[str, Any] | None:
    account = accounts.account_of(person_id)
    if account is None:
        return None
    return {
        "email": account.email,
        "verified_at": account.verified_at,
        "signed_in": [
            {"device": session.device, "since": session.created_at, "last_used_at": session.last_used_at}
            for session in accounts.open_sessions(account.id, now)
        ],
    }


def _claims(person_id: int) -> list[dict[str, Any]]:
    claims = accounts.own_claims(person_id)
    decisions = accounts.newest_decisions([claim.id for claim in claims])
    return [_claim(claim, decisions.get(claim.id)) for claim in claims]


def _claim(claim: Claim, decision: ClaimDecision | None) -> dict[str, Any]:
    return {
        "kind": claim.kind,
        "subject": claim.subject,
        "value": claim.value,
        "note": claim.note,
        "source": claim.source,
        "status": claim.status,
        "valid_from": claim.valid_from,
        "valid_until": claim.valid_until,
        "recorded_at": claim.recorded_at,
        "withdrawn_at": claim.withdrawn_at,
        "decision": decision
        and {
            "outcome": decision.outcome,
            "note": decision.note,
            "decided_at": decision.decided_at,
            "valid_from": decision.valid_from,
            "valid_until": decision.valid_until,
        },
    }


def _enrollment(enrollment: Enrollment) -> dict[str, Any]:
    return {
        "program": enrollment.program_id,
        "track": enrollment.track,
        "status": enrollment.status,
        "enrolled_at": enrollment.enrolled_at,
        "closed_at": enrollment.closed_at,
    }


def _lessons(enrollment_ids: Sequence[int]) -> list[dict[str, Any]]:
    done = learning.completed_lessons(enrollment_ids)
    return [{"lesson": each.lesson_id, "completed_at": each.completed_at} for each in done]


def _results(enrollment_ids: Sequence[int]) -> list[dict[str, Any]]:
    outcomes = assessment.released_outcomes(enrollment_ids)
    return [
        {"exam": each.exam_id, "passed": each.passed, "score": each.scaled, "released_at": each.released_at}
        for each in outcomes
    ]


def _classes(person_id: int) -> list[dict[str, Any]]:
    return [
        {
            "class": booked.offering.title,
            "starts_at": booked.offering.starts_at,
            "ends_at": booked.offering.ends_at,
            "status": booked.seat.status,
            "booked_at": booked.seat.booked_at,
        }
        for booked in live.own_seats(person_id)
    ]


def _certificates(person_ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "code": found.certificate.code,
            "credential": found.certificate.credential_id,
            "holder": found.certificate.holder_name,
            "issued_on": found.certificate.issued_on,
            "expires_on": found.certificate.expires_on,
        }
        for found in credentials.own_certificates(person_ids)
    ]


def _notices(person_id: int) -> list[dict[str, Any]]:
    return [
        {
            "message": Message.from_json(notice.message).in_english(),
            "written_at": notice.written_at,
            "seen_at": notice.seen_at,
        }
        for notice in notices.own_notices(person_id, limit=MOST_NOTICES)
    ]


def _plain(value: Any) -> Any:
    """Only what JSON knows: days and moments as ISO 8601, states by their name, exact numbers as text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value if value is None or isinstance(value, bool | int | str) else str(value)
