"""The door itself: its blueprint and its guard. Whatever is not named as open asks to sign in first."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from lms.accounts import queries
from lms.accounts.models import Account
from lms.accounts.rules import Viewer
from lms.foundation.database import db
from lms.usecases.registering import LinkEnded
from lms.web.viewing import require_sign_in

bp = Blueprint("accounts", __name__)
OPEN = frozenset(
    {
        "sign_up",
        "create_account",
        "show_sent",
        "show_verification",
        "create_verification",
        "sign_in",
        "create_session",
        "create_sign_out",
        "request_reset",
        "create_reset",
        "show_new_password",
        "create_new_password",
    }
)


@bp.before_request
def guard() -> ResponseReturnValue | None:
    name = (request.endpoint or "").rpartition(".")[2]
    return None if name in OPEN else require_sign_in()


@bp.errorhandler(LinkEnded)
def show_link_ended(_error: LinkEnded) -> ResponseReturnValue:
    """The same page for a link that was used, is too old, or never was."""
    db.session.rollback()
    return render_template("accounts/link_ended.html"), LinkEnded.status, {"Cache-Control": "no-store"}


def own_account(reader: Viewer) -> Account:
    """The viewer's account as a row. Raises LookupError if it went between two statements."""
    account = queries.account_of(reader.person_id)
    if account is None:
        raise LookupError("The viewer's account is gone.")
    return account
