"""The federation's own words and numbers: issuer, zone, membership, credentials, evidence, settings."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from lms.requirements.claim_kinds import Asks, ClaimKind
from lms.requirements.days import anniversary
from lms.requirements.packing import Packed
from lms.requirements.programs import Program
from lms.requirements.world import World

_NO_TITLES: Mapping[str, str] = MappingProxyType({})
_NO_SETS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True)
class Expiry(Packed):
    """When a certificate ends: with the cycle, some years on, or never.

    What is earned in the last `carry_over_months` of a cycle is carried to the end of the next.
    """

    rule: Literal["quad_end", "years", "none"] = "none"
    years: int = 0
    carry_over_months: int = 12


@dataclass(frozen=True)
class Credential(Packed):
    """What a certificate says a person is. `rank` is its step on the ladder; `statement` stands on the certificate."""

    id: str
    title: str
    statement: str = ""
    rank: int | None = None
    expires: Expiry = Expiry()
    per_track: bool = False
    public: bool = True
    grants_role: str = ""
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True)
class EvidenceKind(Packed):
    """Something that staff judge from what a person sends; `hint` says what to send."""

    id: str
    title: str
    hint: str = ""
    asks: Asks = "text"


@dataclass(frozen=True)
class Issuer(Packed):
    """Who signs certificates."""

    id: str
    name: str
    signatory: str


@dataclass(frozen=True)
class MembershipBody(Packed):
    """Whose membership is asked for, and where to get or renew it."""

    name: str
    renew_at: str
    url: str = ""


@dataclass(frozen=True)
class Campus(Packed):
    """One federation's installation. `settings` are what an administrator may change."""

    name: str
    issuer: Issuer
    zone: str
    membership: MembershipBody
    cycle_ends: tuple[date, ...] = ()
    credentials: tuple[Credential, ...] = ()
    evidence: tuple[EvidenceKind, ...] = ()
    claim_kinds: tuple[ClaimKind, ...] = ()
    settings: dict[str, str | int | bool] | None = None

    def credential(self, credential_id: str) -> Credential | None:
        return next((credential for credential in self.credentials if credential.id == credential_id), None)

    def claim_kind(self, kind: str, subject: str = "") -> ClaimKind | None:
        """What may be claimed under this kind and subject; evidence has one subject for each of its kinds."""
        return next((each for each in self.claim_kinds if (each.kind, each.subject) == (kind, subject)), None)


def expires_on(credential: Credential, issued_on: date, cycle_ends: Sequence[date]) -> date | None:
    """The last day on which a certificate issued on `issued_on` is valid; None when it doesn't end.

    Raises ValueError when no cycle is named that it could run to.
    """
    expiry = credential.expires
    if expiry.rule == "none":
        return None
    if expiry.rule == "years":
        return anniversary(issued_on, expiry.years) - timedelta(days=1)
    for end in sorted(cycle_ends):
        if issued_on <= _months_before(end, expiry.carry_over_months):
            return end
    raise ValueError(f"No cycle is named to which a certificate of {issued_on} could run.")


def world_of(
    campus: Campus,
    programs: Iterable[Program],
    *,
    titles: Mapping[str, str] = _NO_TITLES,
    sets: Mapping[str, tuple[str, ...]] = _NO_SETS,
    today: date | None = None,
) -> World:
    """What decisions must know of a release. `titles`: `kind:id` → title of modules, lessons, sets and exams."""
    listed = tuple(programs)
    names = dict(titles)
    names |= {f"credential:{credential.id}": credential.title for credential in campus.credentials}
    names |= {f"evidence:{kind.id}": kind.title for kind in campus.evidence}
    names |= {f"program:{program.id}": program.title for program in listed}
    names |= {f"track:{track.id}": track.title for program in listed for track in program.tracks}
    ranks = {credential.id: credential.rank for credential in campus.credentials if credential.rank is not None}
    return World(names, ranks, sets, _counting(listed), campus.zone, today)


def _counting(programs: Iterable[Program]) -> dict[str, tuple[str, ...]]:
    counting: dict[str, tuple[str, ...]] = {}
    for program in programs:
        for credential_id in program.renewal_credit:
            counting[credential_id] = (*counting.get(credential_id, ()), program.id)
    return counting


def _months_before(day: date, months: int) -> date:
    """The last day of the span that ends `months` before `day`; a month's end stays a month's end."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    is_month_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if is_month_end else min(day.day, last))
