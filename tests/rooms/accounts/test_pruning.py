"""What we forget of where requests came from."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from lms.accounts import services
from lms.accounts.models import NetworkTrace, SignInFailure
from lms.foundation.database import db
from tests.support.moments import NOON


def test_traces_older_than_180_days_and_failures_older_than_a_day_are_forgotten(app: Flask) -> None:
    for age in (timedelta(days=181), timedelta(days=179)):
        services.record_trace("session", 1, "192.0.2.7", "browser", now=NOON - age)
    for age in (timedelta(hours=25), timedelta(hours=23)):
        services.record_failure("somebody@example.org", "192.0.2.7", now=NOON - age)
    db.session.flush()

    gone = services.prune_traces(NOON)

    assert gone == 2
    assert db.session.scalar(select(func.count()).select_from(NetworkTrace)) == 1
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 1
