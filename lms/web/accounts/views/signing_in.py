"""Signing in and out.

One sentence for a wrong address and a wrong password, and the same work for both;
refused tries are rows, which throttle further ones without locking out whoever is signed in.
"""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user

from lms.accounts import queries, services
from lms.accounts.models import Account
from lms.accounts.rules import FAILURE_WINDOW, read_email, throttled
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.interop.words import gettext as _
from lms.usecases import registering
from lms.web.accounts import known_browsers
from lms.web.accounts.devices import device_of
from lms.web.accounts.forms import SignInForm, typed
from lms.web.accounts.views.door import bp
from lms.web.desks import desk_of
from lms.web.limits import SIGN_IN, limiter
from lms.web.security import forget_site
from lms.web.viewing import load, reads_first, remember_address, reset_cookie_session, safe_next, viewer


@bp.get("/signin")
def sign_in() -> ResponseReturnValue:
    """The form; `next` is where to go afterwards, if that lies on this site."""
    wanted = safe_next(request.args.get("next"))
    reader = viewer()
    if reader is not None:
        return redirect(wanted or desk_of(reader))
    form = SignInForm(data={"next": wanted})
    return render_template("accounts/sign_in.html", form=form), {"Cache-Control": "no-store"}


@bp.post("/signin")
@limiter.limit(SIGN_IN)
@reads_first
def create_session() -> ResponseReturnValue:
    form = SignInForm()
    form.next.data = safe_next(form.next.data or request.args.get("next")) or ""
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), 422
    email = read_email(typed(form.email)) or typed(form.email)
    if must_wait(email, known=known_browsers.is_known(email)):
        return refused(form, _("Too many tries in a short time. Wait a few minutes, then try again."), 429)
    secret = secret_for(email, typed(form.password))
    if secret is None:
        return refused(form, _("This address and password do not belong together."), 422)
    leave_earlier_session()
    enter(secret)
    return known_browsers.remember(make_response(redirect(form.next.data or desk_of(viewer()), 303)), email)


@bp.post("/signout")
def create_sign_out() -> ResponseReturnValue:
    reader = viewer()
    if reader is not None:
        registering.end_session(reader.session_id, by=reader.person_id, now=clock.now())
        db.session.commit()
    reset_cookie_session()
    return forget_site(make_response(redirect(url_for("public.home"), 303)))


def leave_earlier_session() -> None:
    """Whoever signs in anew in a browser that was signed in leaves nothing open behind."""
    with unit_of_work.reading(db.session):
        earlier = viewer()
    if earlier is not None:
        with unit_of_work.writing(db.session):
            registering.end_session(earlier.session_id, by=earlier.person_id, now=clock.now())
            db.session.commit()
    reset_cookie_session()


def must_wait(email: str, *, known: bool) -> bool:
    """Whether this account or this network address has failed too often in the last minutes."""
    with unit_of_work.reading(db.session):
        failures = queries.failures_since(email, remember_address(), clock.now())
    return throttled(failures, known=known)


def secret_for(email: str, password: str) -> str | None:
    """A new session's secret, or None with the failure recorded. The slow check holds no transaction."""
    with unit_of_work.reading(db.session):
        account = queries.account_by_email(email)
        stored_hash = account.password_hash if account else None
    is_right = services.password_matches(stored_hash, password)
    with unit_of_work.writing(db.session):
        account = queries.account_by_email(email)
        secret = open_session(account) if is_right and still_opens(account, stored_hash) else None
        if secret is None:
            services.record_failure(email, remember_address(), now=clock.now())
        db.session.commit()
    return secret


def still_opens(account: Account | None, stored_hash: str | None) -> bool:
    """Whether the account is as it was when its password was checked, and may be used."""
    return account is not None and account.password_hash == stored_hash and account.suspended_at is None


def open_session(account: Account | None) -> str | None:
    if account is None:
        return None
    user_agent = request.headers.get("User-Agent", "")
    return registering.sign_in(
        account,
        device=device_of(user_agent),
        address=remember_address(),
        user_agent=user_agent,
        now=clock.now(),
    )


def enter(secret: str) -> None:
    """Keep the session's secret in a cookie that stays when the browser is closed."""
    session.permanent = True
    with unit_of_work.reading(db.session):
        login_user(load(secret))


def refused(form: SignInForm, sentence: str, status: int) -> ResponseReturnValue:
    form.form_errors.append(sentence)
    response = make_response(render_template("accounts/sign_in.html", form=form), status)
    response.headers["Cache-Control"] = "no-store"
    if status == 429:
        response.headers["Retry-After"] = str(int(FAILURE_WINDOW.total_seconds()))
    return response
