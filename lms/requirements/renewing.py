"""Where a holder stands with a certificate that ends: renewal, its lateness, and who is exempt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from lms.requirements.days import day_of
from lms.requirements.decisions import Decision
from lms.requirements.facts import Fact, Facts
from lms.requirements.packing import Packed
from lms.requirements.programs import Renewal
from lms.requirements.world import World

RenewalState = Literal["exempt", "not_yet", "open", "ended", "late", "lapsed"]
_NO_WORLD = World()
_COURSES = frozenset({"program", "partner_course"})


@dataclass(frozen=True)
class RenewalStanding(Packed):
    """`open` before the end, `ended` after it and still on time, `late` while a late renewal is taken, then `lapsed`.

    `decision` is what renewing asks, judged now.
    """

    state: RenewalState
    decision: Decision
    opens_on: date
    on_time_until: date
    late_until: date


def renewal_standing(
    renewal: Renewal, certificate: Fact, facts: Facts, at: datetime, world: World = _NO_WORLD
) -> RenewalStanding:
    """Where the holder of `certificate` stands; a course counts only if completed after it was issued.

    Raises ValueError for a certificate that doesn't end, or a moment outside the issuer's zone.
    """
    world.refuse_wrong_zone(at)
    if certificate.until is None:
        raise ValueError("A certificate without an end is not renewed.")
    on_time_until = certificate.until + timedelta(days=renewal.on_time_days_after)
    late_until = max(on_time_until, certificate.until + timedelta(days=renewal.late_days_after))
    opens_on = certificate.until - timedelta(days=renewal.opens_days_before)
    rule = renewal.requires.rule_at(at.date())
    decision = rule.decide(_since_issue(facts, certificate, at), at, world)
    exempt = renewal.exempt_if is not None and renewal.exempt_if.decide(facts, at, world).met
    last_days: tuple[tuple[date, RenewalState], ...] = (
        (opens_on - timedelta(days=1), "not_yet"),
        (certificate.until, "open"),
        (on_time_until, "ended"),
        (late_until, "late"),
    )
    state = "exempt" if exempt else _state_on(at.date(), last_days)
    return RenewalStanding(state, decision, opens_on, on_time_until, late_until)


def _state_on(day: date, last_days: tuple[tuple[date, RenewalState], ...]) -> RenewalState:
    return next((state for last_day, state in last_days if day <= last_day), "lapsed")


def _since_issue(facts: Facts, certificate: Fact, at: datetime) -> Facts:
    if certificate.since is None:
        return facts
    issued_on = day_of(certificate.since, at.tzinfo)
    kept = (
        fact
        for fact in facts.facts
        if fact.kind not in _COURSES or (fact.since is not None and day_of(fact.since, at.tzinfo) > issued_on)
    )
    return replace(facts, facts=tuple(kept))
