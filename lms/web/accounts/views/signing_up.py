"""Signing up, and confirming an address."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import queries
from lms.accounts.models import MailPurpose
from lms.accounts.rules import read_email
from lms.accounts.services import hash_password
from lms.content import queries as content
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.interop.words import gettext as _
from lms.usecases import registering
from lms.web.accounts.forms import SignUpForm, typed
from lms.web.accounts.views.door import bp, own_account
from lms.web.limits import FORMS_THAT_MAIL, limiter
from lms.web.viewing import reads_first, safe_next, signed_in, viewer


@bp.get("/signup")
def sign_up() -> ResponseReturnValue:
    if viewer() is not None:
        return redirect(url_for(".show_account"))
    return page_of(SignUpForm())


@bp.post("/signup")
@limiter.limit(FORMS_THAT_MAIL)
@reads_first
def create_account() -> ResponseReturnValue:
    """The answer and the work are the same whether or not the address has an account."""
    form = SignUpForm()
    if not form.validate_on_submit():
        return page_of(form), 422
    email, zone = read_email(typed(form.email)) or "", content.issuer_zone().key
    db.session.rollback()
    password_hash = hash_password(typed(form.password))
    with unit_of_work.writing(db.session):
        registering.sign_up(typed(form.name), email, password_hash, zone=zone, now=clock.now())
        db.session.commit()
    return redirect(url_for(".show_sent", next=asked_next()), 303)


@bp.get("/signup/sent")
def show_sent() -> ResponseReturnValue:
    return render_template("accounts/sent.html", back=asked_next())


def page_of(form: SignUpForm) -> str:
    return render_template("accounts/sign_up.html", form=form, back=asked_next())


def asked_next() -> str | None:
    """The page of this site from which somebody came to sign up, to go on there once they are in."""
    return safe_next((request.form if request.method == "POST" else request.args).get("next"))


@bp.get("/verify-address/<secret>")
def show_verification(secret: str) -> ResponseReturnValue:
    """A page with a button: mail programs open links by themselves, and a GET changes nothing."""
    if queries.usable_mail_token(secret, MailPurpose.VERIFY_ADDRESS, clock.now()) is None:
        raise registering.LinkEnded
    return render_template("accounts/verify_address.html", secret=secret), {"Cache-Control": "no-store"}


@bp.post("/verify-address/<secret>")
def create_verification(secret: str) -> ResponseReturnValue:
    registering.verify_address(secret, now=clock.now())
    db.session.commit()
    flash(_("Your address is confirmed."), "ok")
    return redirect(url_for(".show_account" if viewer() else ".sign_in"), 303)


@bp.post("/account/verification-mail")
@limiter.limit(FORMS_THAT_MAIL)
def create_verification_mail() -> ResponseReturnValue:
    """Send the link once more to somebody whose address is not confirmed."""
    reader = signed_in()
    if not reader.verified:
        registering.resend_verification(own_account(reader), now=clock.now())
        db.session.commit()
    flash(_("We have sent you a mail. Open the link in it."), "ok")
    return redirect(url_for(".show_account"), 303)
