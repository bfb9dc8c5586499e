"""Assembly: settings, database, doors. Nothing here decides anything."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path

from flask import Blueprint, Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.content import queries as content
from lms.foundation.database import db, engine_options, prepare_engine
from lms.foundation.logs import set_up_logs
from lms.foundation.settings import Settings
from lms.web import (
    addresses,
    assets,
    bodies,
    chrome,
    errors,
    forgery,
    limits,
    security,
    stencils,
    templating,
    transfer,
    viewing,
    wording,
)
from lms.web.application import Application
from lms.web.limits import COUNTS, count_writes

DOORS = {
    "": "public",
    "programs": "catalog",
    "learn": "learning",
    "exams": "assessment",
    "classes": "live",
    "certificates": "credentials",
    "account": "accounts",
    "teach": "teaching",
    "author": "authoring",
    "staff": "staff",
}
LARGEST_FORM_BYTES = 1_000_000
MOST_FORM_PARTS = 1_000


def create_app(settings: Settings | None = None) -> Flask:
    """The product as a WSGI application."""
    settings = settings or Settings()
    set_up_logs()
    app = Application(__name__, static_folder=None, template_folder="web/templates")
    app.config.update(configuration(settings))
    app.extensions["lms_settings"] = settings
    set_up_database(app)
    set_up_web(app, settings)
    for door in DOORS.values():
        app.register_blueprint(blueprint_of(door))
    app.register_blueprint(assets.bp)
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]  # the way that Flask documents
    return app


def configuration(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value() or secrets.token_hex(32),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "SESSION_COOKIE_NAME": "__Host-baton" if settings.secure_cookies else "baton",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "BODY_SECONDS": settings.body_seconds,
        "MAX_CONTENT_LENGTH": LARGEST_FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM_BYTES,
        "MAX_FORM_PARTS": MOST_FORM_PARTS,
        "WTF_CSRF_TIME_LIMIT": None,  # the default hour would break autosave in a long exam
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).parent / "translations"),
        "RATELIMIT_STORAGE_URI": f"{COUNTS}://",
        "RATELIMIT_ENABLED": True,
        "TEMPLATES_AUTO_RELOAD": False,
        "ISSUER_ZONE": lambda: content.issuer_zone().key,
    }


def set_up_database(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def set_up_web(app: Flask, settings: Settings) -> None:
    app.session_interface = security.OwnSessions()
    login = LoginManager()
    login.init_app(app, add_context_processor=False)
    viewing.set_up(login)
    CSRFProtect(app)
    app.before_request(bodies.read_json_as_form)
    Babel(app, locale_selector=viewing.reader_locale, timezone_selector=viewing.reader_zone)
    templating.set_up(app)
    stencils.set_up(app)
    limits.set_up(app)
    app.before_request(count_writes)
    app.after_request(transfer.lighten)  # registered first, so that it comes last
    # First of all: CSRF and guards may already ask the database who is looking.
    app.before_request_funcs.setdefault(None, [])[:0] = [
        viewing.refuse_unstorable,
        viewing.enter_request,
        forgery.refuse_other_sites,
    ]
    app.after_request(viewing.note_use)
    app.teardown_request(viewing.leave_request)
    app.after_request(security.note_refusal)
    app.after_request(partial(security.add_headers, settings=settings))
    errors.register(app)
    app.jinja_env.filters.update(wording.FILTERS)
    app.jinja_env.globals.update(
        asset=assets.asset, remedy_url=addresses.remedy_url, reader_zone_name=wording.zone_name
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(chrome.seen)


def blueprint_of(door: str) -> Blueprint:
    module = import_module(f"lms.web.{door}.views")
    blueprint: Blueprint = module.bp
    return blueprint
