"""Whether the audit trail is what was sealed: the first thing that is not, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from lms.foundation.audit import AuditEntry, AuditSeal
from lms.foundation.audit_sealing import NO_SEAL_BEFORE, PRINT_BYTES, digest_of, print_of, unpacked
from lms.foundation.database import db
from lms.foundation.messages import Message

UNREADABLE = (ValueError, TypeError, AttributeError)  # what reading a column raises where something strange was put


@dataclass(frozen=True)
class Verified:
    """What a look through the trail found. `broken` is the first thing that is not as sealed."""

    seals: int
    entries: int
    head: str
    broken: Message | None

    @property
    def sound(self) -> bool:
        return self.broken is None


def verify(expected_head: str = "") -> Verified:
    """Compare every sealed entry with its seal, and every seal with the one before.

    `expected_head` is a digest that was noted outside: without it, a chain that was cut off at its end or
    made anew as a whole can't be told from a true one. Entries newer than the last seal are not looked at.
    """
    seals = entries = 0
    before: AuditSeal | None = None
    met = not expected_head
    while (number := _next_number(before)) is not None:
        seal, broken = _looked_at(number, before)
        if seal is None or broken is not None:
            return Verified(seals, entries, _digest(before), broken)
        seals, entries, before = seals + 1, entries + seal.count, seal
        met = met or seal.digest == expected_head.lower()
    lost = Message("No seal has the digest {digest}: the trail was cut off or made anew.", {"digest": expected_head})
    return Verified(seals, entries, _digest(before), None if met else lost)


def _next_number(before: AuditSeal | None) -> int | None:
    after = before.number if before else 0
    return db.session.scalar(select(func.min(AuditSeal.number)).where(AuditSeal.number > after))


def _digest(seal: AuditSeal | None) -> str:
    return seal.digest if seal else NO_SEAL_BEFORE


# ---- a seal by itself


def _looked_at(number: int, before: AuditSeal | None) -> tuple[AuditSeal | None, Message | None]:
    expected = before.number + 1 if before else 1
    if number != expected:
        return None, Message("Seal {number} is missing.", {"number": expected})
    try:
        seal = db.session.get_one(AuditSeal, number, populate_existing=True)
        return seal, _wrong_seal(seal, before) or _wrong_entries(seal, before)
    except UNREADABLE:
        return None, Message("Seal {number} was changed.", {"number": number})


def _wrong_seal(seal: AuditSeal, before: AuditSeal | None) -> Message | None:
    if digest_of(seal) != seal.digest or len(seal.prints) != seal.count * PRINT_BYTES:
        return Message("Seal {number} was changed.", {"number": seal.number})
    if seal.previous != _digest(before):
        return Message("Seal {number} does not follow the seal before it.", {"number": seal.number})
    return None


# ---- its entries


def _wrong_entries(seal: AuditSeal, before: AuditSeal | None) -> Message | None:
    """The first entry, by id, that is not as sealed."""
    sealed = {one.entry_id: one.digest for one in unpacked(seal.prints)}
    found = _digests_between(before, seal)
    for entry_id in sorted(sealed.keys() | found.keys()):
        if sealed.get(entry_id) != found.get(entry_id):
            return _wrong_entry(entry_id, sealed, found, seal.number)
    return None


def _wrong_entry(entry_id: int, sealed: dict[int, bytes], found: dict[int, bytes], number: int) -> Message:
    values = {"id": entry_id, "number": number}
    if entry_id not in sealed:
        return Message("Entry {id} was added among the entries of seal {number}.", values)
    if entry_id not in found:
        return Message("Entry {id} of seal {number} is missing.", values)
    if found[entry_id] in sealed.values():
        return Message("Entry {id} of seal {number} was exchanged with another.", values)
    return Message("Entry {id} of seal {number} was changed.", values)


def _digests_between(before: AuditSeal | None, seal: AuditSeal) -> dict[int, bytes]:
    """What the entries say now, by id; of all at once, and only where one can't be read, of each alone."""
    after = () if before is None else (AuditEntry.id > before.last_id,)
    between = (*after, AuditEntry.id <= seal.last_id)
    try:
        entries = db.session.scalars(select(AuditEntry).where(*between).execution_options(populate_existing=True))
        return {entry.id: print_of(entry).digest for entry in entries}
    except UNREADABLE:
        return {one: _digest_of_one(one) for one in db.session.scalars(select(AuditEntry.id).where(*between)).all()}


def _digest_of_one(entry_id: int) -> bytes:
    try:
        return print_of(db.session.get_one(AuditEntry, entry_id, populate_existing=True)).digest
    except UNREADABLE:
        return b""
