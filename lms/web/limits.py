"""Flood limits by network address and by person, beside the failure rows that throttle sign-in."""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter
from limits import parse_many
from werkzeug.exceptions import TooManyRequests

from lms.web.counts import CountsInPassing
from lms.web.viewing import SAFE_METHODS, remember_address, viewer

limiter = Limiter(key_func=remember_address, default_limits=[], headers_enabled=False)
FORMS_THAT_MAIL = "20 per minute; 200 per hour"
COUNTS = CountsInPassing.STORAGE_SCHEME[0]
SIGN_IN = "60 per minute"
CODES = "120 per minute"
WRITES = tuple(parse_many("300 per minute; 3000 per hour"))
FREQUENT_WRITES = tuple(parse_many("1200 per minute"))
SENT_WHILE_ONE_WORKS = frozenset(
    {
        "assessment.create_answer",
        "assessment.create_submission",
        "authoring.create_lesson_preview",
        "authoring.create_bank_preview",
        "authoring.create_exam_bank_preview",
    }
)
SIGN_OUT = "accounts.create_sign_out"


def set_up(app: Flask) -> None:
    """The limits that views carry, and no others: each counts where its view is called.

    The library would besides look before and after every request for limits of applications and blueprints.
    """
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)


def count_writes() -> None:
    """Refuse (429) what one person sends beyond what hands can send. Each worker counts for itself.

    What pages send on their own while one works has its own count, which a sitting never reaches, so that nothing
    else a person did can keep an answer of theirs from being saved. Signing out is always possible.
    """
    reader = None if request.method in SAFE_METHODS or not limiter.enabled else viewer()
    if reader is None or request.endpoint == SIGN_OUT:
        return
    frequent = request.endpoint in SENT_WHILE_ONE_WORKS
    kind = "frequent" if frequent else "writes"
    for limit in FREQUENT_WRITES if frequent else WRITES:
        if not limiter.limiter.hit(limit, kind, str(reader.person_id)):
            raise TooManyRequests(retry_after=limit.get_expiry())
