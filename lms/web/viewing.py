"""Who is looking: made once per request, and the guards that blueprints put on their doors."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Response, abort, current_app, g, has_request_context, redirect, request, session, url_for
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as BaseResponse

from lms.accounts import queries, services
from lms.accounts.rules import Capability, Viewer
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Busy, DomainError
from lms.foundation.unit_of_work import Mode

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login carries no types
    """What flask-login keeps for us: the session's secret, and the viewer behind it."""

    def __init__(self, secret: str, viewer: Viewer) -> None:
        self.secret = secret
        self.viewer = viewer

    def get_id(self) -> str:
        return self.secret


def set_up(login: LoginManager) -> None:
    login.session_protection = (
        None  # our sessions are rows that can be ended; an address that changes on a phone ends nothing
    )
    login.user_loader(load)


def load(secret: str) -> SignedIn | None:
    found = queries.viewer_of(secret, clock.now())
    return SignedIn(secret, found) if found else None


def viewer() -> Viewer | None:
    """The viewer of this request, or None for anyone who is not signed in."""
    user = current_user._get_current_object()  # noqa: SLF001  # the proxy's documented way to its object
    return user.viewer if isinstance(user, SignedIn) else None


def only_look() -> None:
    """For the rest of this request nothing is written: what was begun is undone, and what answers it only reads.

    Otherwise the page that says that the write lock could not be had would wait for it once more. Where even
    reading fails, nobody is looking.
    """
    db.session.rollback()
    unit_of_work.enter(Mode.READ)
    try:
        viewer()
    except (SQLAlchemyError, DomainError):
        db.session.rollback()
        g._login_user = AnonymousUserMixin()  # noqa: SLF001  # where flask-login keeps whom it has loaded


def reader_locale() -> Locale:
    """The language of the reader: their own choice, else the nearest to what the browser asks for."""
    reader = viewer()
    if reader is not None:
        return locale_of(reader.locale)
    if not has_request_context():
        return locale_of("en")
    return locale_of(request.accept_languages.best_match(["en"]) or "en")


@lru_cache(maxsize=64)
def locale_of(name: str) -> Locale:
    return Locale.parse(name)


def reader_zone() -> ZoneInfo:
    """The reader's own zone; the issuer's where nobody is signed in."""
    reader = viewer()
    return ZoneInfo(reader.zone if reader else current_app.config["ISSUER_ZONE"]())


def signed_in() -> Viewer:
    """The viewer of a door that `require_sign_in` or `require` guards."""
    found = viewer()
    if found is None:
        abort(404)
    return found


def enter_request() -> None:
    """Every request begins by reading, so that nobody waits for the write lock while we find out who is looking."""
    unit_of_work.enter(Mode.READ)


def enter_view() -> None:
    """GET reads on; a view marked `reads_only` or `reads_first` does so too; every other writes from here on.

    Whoever is refused before this (no token, not signed in, too often) never held the lock.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in SAFE_METHODS or getattr(view, "begins_by_reading", False):
        return
    if db.session.registry.has():
        db.session.rollback()
    unit_of_work.enter(Mode.WRITE)


def refuse_unstorable() -> None:
    """An address with a NUL in it names nothing, and no database would take it as a value."""
    if "\x00" in request.path or b"%00" in request.query_string:
        abort(404)


def note_use(response: Response) -> Response:
    """A session's last use is written by its next POST, at most every five minutes."""
    if request.method not in SAFE_METHODS and response.status_code < 400 and (reader := viewer()) is not None:
        now = clock.now()
        if services.session_is_stale(reader.session_used_at, now):
            _touch(reader.session_id, now)
    return response


def _touch(session_id: int, now: datetime) -> None:
    """Where the database is busy, the next POST does it: what was asked for is committed and must be told so."""
    with suppress(Busy, OperationalError), unit_of_work.writing(db.session):
        services.touch_session(session_id, now=now)
        db.session.commit()


def leave_request(_error: BaseException | None = None) -> None:
    if db.session.registry.has():
        db.session.rollback()
    unit_of_work.leave()


def reads_only(view: View) -> View:
    """A POST that stores nothing (a preview, a check): it never takes the write lock."""
    view.begins_by_reading = True  # type: ignore[attr-defined]  # a mark that enter_request reads
    return view


def reads_first(view: View) -> View:
    """A POST that must hash, parse or render before it writes: it opens `unit_of_work.writing` itself."""
    return reads_only(view)


def require_sign_in() -> BaseResponse | None:
    """Guard: send strangers to the sign-in page, and bring them back to where they were going."""
    if viewer() is not None:
        return None
    if wants_json():
        abort(401)
    back = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    return redirect(url_for("accounts.sign_in", next=back))


def require(*capabilities: Capability) -> Callable[[], BaseResponse | None]:
    """Guard: without one of the capabilities the door looks as if it did not exist."""

    def guard() -> BaseResponse | None:
        answer = require_sign_in()
        if answer is None and not any(signed_in().can(capability) for capability in capabilities):
            abort(404)
        return answer

    return guard


def wants_json() -> bool:
    return prefers_json(request.headers.get("Accept", ""))


@lru_cache(maxsize=256)
def prefers_json(accept: str) -> bool:
    accepted = parse_accept_header(accept, MIMEAccept)
    best = accepted.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def safe_next(address: str | None) -> str | None:
    """A path of this site to return to, or None. Anything that could lead elsewhere is dropped."""
    if not address or len(address) > 500 or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    if any(ord(sign) < 32 or sign in "\\\x7f" for sign in address):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address


def remember_address() -> str:
    """The network address that throttling counts; behind proxies only as far as settings trust them."""
    return request.remote_addr or ""


def reset_cookie_session() -> None:
    """Forget everything a browser held before signing in or out: no fixation."""
    session.clear()
    g.pop("csrf_token", None)


def no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
