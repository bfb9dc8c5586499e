"""The cookie of a session while the machine's clock is set: it lasts as long as it says, and no step ends it early."""

from __future__ import annotations

import time
from typing import Any

import pytest
from itsdangerous import TimestampSigner

from tests.support.browser import Browser

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS


def signed_later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """From now on cookies are signed as by a clock that differs by so much; what reads them has the right time."""
    at = int(time.time()) + seconds
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: at)


def test_a_clock_that_is_set_back_signs_nobody_out(as_learner: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as context:
        signed_later(context, 2 * HOUR_SECONDS)
        restamp(as_learner)

    assert as_learner.get("/account").status_code == 200


def test_a_cookie_that_is_older_than_sessions_last_is_none(
    as_learner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as context:
        signed_later(context, -31 * DAY_SECONDS)
        restamp(as_learner)

    assert as_learner.get("/account").status_code == 302


def test_a_forged_cookie_is_none(as_learner: Browser) -> None:
    name = as_learner.application.config["SESSION_COOKIE_NAME"]
    cookie = as_learner.get_cookie(name)
    assert cookie is not None
    as_learner.set_cookie(name, cookie.value[:-2] + ("aa" if not cookie.value.endswith("aa") else "bb"))

    assert as_learner.get("/account").status_code == 302


def restamp(browser: Browser) -> Any:
    with browser.session_transaction() as session:
        session["restamped"] = True
