"""The headers that every answer carries. Nothing inline runs, so there is no nonce to leak."""

from __future__ import annotations

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response as BaseResponse

from lms.foundation.settings import Settings

DIRECTIVES = {
    "default-src": "'none'",
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
# What no browser opens as a page of its own needs no policy for pages: the first visit fetches five of these.
PARTS_OF_PAGES = frozenset({"text/css", "text/javascript", "application/javascript", "font/woff2"})
HEADERS_OF_PARTS = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")
ONE_YEAR = "max-age=31536000; includeSubDomains"


def add_headers(response: Response, settings: Settings) -> Response:
    for name in HEADERS_OF_PARTS if response.mimetype in PARTS_OF_PAGES else HEADERS:
        response.headers.setdefault(name, HEADERS[name])
    if settings.secure_cookies:
        response.headers.setdefault("Strict-Transport-Security", ONE_YEAR)
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


class OwnSessions(SecureCookieSessionInterface):
    """Flask's own, which renews a person's cookie with every answer; but a cache between us may keep some of those."""

    def save_session(self, app: Flask, session: SessionMixin, response: BaseResponse) -> None:
        if not response.cache_control.public:
            super().save_session(app, session, response)  # type: ignore[arg-type]  # flask narrows what it only passes on
