"""What the tests of this door share."""

from __future__ import annotations

import pytest
from flask import Flask

from lms.accounts import services
from lms.accounts.models import Role, ScopeKind
from lms.foundation.database import db
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.moments import LONG_AGO


@pytest.fixture
def as_staff_of_judges(app: Flask, cast: Cast) -> Browser:
    """Somebody who is staff for the judges' program alone."""
    services.grant_role(
        cast.stranger.person_id, Role.STAFF, scope_kind=ScopeKind.PROGRAM, scope_id="judge", by=None, now=LONG_AGO
    )
    db.session.commit()
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser.sign_in(cast.stranger)
