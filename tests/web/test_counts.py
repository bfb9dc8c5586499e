"""What the flood limits count is forgotten when its window ends, in passing and without a thread."""

from __future__ import annotations

import threading

from flask import Flask
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from lms.web.counts import SECONDS_BETWEEN_LOOKS, CountsInPassing
from lms.web.limits import limiter

START = 1_772_600_000.0


class Clock:
    """Moments in seconds since 1970, moved on by hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


def test_a_window_counts_until_it_ends_and_then_anew() -> None:
    clock = Clock()
    counts = CountsInPassing(clock=clock)
    strategy, limit = FixedWindowRateLimiter(counts), parse("3 per minute")

    assert [strategy.hit(limit, "robin") for _time in range(4)] == [True, True, True, False]
    assert strategy.hit(limit, "sam")
    assert counts.get(limit.key_for("robin")) == 4
    assert counts.get_expiry(limit.key_for("robin")) == START + 60
    clock.at += 60

    assert counts.get(limit.key_for("robin")) == 0
    assert strategy.hit(limit, "robin")


def test_what_is_over_is_not_held_for_ever() -> None:
    clock = Clock()
    counts = CountsInPassing(clock=clock)
    for person in range(50):
        counts.incr(f"person {person}", 10)
    counts.incr("somebody patient", 3600)
    clock.at += SECONDS_BETWEEN_LOOKS

    counts.incr("the next one", 10)

    assert counts.held() == 2


def test_counting_starts_no_thread_and_loses_nothing_between_several() -> None:
    counts = CountsInPassing()
    before = threading.active_count()

    counts.incr("one", 60)

    assert threading.active_count() == before
    senders = [threading.Thread(target=lambda: [counts.incr("all", 60) for _time in range(500)]) for _one in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert counts.get("all") == 2000


def test_clearing_takes_one_and_resetting_all() -> None:
    counts = CountsInPassing()
    for key in ("one", "two"):
        counts.incr(key, 60)

    counts.clear("one")

    assert (counts.get("one"), counts.get("two")) == (0, 1)
    assert counts.reset() == 1
    assert (counts.get("two"), counts.check()) == (0, True)


def test_the_product_counts_so(app: Flask) -> None:
    with app.app_context():
        assert isinstance(limiter.limiter.storage, CountsInPassing)
