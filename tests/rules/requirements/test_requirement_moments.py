"""At which moment a door judges what: study now, what must last on the day of the class."""

from __future__ import annotations

from datetime import timedelta

from lms.foundation.messages import Message
from lms.requirements import Decision, Verdict, together
from tests.support.moments import NOON


def decided(verdict: Verdict, *, turns_in_days: int | None = None) -> Decision:
    turn = None if turns_in_days is None else NOON + timedelta(days=turns_in_days)
    return Decision(verdict, "leaf", "leaf", Message("Something"), next_change_at=turn)


def test_what_is_judged_at_two_moments_is_met_when_both_are() -> None:
    met, unmet, unknown = (decided(verdict) for verdict in (Verdict.MET, Verdict.UNMET, Verdict.UNKNOWN))

    assert together((met, met)).met
    assert together((met, unmet)).verdict is Verdict.UNMET
    assert together((met, unknown)).verdict is Verdict.UNKNOWN
    assert together((unknown, unmet)).verdict is Verdict.UNMET


def test_the_first_turn_of_either_is_the_turn_of_both() -> None:
    both = together((decided(Verdict.MET, turns_in_days=9), decided(Verdict.MET, turns_in_days=4)))

    assert both.next_change_at == NOON + timedelta(days=4)
    assert [leaf.key for leaf in both.leaves()] == ["leaf", "leaf"]
