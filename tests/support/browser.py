"""The test client. Forgery protection stays on: forms are posted with a real token."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from lms.accounts import services
from lms.accounts.models import Account
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from tests.support.cast import Member

CSRF_FIELD = "csrf_token"
CSRF_SALT = "wtf-csrf-token"


class Browser(FlaskClient):
    """A browser of one person.

    Each request gets a context and a database session of its own, as on a server; what
    the test arranged before is committed first, so that the request can see it.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        settle()
        with self.application.app_context():
            return super().open(*args, **kwargs)

    def post_form(self, address: str, data: Mapping[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form as its page would, with this session's token. A list sends its field several times."""
        return self.post(address, data={**(data or {}), CSRF_FIELD: self.form_token()}, **kwargs)

    def post_json(self, address: str, payload: Any, **kwargs: Any) -> TestResponse:
        """Send JSON as our scripts do, with the token in a header."""
        headers = {"X-CSRFToken": self.form_token(), "Accept": "application/json", **kwargs.pop("headers", {})}
        return self.post(address, json=payload, headers=headers, **kwargs)

    def form_token(self) -> str:
        """What `csrf_token()` would print on a page of this browser's session."""
        with self.application.app_context(), self.session_transaction() as session:
            raw = session.setdefault(CSRF_FIELD, secrets.token_hex())
        key = self.application.secret_key
        assert key is not None
        return str(URLSafeTimedSerializer(key, salt=CSRF_SALT).dumps(raw))

    def sign_in(self, member: Member) -> Browser:
        """Sign in without the form: a real session row, and its secret in the cookie."""
        settle()
        with self.application.app_context():
            account = db.session.get_one(Account, member.account_id)
            secret, _row = services.open_session(account, device="Test browser", now=clock.now())
            db.session.commit()
            with self.session_transaction() as session:
                session["_user_id"] = secret
                session["_fresh"] = True
        return self


def settle() -> None:
    """Commit what the test itself has done so far, and let go of the database."""
    if not has_app_context():
        return
    if unit_of_work.mode() is unit_of_work.Mode.WRITE:
        db.session.commit()
    else:
        db.session.rollback()
