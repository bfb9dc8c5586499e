"""Every refusal and failure as a page or as problem-JSON (RFC 9457): what happened, what was kept, what to do."""

from __future__ import annotations

import json

from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from lms.foundation.database import db
from lms.foundation.errors import DomainError
from lms.foundation.logs import get_logger
from lms.foundation.refusals import REFUSALS, Refusal, refusal_of
from lms.interop.words import gettext as _
from lms.web.viewing import only_look, wants_json
from lms.web.wording import say

log = get_logger()


def register(app: Flask) -> None:
    app.register_error_handler(DomainError, answer_domain_error)
    app.register_error_handler(CSRFError, answer_csrf_error)
    app.register_error_handler(DBAPIError, answer_database_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_failure)


def answer_domain_error(error: DomainError) -> ResponseReturnValue:
    only_look()
    if isinstance(error, REFUSALS):
        return answer_refusal(error)
    return answer(error.status, say(error.message), code=error.code, kept=say(error.kept), remedy=say(error.remedy))


def answer_refusal(error: Refusal) -> Response:
    """The database took nothing: when to come back, and what was typed, ready to be sent again."""
    said = (say(error.message), say(error.kept), say(error.remedy))
    response = answer(error.status, said[0], code=error.code, kept=said[1], remedy=said[2], again=typed_fields())
    return come_back(response, error)


def come_back(response: Response, error: Refusal) -> Response:
    """Say when the next try may help."""
    response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def typed_fields() -> list[tuple[str, str]]:
    """The fields of the form that was sent, for a form that sends them once more; none where a secret is among them."""
    if request.method != "POST" or wants_json() or any("password" in name for name in request.form):
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def answer_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    only_look()
    return answer(
        400,
        _("This form was opened in another session, or too long ago."),
        code="form-expired",
        kept=_("Nothing was changed."),
        remedy=_("Go back, reload the page and send it again."),
    )


def answer_database_error(error: DBAPIError) -> ResponseReturnValue:
    refusal = refusal_of(error)
    if refusal is None:
        return answer_failure(error)
    log.warning("database_refused", endpoint=request.endpoint, method=request.method, code=refusal.code)
    return answer_domain_error(refusal)


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    only_look()
    status = error.code or 500
    if status < 400:
        return error
    happened, remedy = sentences(status)
    return answer(status, happened, code=error.name.lower().replace(" ", "-"), remedy=remedy, extra=error.get_headers())


def answer_failure(error: Exception) -> ResponseReturnValue:
    """Ours, not theirs. The log gets the trace and the route; never a form, an answer or a name."""
    only_look()
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
    again: list[tuple[str, str]] | None = None,
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
        response = Response(page_of(status, happened, kept, remedy, again), status=status, mimetype="text/html")
    for name, value in extra or []:
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response


def page_of(status: int, happened: str, kept: str, remedy: str, again: list[tuple[str, str]] | None = None) -> str:
    """The page, in the frame of all pages; bare where the database can't even say what stands in it."""
    said = {"status": status, "happened": happened, "kept": kept, "remedy": remedy, "again": again or []}
    try:
        return render_template("errors/error.html", **said)
    except (SQLAlchemyError, *REFUSALS):
        db.session.rollback()
        environment = current_app.jinja_env
        return environment.get_template("errors/bare.html").render(**said)
