"""Every refusal and failure as a page or as problem-JSON (RFC 9457): what happened, what was kept, what to do."""

from __future__ import annotations

import json

import structlog
from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from lms.foundation.database import db
from lms.foundation.errors import Busy, DomainError
from lms.foundation.unit_of_work import is_busy
from lms.web.viewing import wants_json
from lms.web.wording import say

log = structlog.get_logger()


def register(app: Flask) -> None:
    app.register_error_handler(DomainError, answer_domain_error)
    app.register_error_handler(CSRFError, answer_csrf_error)
    app.register_error_handler(OperationalError, answer_database_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_failure)


def answer_domain_error(error: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    response = answer(error.status, say(error.message), code=error.code, kept=say(error.kept), remedy=say(error.remedy))
    if isinstance(error, Busy):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def answer_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return answer(
        400,
        _("This form was opened in another session, or too long ago."),
        code="form-expired",
        kept=_("Nothing was changed."),
        remedy=_("Go back, reload the page and send it again."),
    )


def answer_database_error(error: OperationalError) -> ResponseReturnValue:
    if is_busy(error):
        return answer_domain_error(Busy())
    return answer_failure(error)


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    db.session.rollback()
    status = error.code or 500
    if status < 400:
        return error
    happened, remedy = sentences(status)
    return answer(status, happened, code=error.name.lower().replace(" ", "-"), remedy=remedy, extra=error.get_headers())


def answer_failure(error: Exception) -> ResponseReturnValue:
    """Ours, not theirs. The log gets the trace and the route; never a form, an answer or a name."""
    db.session.rollback()
    log.error("request_failed", endpoint=request.endpoint, method=request.method, exc_info=error)
    happened, remedy = sentences(500)
    return answer(500, happened, code="failure", kept=_("What was saved before stays saved."), remedy=remedy)


def sentences(status: int) -> tuple[str, str]:
    """What happened and what to do, for a status that carries no sentence of its own."""
    said = {
        400: (_("We could not read what your browser sent."), _("Go back, reload the page and try once more.")),
        401: (_("You are not signed in."), _("Sign in and try again.")),
        403: (_("This is not yours to do."), _("If you think it should be, write to the staff.")),
        404: (_("There is nothing at this address."), _("Check the address, or start from the first page.")),
        405: (_("This address can't be used in that way."), _("Go back and use the buttons of the page.")),
        413: (_("That was too much to send at once."), _("Shorten it and send it again.")),
        429: (_("Too many tries in a short time."), _("Wait a few minutes, then try again.")),
        500: (
            _("Something failed on our side."),
            _("Try again. If it stays, tell the staff what you were doing."),
        ),
    }
    return said.get(status, (_("This did not work."), _("Go back and try again.")))


def answer(
    status: int,
    happened: str,
    *,
    code: str,
    kept: str = "",
    remedy: str = "",
    extra: list[tuple[str, str]] | None = None,
) -> Response:
    if wants_json():
        problem = {
            "type": "about:blank",
            "status": status,
            "code": code,
            "title": happened,
            "kept": kept,
            "remedy": remedy,
        }
        response = Response(json.dumps(problem), status=status, mimetype="application/problem+json")
    else:
        response = Response(page_of(status, happened, kept, remedy), status=status, mimetype="text/html")
    for name, value in extra or []:
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response


def page_of(status: int, happened: str, kept: str, remedy: str) -> str:
    """The page, in the frame of all pages; bare where the database can't even say who is looking."""
    said = {"status": status, "happened": happened, "kept": kept, "remedy": remedy}
    try:
        return render_template("errors/error.html", **said)
    except SQLAlchemyError:
        db.session.rollback()
        environment = current_app.jinja_env
        return environment.get_template("errors/bare.html").render(**said)
