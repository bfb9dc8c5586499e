"""Keeping the record of what was done: entries are sealed, and once a day the newest digest leaves the house.

Who can change every row can make the whole chain anew. A digest that lies in somebody's
mailbox can't be changed with it: `lms audit verify --head` compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from lms.accounts import queries as accounts
from lms.accounts import services
from lms.content import queries as content
from lms.foundation import audit_sealing, unit_of_work
from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.notices import queries as notices
from lms.notices.services import tell


def keep_record(now: datetime) -> int:
    """Seal what is due and send the day's digest where it was not sent. Commits; returns how many things were done."""
    return audit_sealing.seal_due(now) + tell_head(now)


def tell_head(now: datetime) -> int:
    """Mail the newest digest to each administrator, once on each day of the federation. Returns to how many.

    Nothing is sent before there is a seal. Takes no lock where everybody was told.
    """
    with unit_of_work.reading(db.session):
        day = content.today(now)
        untold = _untold(day)
    return sum(_tell(person_id, day, now=now) for person_id in untold)


def _untold(day: date) -> Sequence[int]:
    administrators = accounts.administrators()
    told = notices.told_keys([_key(day, person_id) for person_id in administrators])
    untold = [person_id for person_id in administrators if _key(day, person_id) not in told]
    return untold if untold and audit_sealing.head() is not None else []


def _tell(person_id: int, day: date, *, now: datetime) -> bool:
    with unit_of_work.writing(db.session):
        services.lock_person(person_id)  # of two workers, the second sees that it was told
        seal = audit_sealing.head()
        if seal is None:
            return False
        is_new = tell(
            person_id,
            _key(day, person_id),
            "audit_head",
            Message(
                "The audit trail on {day}: seal {number}. Its digest is {digest}. Keep this mail: it proves what was "
                "on record today.",
                {"day": day, "number": seal.number, "digest": seal.digest},
            ),
            path="/account/notices",
            now=now,
        )
        db.session.commit()
        return is_new


def _key(day: date, person_id: int) -> str:
    return f"audit-head:{day.isoformat()}:{person_id}"
