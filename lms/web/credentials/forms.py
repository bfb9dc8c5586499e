"""What the certificate pages ask."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length


class CodeForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """A code to look up: a GET, so that the answer can be bookmarked."""

    class Meta:
        csrf = False

    code = StringField(_("Certificate code"), [InputRequired(_("Enter the code of a certificate.")), Length(max=100)])
