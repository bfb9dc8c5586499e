"""One's own name and time zone."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.foundation import clock
from lms.foundation.database import db
from lms.interop.words import gettext as _
from lms.usecases import registering
from lms.web.accounts.forms import ProfileForm, typed
from lms.web.accounts.views.door import bp
from lms.web.viewing import signed_in


@bp.get("/account")
def show_account() -> ResponseReturnValue:
    reader = signed_in()
    return render_template("accounts/account.html", form=ProfileForm(data={"name": reader.name, "zone": reader.zone}))


@bp.post("/account")
def update_account() -> ResponseReturnValue:
    form = ProfileForm()
    if not form.validate_on_submit():
        return render_template("accounts/account.html", form=form), 422
    registering.change_profile(signed_in().person_id, name=typed(form.name), zone=form.zone.data, now=clock.now())
    db.session.commit()
    flash(_("Your profile is saved."), "ok")
    return redirect(url_for(".show_account"), 303)
