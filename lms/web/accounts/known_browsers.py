"""Browsers in which somebody signed in before: other people's wrong passwords do not keep them out."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from lms.accounts.rules import email_key
from lms.foundation.tokens import digest

KEPT = timedelta(days=365)
MOST_PEOPLE = 5  # who share a browser
SALT = "known browser"


def is_known(email: str) -> bool:
    """Whether this browser shows that the person with this address signed in with it within the last year."""
    return _mark(email) in _marks()


def remember(response: Response, email: str) -> Response:
    """Let the browser show, from now on, that this person signed in with it."""
    marks = [_mark(email), *(mark for mark in _marks() if mark != _mark(email))][:MOST_PEOPLE]
    response.set_cookie(
        _name(),
        _serializer().dumps(marks),
        max_age=KEPT,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _mark(email: str) -> str:
    return digest(email_key(email))[:32]


def _marks() -> list[str]:
    try:
        shown = _serializer().loads(request.cookies.get(_name(), ""), max_age=int(KEPT.total_seconds()))
    except BadData:
        return []
    return [mark for mark in shown if isinstance(mark, str)] if isinstance(shown, list) else []


def _name() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=SALT)
