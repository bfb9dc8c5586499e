"""campus.yaml as it is written: YAML → `Campus`, with the place of every problem."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from lms.foundation.messages import Message
from lms.foundation.problems import Problem
from lms.foundation.yaml_source import Loc, position, read_model
from lms.requirements.campus import Campus, Credential, EvidenceKind, Expiry, Issuer, MembershipBody
from lms.requirements.claim_kinds import EVIDENCE, Asks, ClaimKind, parse_claim_kinds
from lms.requirements.program_yaml import Written
from lms.requirements.values import ContentId, Day, Text, Whole


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(value).key
    except (ValueError, OSError, KeyError, TypeError):
        raise ValueError("a zone such as America/New_York") from None


class WrittenExpiry(Written):
    rule: Literal["quad_end", "years", "none"]
    years: Annotated[Whole, Field(gt=0, le=100)] | None = None
    carry_over_months: Annotated[Whole, Field(ge=0, le=120)] = 12


class WrittenCredential(Written):
    id: ContentId
    title: Text
    statement: Text
    rank: Annotated[Whole, Field(ge=1)] | None = None
    expires: WrittenExpiry
    per_track: bool = False
    public: bool = True
    grants_role: ContentId | None = None
    formerly: list[ContentId] = Field(default_factory=list)


class WrittenEvidence(Written):
    id: ContentId
    title: Text
    hint: Text
    asks: Asks = "text"


class WrittenIssuer(Written):
    id: ContentId
    name: Text
    signatory: Text


class WrittenMembership(Written):
    name: Text
    renew_at: Text
    url: Annotated[str, Field(pattern=r"^https://[^\s]+$")] | None = None


class WrittenCampus(Written):
    name: Text
    issuer: WrittenIssuer
    zone: Annotated[str, BeforeValidator(_zone)]
    membership: WrittenMembership
    cycle_ends: Annotated[list[Day], Field(min_length=1)]
    credentials: Annotated[list[WrittenCredential], Field(min_length=1)]
    evidence: list[WrittenEvidence] = Field(default_factory=list)
    claims: list[Any] = Field(default_factory=list)
    settings: dict[str, str | int | bool] = Field(default_factory=dict)


def parse_campus(node: Any, path: str) -> tuple[Campus | None, tuple[Problem, ...]]:
    """The campus that a loaded YAML mapping writes in the file `path`, and every problem with its place."""
    written, problems = read_model(WrittenCampus, node, path)
    if written is None:
        return None, problems
    stated, claim_problems = parse_claim_kinds(node.get("claims", []), path)
    found = (
        *claim_problems,
        *_doubled(written, node, path),
        *_expiry_problems(written, node, path),
        *_cycle_problems(written, node, path),
    )
    return (None if found else _campus(written, stated)), found


def _campus(written: WrittenCampus, stated: tuple[ClaimKind, ...]) -> Campus:
    evidence = tuple(EvidenceKind(kind.id, kind.title, kind.hint, kind.asks) for kind in written.evidence)
    return Campus(
        name=written.name,
        issuer=Issuer(**written.issuer.model_dump()),
        zone=written.zone,
        membership=MembershipBody(written.membership.name, written.membership.renew_at, written.membership.url or ""),
        cycle_ends=tuple(written.cycle_ends),
        credentials=tuple(_credential(credential) for credential in written.credentials),
        evidence=evidence,
        claim_kinds=(*stated, *(_evidence_claim(kind) for kind in evidence)),
        settings=dict(written.settings),
    )


def _evidence_claim(evidence: EvidenceKind) -> ClaimKind:
    return ClaimKind(EVIDENCE, evidence.title, evidence.asks, "staff", evidence.hint, evidence.id)


def _credential(written: WrittenCredential) -> Credential:
    expires = Expiry(written.expires.rule, written.expires.years or 0, written.expires.carry_over_months)
    return Credential(
        id=written.id,
        title=written.title,
        statement=written.statement,
        rank=written.rank,
        expires=expires,
        per_track=written.per_track,
        public=written.public,
        grants_role=written.grants_role or "",
        formerly=tuple(written.formerly),
    )


def _doubled(written: WrittenCampus, node: Any, path: str) -> list[Problem]:
    lists = {
        "credentials": [credential.id for credential in written.credentials],
        "evidence": [kind.id for kind in written.evidence],
    }
    return [
        _problem(
            "duplicate-id", Message("The id “{id}” stands here twice.", {"id": name}), node, path, (key, index, "id")
        )
        for key, ids in lists.items()
        for index, name in enumerate(ids)
        if name in ids[:index]
    ]


def _expiry_problems(written: WrittenCampus, node: Any, path: str) -> list[Problem]:
    return [
        _problem(
            "expiry-years",
            Message("“years” and the rule “years” go together."),
            node,
            path,
            ("credentials", index, "expires"),
        )
        for index, credential in enumerate(written.credentials)
        if (credential.expires.rule == "years") != (credential.expires.years is not None)
    ]


def _cycle_problems(written: WrittenCampus, node: Any, path: str) -> list[Problem]:
    if written.cycle_ends == sorted(set(written.cycle_ends)):
        return []
    return [_problem("cycle-order", Message("Cycle ends stand in order, each once."), node, path, ("cycle_ends",))]


def _problem(code: str, message: Message, node: Any, path: str, loc: Loc) -> Problem:
    return Problem(code, message, path, *position(node, loc))
