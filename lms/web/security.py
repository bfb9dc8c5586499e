"""The headers that every answer carries. Nothing inline runs, so there is no nonce to leak."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable

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
REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429})


def add_headers(response: Response, settings: Settings) -> Response:
    for name, value in (HEADERS_OF_PARTS if response.mimetype in PARTS_OF_PAGES else HEADERS).items():
        response.headers.setdefault(name, value)
    if settings.secure_cookies:
        response.headers.setdefault("Strict-Transport-Security", ONE_YEAR)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = keeping()
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


class OwnSessions(SecureCookieSessionInterface):
    """Flask's own, which renews a person's cookie with every answer; but a cache between us may keep some of those."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self) -> None:
        self._serializers: dict[Hashable, URLSafeTimedSerializer | None] = {}

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
            kept, signed_at = serializer.loads(sent or "", return_timestamp=True)
        except BadSignature:
            return self.session_class()
        return self.session_class(kept if clock.now() - signed_at <= app.permanent_session_lifetime else None)

    def save_session(self, app: Flask, session: SessionMixin, response: BaseResponse) -> None:
        if not response.cache_control.public:
            super().save_session(app, session, response)  # type: ignore[arg-type]  # flask narrows what it only passes on
