"""The headers that every answer carries. Nothing inline runs, so there is no nonce to leak."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from copy import deepcopy
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as BaseResponse

from lms.foundation import clock
from lms.foundation.logs import get_logger
from lms.foundation.settings import Settings
from lms.web.viewing import viewer

log = get_logger()

DIRECTIVES = {
    "default-src": "'none'",
    "object-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(f"{name} {sources}" for name, sources in DIRECTIVES.items())
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
# What no browser runs as a page of its own carries the short form: the first visit fetches five of these.
PARTS_OF_PAGES = frozenset({"text/css", "text/javascript", "application/javascript", "font/woff2"})
HEADERS_OF_PARTS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONE_YEAR = "max-age=31536000; includeSubDomains"
# What a lesson shows of its reader is their name and their own tries; going back to it must not cost what was typed.
READING = frozenset({"learning.show_lesson", "learning.show_module"})
SIGNED_OUT = '"cache", "storage"'
RENEWED_AFTER = timedelta(days=1)
KEPT_COOKIES = 4_096
REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429})


def add_headers(response: Response, settings: Settings) -> Response:
    wanted = HEADERS_OF_PARTS if response.mimetype in PARTS_OF_PAGES else HEADERS
    given = {name.lower() for name, _value in response.headers}
    for name, value in wanted.items():
        if name.lower() not in given:
            response.headers.add(name, value)
    if settings.secure_cookies:
        response.headers.setdefault("Strict-Transport-Security", ONE_YEAR)
    if "cache-control" not in given:
        response.headers.add("Cache-Control", keeping())
    return response


def keeping() -> str:
    """Whether browsers may keep this page: not where somebody is signed in, since what it says is theirs."""
    return "no-store" if "_user_id" in session and request.endpoint not in READING else "private, no-cache"


def forget_site(response: Response) -> Response:
    """Let the browser drop what it kept of whoever has just signed out."""
    response.headers["Clear-Site-Data"] = SIGNED_OUT
    return response


def note_refusal(response: Response) -> Response:
    """One line for each request that a page of ours refused: which, whose and how; never what was sent."""
    if response.status_code in REFUSALS and request.endpoint is not None:
        reader = viewer()
        log.info(
            "request_refused",
            status=response.status_code,
            endpoint=request.endpoint,
            method=request.method,
            person_id=reader.person_id if reader else None,
        )
    return response


class OwnSession(SecureCookieSession):
    """A cookie's session, and when the cookie was signed; None where there is none yet."""

    signed_at: datetime | None = None


class OwnSessions(SecureCookieSessionInterface):
    """Flask's own, but for what it does with every answer: a cookie is read once, and renewed once a day.

    A cache between us may keep answers that say they are public, so those never carry one.
    """

    digest_method = staticmethod(hashlib.sha256)
    session_class = OwnSession

    def __init__(self) -> None:
        self._serializers: dict[Hashable, URLSafeTimedSerializer | None] = {}
        self._read = lru_cache(KEPT_COOKIES)(read_cookie)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's, made once for each secret: deriving its key costs more than a signature."""
        key = (app.secret_key, tuple(app.config.get("SECRET_KEY_FALLBACKS") or ()))
        if key not in self._serializers:
            self._serializers[key] = super().get_signing_serializer(app)
        return self._serializers[key]

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """As Flask's, but a cookie from the future counts: a clock that was set back must sign nobody out of an exam."""
        serializer, sent = self.get_signing_serializer(app), request.cookies.get(self.get_cookie_name(app))
        if serializer is None:
            return None
        try:
            kept, signed_at = self._read(serializer, sent or "")
        except BadSignature:
            return self.session_class()
        if clock.now() - signed_at > app.permanent_session_lifetime:
            return self.session_class()
        session = self.session_class(deepcopy(kept))
        session.signed_at = signed_at
        return session

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:  # noqa: ARG002  # Flask's signature
        """Where something changed, and once a day. A clock that was set back has signed it in its own future."""
        signed_at = session.signed_at if isinstance(session, OwnSession) else None
        is_fresh = signed_at is not None and timedelta(0) <= clock.now() - signed_at < RENEWED_AFTER
        return session.modified or (session.permanent and not is_fresh)

    def save_session(self, app: Flask, session: SessionMixin, response: BaseResponse) -> None:
        if "public" not in response.headers.get("Cache-Control", ""):
            super().save_session(app, session, response)  # type: ignore[arg-type]  # flask narrows what it only passes on


def read_cookie(serializer: URLSafeTimedSerializer, sent: str) -> tuple[dict[str, Any], datetime]:
    """What a cookie holds, and when it was signed. Raises BadSignature."""
    kept, signed_at = serializer.loads(sent, return_timestamp=True)
    return kept, signed_at
