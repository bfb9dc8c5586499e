"""A new password for somebody who forgot theirs."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import queries
from lms.accounts.models import Account, MailPurpose
from lms.accounts.rules import read_email
from lms.accounts.services import hash_password
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.interop.words import gettext as _
from lms.usecases import registering
from lms.web.accounts.forms import NewPasswordForm, ResetForm, typed
from lms.web.accounts.views.door import bp
from lms.web.limits import FORMS_THAT_MAIL, limiter
from lms.web.viewing import reads_first, reset_cookie_session

NO_STORE = {"Cache-Control": "no-store"}


@bp.get("/reset")
def request_reset() -> ResponseReturnValue:
    return render_template("accounts/reset.html", form=ResetForm())


@bp.post("/reset")
@limiter.limit(FORMS_THAT_MAIL)
def create_reset() -> ResponseReturnValue:
    """Ask for a link by mail. Only the worker looks whether the address has an account."""
    form = ResetForm()
    if not form.validate_on_submit():
        return render_template("accounts/reset.html", form=form), 422
    registering.ask_for_reset(read_email(typed(form.email)) or "", now=clock.now())
    db.session.commit()
    flash(_("If this address has an account, a mail is on its way to it. The link in it works for one hour."), "ok")
    return redirect(url_for(".sign_in"), 303)


@bp.get("/reset/<secret>")
def show_new_password(secret: str) -> ResponseReturnValue:
    account = owner_of(secret)
    page = render_template("accounts/new_password.html", form=NewPasswordForm(), secret=secret, email=account.email)
    return page, NO_STORE


@bp.post("/reset/<secret>")
@limiter.limit(FORMS_THAT_MAIL)
@reads_first
def create_new_password(secret: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    with unit_of_work.reading(db.session):
        account = owner_of(secret)
        email = account.email
        form.owner = (queries.person(account.person_id).name, email)
    if not form.validate_on_submit():
        page = render_template("accounts/new_password.html", form=form, secret=secret, email=email)
        return page, 422, NO_STORE
    new_hash = hash_password(typed(form.password))
    with unit_of_work.writing(db.session):
        registering.reset_password(secret, new_hash, now=clock.now())
        db.session.commit()
    reset_cookie_session()
    flash(_("Your password is changed, and every browser is signed out. Sign in with the new one."), "ok")
    return redirect(url_for(".sign_in"), 303)


def owner_of(secret: str) -> Account:
    """Whose password the mailed link may change. Raises LinkEnded."""
    token = queries.usable_mail_token(secret, MailPurpose.RESET_PASSWORD, clock.now())
    if token is None:
        raise registering.LinkEnded
    return db.session.get_one(Account, token.account_id)
