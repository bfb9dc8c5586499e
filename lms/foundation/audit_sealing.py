"""Sealing the audit trail: settled entries, in batches, each chained to the one before.

Why a batch may end where it ends is told in `docs/decisions/0006-the-audit-trail-is-sealed.md`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text

from lms.foundation import unit_of_work
from lms.foundation.audit import AuditEntry, AuditSeal
from lms.foundation.database import db

BATCH = 500
MOST_SEALS_A_TURN = 20  # then letters get their turn
LONGEST_UNSEALED = timedelta(minutes=1)
LONGEST_WAIT_MS = 200
NO_SEAL_BEFORE = "0" * 64
ID_BYTES, DIGEST_BYTES = 8, 32
PRINT_BYTES = ID_BYTES + DIGEST_BYTES


@dataclass(frozen=True)
class Print:
    """An entry's id, and the SHA-256 of what the entry says."""

    entry_id: int
    digest: bytes


def seal_due(now: datetime) -> int:
    """Seal every settled entry once the oldest unsealed one waited a minute. Returns how many seals were set.

    Commits each seal on its own. Takes no lock while nothing is due, and may run in several workers at once.
    """
    with unit_of_work.reading(db.session):
        if not _is_due(now):
            return 0
    last_settled = _last_settled_id()
    sealed = 0
    while sealed < MOST_SEALS_A_TURN and seal_next(last_settled, now=now) is not None:
        sealed += 1
    return sealed


def seal_next(last_settled: int, *, now: datetime) -> AuditSeal | None:
    """Set and commit the next seal, over the oldest unsealed entries with ids up to `last_settled`; None without any."""
    with unit_of_work.writing(db.session):
        _hold_the_chain()
        before = head()
        entries = _entries_after(before.last_id if before else 0, last_settled)
        if not entries:
            return None
        seal = seal_over(entries, before, now=now)
        db.session.add(seal)
        db.session.commit()
        return seal


def head() -> AuditSeal | None:
    """The newest seal."""
    return db.session.scalar(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1))


def seal_over(entries: Sequence[AuditEntry], before: AuditSeal | None, *, now: datetime) -> AuditSeal:
    """The seal that follows `before`, over these entries in the order of their ids."""
    seal = AuditSeal(
        number=before.number + 1 if before else 1,
        first_id=entries[0].id,
        last_id=entries[-1].id,
        count=len(entries),
        previous=before.digest if before else NO_SEAL_BEFORE,
        prints=packed(print_of(entry) for entry in entries),
        sealed_at=now,
    )
    seal.digest = digest_of(seal)
    return seal


# ---- what is hashed


def print_of(entry: AuditEntry) -> Print:
    """The digest is over canonical JSON: ASCII, keys sorted, no spaces, moments in UTC to the microsecond.

    What is hashed is `["audit entry 1", at, actor_id, action, object_kind, object_id, details]`; the id stands
    beside the digest, so that an entry moved to another id is told from one that was changed.
    """
    said = [
        "audit entry 1",
        _moment(entry.at),
        entry.actor_id,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.details,
    ]
    return Print(entry.id, hashlib.sha256(_canonical(said)).digest())


def digest_of(seal: AuditSeal) -> str:
    """SHA-256, in hex, over canonical JSON of everything in the seal but its digest, led by `"audit seal 1"`."""
    said = [
        "audit seal 1",
        seal.number,
        seal.first_id,
        seal.last_id,
        seal.count,
        seal.previous,
        seal.prints.hex(),
        _moment(seal.sealed_at),
    ]
    return hashlib.sha256(_canonical(said)).hexdigest()


def packed(prints: Iterable[Print]) -> bytes:
    """Prints one after the other, 40 bytes each."""
    return b"".join(one.entry_id.to_bytes(ID_BYTES, "big") + one.digest for one in prints)


def unpacked(prints: bytes) -> list[Print]:
    """The prints again. Raises ValueError where their length can't be right."""
    if len(prints) % PRINT_BYTES:
        raise ValueError("The prints of a seal have 40 bytes each.")
    parts = (prints[start : start + PRINT_BYTES] for start in range(0, len(prints), PRINT_BYTES))
    return [Print(int.from_bytes(part[:ID_BYTES], "big"), part[ID_BYTES:]) for part in parts]


def _canonical(said: list[Any]) -> bytes:
    return json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# ---- which entries


def _is_due(now: datetime) -> bool:
    """Whether the oldest unsealed entry waited long enough; one from the future (a clock was set back) did, too."""
    sealed_to = select(func.coalesce(func.max(AuditSeal.last_id), 0)).scalar_subquery()
    oldest = db.session.scalar(select(AuditEntry.at).where(AuditEntry.id > sealed_to).order_by(AuditEntry.id).limit(1))
    return oldest is not None and not now - LONGEST_UNSEALED < oldest <= now


def _last_settled_id() -> int:
    """The newest id below which no entry can appear any more.

    SQLite has one writer at a time, so ids are committed in their order. On PostgreSQL an id is drawn
    under a lock that this one waits for: once it is given, every id drawn before is committed or undone,
    and what is drawn later is greater. It is let go at once; nothing is read or hashed under it.
    """
    with unit_of_work.writing(db.session):
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text(f"SET LOCAL lock_timeout = {LONGEST_WAIT_MS}"))  # who writes waits behind us
            db.session.execute(text("LOCK TABLE audit_entry IN SHARE MODE"))
        return db.session.scalar(select(func.max(AuditEntry.id))) or 0


def _hold_the_chain() -> None:
    """One sealer at a time, or two would follow the same seal. SQLite's write lock is held already."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE audit_seal IN SHARE ROW EXCLUSIVE MODE"))


def _entries_after(sealed_to: int, last_settled: int) -> Sequence[AuditEntry]:
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.id > sealed_to, AuditEntry.id <= last_settled)
        .order_by(AuditEntry.id)
        .limit(BATCH)
    ).all()
