"""What a code looks like, and what a certificate is worth on a given day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.foundation.tokens import CODE_LENGTH, CROCKFORD

GROUPS = (5, 5, 5, 5, 6)
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


class CertificateStatus(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True)
class AwardKey:
    """What can be awarded once: subject is a track or course, period the expiry date; "" where none."""

    person_id: int
    credential_id: str
    subject: str
    period: str


def status_on(day: date, *, expires_on: date | None, revoked: bool, superseded: bool) -> CertificateStatus:
    """What a certificate is worth on a day. The day of expiry itself still counts."""
    if revoked:
        return CertificateStatus.REVOKED
    if superseded:
        return CertificateStatus.SUPERSEDED
    if expires_on is not None and day > expires_on:
        return CertificateStatus.EXPIRED
    return CertificateStatus.VALID


def read_code(typed: str) -> str | None:
    """A code as somebody typed it, in the one form we keep, or None if it can't be one.

    Capitals, dashes and spaces don't matter; O is read as 0, I and L as 1.
    """
    bare = re.sub(r"[\s\-\u2010-\u2015]", "", typed[:100]).upper().translate(LOOKALIKES)
    if len(bare) != CODE_LENGTH or any(sign not in CROCKFORD for sign in bare):
        return None
    return bare


def written_code(code: str) -> str:
    """A code in groups for people: K7RX4-M2P9Q-TD0A1-BC2DE-F3GH4J."""
    groups, start = [], 0
    for size in GROUPS:
        groups.append(code[start : start + size])
        start += size
    return "-".join(groups)
