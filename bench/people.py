"""Signed-in browsers by the hundred: a session's row, the cookie that opens it, and the token its forms carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import Flask, Response, session
from flask_login import login_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from lms.accounts import services
from lms.accounts.models import Account
from lms.foundation.database import db
from lms.web import viewing


@dataclass(frozen=True)
class Browser:
    """Somebody who is signed in: `cookie` is the header's value, `csrf_token` goes into every form."""

    person_id: int
    cookie: str
    csrf_token: str

    def form(self, **fields: str) -> str:
        """The body of a form of this session, encoded; a value `%d` is a count."""
        return urlencode({"csrf_token": self.csrf_token, **fields}).replace("%25d", "%d")


def signed_in(app: Flask, person_ids: Sequence[int], *, now: datetime) -> list[Browser]:
    """Open a session for each of these people. Commits."""
    accounts = db.session.scalars(select(Account).where(Account.person_id.in_(person_ids)).order_by(Account.id)).all()
    secrets = {one.person_id: services.open_session(one, device="wrk", now=now)[0] for one in accounts}
    db.session.commit()
    return [_browser(app, person_id, secret) for person_id, secret in secrets.items()]


def signed_in_by_email(app: Flask, email: str, *, now: datetime) -> Browser:
    person_id = db.session.scalars(select(Account.person_id).where(Account.email == email)).one()
    return signed_in(app, [person_id], now=now)[0]


def _browser(app: Flask, person_id: int, secret: str) -> Browser:
    """The cookie as the product itself writes it."""
    with app.test_request_context():
        viewing.reset_cookie_session()  # the token of whoever came before stays where an application context is open
        login_user(viewing.load(secret))
        session.permanent = True
        token = generate_csrf()
        answer = Response()
        app.session_interface.save_session(app, session, answer)
        return Browser(person_id, answer.headers["Set-Cookie"].split(";", 1)[0], token)
