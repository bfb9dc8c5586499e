"""The password, and the browsers that are signed in."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import queries, services
from lms.accounts.models import SignInSession
from lms.accounts.rules import Viewer
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.interop.words import gettext as _
from lms.usecases import registering
from lms.web.accounts.devices import device_name
from lms.web.accounts.forms import ChangePasswordForm, typed
from lms.web.accounts.views.door import bp, own_account
from lms.web.accounts.views.signing_in import must_wait
from lms.web.limits import SIGN_IN, limiter
from lms.web.viewing import reads_first, remember_address, signed_in


@bp.get("/account/security")
def show_security() -> ResponseReturnValue:
    return page(ChangePasswordForm(), signed_in())


@bp.post("/account/security")
@limiter.limit(SIGN_IN)
@reads_first
def update_password() -> ResponseReturnValue:
    reader = signed_in()
    form = ChangePasswordForm()
    form.owner = (reader.name, reader.email)
    if not form.validate_on_submit():
        return page(form, reader), 422
    if must_wait(reader.email, known=True):
        form.form_errors.append(_("Too many tries in a short time. Wait a few minutes, then try again."))
        return page(form, reader), 429
    if not change(reader, typed(form.current), typed(form.password)):
        form.current.errors = [_("This is not your current password.")]
        return page(form, reader), 422
    flash(_("Your password is changed, and your other browsers are signed out."), "ok")
    return redirect(url_for(".show_security"), 303)


@bp.post("/account/security/sessions/<token>/end")
def end_session(token: str) -> ResponseReturnValue:
    reader = signed_in()
    session = own_session_or_404(reader, token)
    registering.end_session(session.id, by=reader.person_id, now=clock.now())
    db.session.commit()
    flash(_("That browser is signed out."), "ok")
    return redirect(url_for(".show_security"), 303)


@bp.post("/account/security/sessions/others/end")
def end_other_sessions() -> ResponseReturnValue:
    reader = signed_in()
    registering.end_other_sessions(reader.account_id, but=reader.session_id, by=reader.person_id, now=clock.now())
    db.session.commit()
    flash(_("Your other browsers are signed out."), "ok")
    return redirect(url_for(".show_security"), 303)


def page(form: ChangePasswordForm, reader: Viewer) -> str:
    sessions = queries.open_sessions(reader.account_id, clock.now())
    return render_template("accounts/security.html", form=form, sessions=sessions, device_name=device_name)


def change(reader: Viewer, current: str, new: str) -> bool:
    """Whether the current password was right, and the new one is kept. Hashing holds no transaction."""
    with unit_of_work.reading(db.session):
        stored_hash = own_account(reader).password_hash
    is_right = services.password_matches(stored_hash, current)
    new_hash = services.hash_password(new) if is_right else ""
    with unit_of_work.writing(db.session):
        account = own_account(reader)
        is_right = is_right and account.password_hash == stored_hash
        if is_right:
            registering.change_password(account, new_hash, keep_session=reader.session_id, now=clock.now())
        else:
            services.record_failure(reader.email, remember_address(), now=clock.now())
        db.session.commit()
    return is_right


def own_session_or_404(reader: Viewer, token: str) -> SignInSession:
    """Another person's session, and one that has ended, look the same as none."""
    own = queries.open_sessions(reader.account_id, clock.now())
    return next((session for session in own if session.token == token), None) or abort(404)
