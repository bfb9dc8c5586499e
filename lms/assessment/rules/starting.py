"""Whether a sitting may start now, and if not, what the rules allow next, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.foundation.messages import Message


@dataclass(frozen=True)
class AttemptRules:
    """What an exam allows: `included` attempts (None for any number), hours between them, a window in days."""

    included: int | None
    cooldown_hours: int
    window_days: int | None


@dataclass(frozen=True)
class PastAttempt:
    """A sitting of this exam within the enrollment; voided ones are not counted and not passed in.

    `passed` is None until the outcome is released; `pending` tells that it will be.
    """

    ended_at: datetime
    passed: bool | None
    pending: bool = False


@dataclass(frozen=True)
class SatElsewhere:
    """The person's ended sittings of the exam in other enrollments: when the last ended, and how many were used up.

    Used up are those in enrollments that the person left: leaving and entering again gives no fresh attempts.
    """

    last_end: datetime | None = None
    used: int = 0


NOWHERE = SatElsewhere()


@dataclass(frozen=True)
class StartDecision:
    """Whether a sitting may start; `opens_at` is when waiting alone would allow it, None if it never would."""

    allowed: bool
    reasons: tuple[Message, ...]
    attempts_left: int | None
    opens_at: datetime | None
    closes_at: datetime | None


def may_start(
    rules: AttemptRules,
    past: Sequence[PastAttempt],
    *,
    window_from: datetime | None,
    at: datetime,
    elsewhere: SatElsewhere = NOWHERE,
) -> StartDecision:
    """Judge attempts used, the wait since the last one, and the window.

    `window_from` is the moment the window is counted from (such as the end of the class), None where it is not open yet.
    The wait counts from the person's last sitting of this exam, also where that was within another enrollment.
    """
    left = None if rules.included is None else max(rules.included - len(past) - elsewhere.used, 0)
    closes_at = window_end(rules, window_from)
    opens_at = waits_until(rules, past, at, elsewhere.last_end)
    reasons = tuple(_reasons(past, left=left, opens_at=opens_at, closes_at=closes_at, at=at))
    hopeless = left == 0 or _passed(past) or (closes_at is not None and (opens_at or at) >= closes_at)
    return StartDecision(not reasons, reasons, left, None if hopeless else opens_at, closes_at)


def window_end(rules: AttemptRules, window_from: datetime | None) -> datetime | None:
    """The last moment of the window; None where the exam has none."""
    if rules.window_days is None or window_from is None:
        return None
    return window_from + timedelta(days=rules.window_days)


def waits_until(
    rules: AttemptRules, past: Sequence[PastAttempt], at: datetime, last_end_elsewhere: datetime | None = None
) -> datetime | None:
    """When the wait after the last attempt is over, or None if there is nothing to wait for."""
    ends = [attempt.ended_at for attempt in past]
    if last_end_elsewhere is not None:
        ends.append(last_end_elsewhere)
    if not ends:
        return None
    over = max(ends) + timedelta(hours=rules.cooldown_hours)
    return over if over > at else None


def _passed(past: Sequence[PastAttempt]) -> bool:
    return any(attempt.passed for attempt in past)


def _reasons(
    past: Sequence[PastAttempt],
    *,
    left: int | None,
    opens_at: datetime | None,
    closes_at: datetime | None,
    at: datetime,
) -> list[Message]:
    if _passed(past):
        return [Message("You have passed this already.")]
    if any(attempt.pending for attempt in past):
        return [Message("The result of your last attempt is not out yet.")]
    if left == 0:
        return [Message("All attempts are used. If you need another, write to the staff.")]
    return _reasons_of_time(opens_at=opens_at, closes_at=closes_at, at=at)


def _reasons_of_time(*, opens_at: datetime | None, closes_at: datetime | None, at: datetime) -> list[Message]:
    if closes_at is not None and at >= closes_at:
        return [Message("The time to take this exam ended on {day}.", {"day": closes_at})]
    if opens_at is not None and closes_at is not None and opens_at >= closes_at:
        said = "The next try would be possible from {opens}, but the time to take this exam ends on {closes}."
        return [Message(said, {"opens": opens_at, "closes": closes_at})]
    if opens_at is not None:
        return [Message("The next try is possible from {opens}.", {"opens": opens_at})]
    return []
