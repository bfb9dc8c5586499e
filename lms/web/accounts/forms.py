"""The forms of accounts. They check shape; the rules of accounts and of claims decide."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, EmailField, Field, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from lms.accounts.models import Claim
from lms.accounts.rules import LONGEST_EMAIL, LONGEST_NAME, password_problem, read_email
from lms.interop.words import gettext
from lms.requirements.claim_kinds import LONGEST_VALUE, Asks, ClaimKind, Stated, fact_value, stated
from lms.web.accounts.zones import zones_by_region
from lms.web.wording import say

LONGEST_NOTE = 2000
# These turn the direction of what stands behind them: a name could be made to read as another.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str | None) -> str:
    """Composed letters, and single spaces between words."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def typed(field: Field) -> str:
    """What somebody typed into a field, "" for nothing."""
    return field.data or ""


def plain_signs(_form: FlaskForm, field: Field) -> None:
    """Refuse signs that nobody can see, except the ends of lines."""
    if any(
        (unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\r\n\t") or sign in TURNING
        for sign in field.data or ""
    ):
        raise ValidationError(gettext("This holds signs that can't be shown. Type it anew."))


def an_address(_form: FlaskForm, field: Field) -> None:
    if read_email(typed(field)) is None:
        raise ValidationError(gettext("Enter an address such as name@example.org."))


def needed(message: str) -> InputRequired:
    return InputRequired(lazy_gettext(message))


def needed_words(message: str) -> DataRequired:
    """Spaces alone are no words."""
    return DataRequired(lazy_gettext(message))


class DayField(DateField):
    """One day, sent as 2026-12-31, with our own words where it is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except ValueError:
            self.data = None
            raise ValueError(gettext("Enter a day of the calendar.")) from None


class SignUpForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    name = StringField(
        lazy_gettext("Your name"),
        [needed_words("Enter your name."), Length(max=LONGEST_NAME), plain_signs],
        filters=[one_line],
        description=lazy_gettext("As it should stand on a certificate."),
    )
    email = EmailField(
        lazy_gettext("E-mail address"), [needed("Enter your address."), Length(max=LONGEST_EMAIL), an_address]
    )
    password = PasswordField(
        lazy_gettext("Password"),
        [needed("Choose a password.")],
        description=lazy_gettext("At least 10 characters. Three or four unrelated words make a good one."),
    )

    def validate_password(self, field: Field) -> None:
        refuse_weak(field, name=typed(self.name), email=typed(self.email))


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    next = HiddenField()
    email = EmailField(lazy_gettext("E-mail address"), [needed("Enter your address.")])
    password = PasswordField(lazy_gettext("Password"), [needed("Enter your password.")])


class ResetForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    email = EmailField(
        lazy_gettext("E-mail address"), [needed("Enter your address."), Length(max=LONGEST_EMAIL), an_address]
    )


class NewPasswordForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """`owner` is (name, address) of whose password it is, once that is known."""

    owner = ("", "")
    password = PasswordField(
        lazy_gettext("New password"),
        [needed("Choose a password.")],
        description=lazy_gettext("At least 10 characters. Three or four unrelated words make a good one."),
    )

    def validate_password(self, field: Field) -> None:
        name, email = self.owner
        refuse_weak(field, name=name, email=email)


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(lazy_gettext("Current password"), [needed("Enter your current password.")])


class ProfileForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    name = StringField(
        lazy_gettext("Your name"),
        [needed_words("Enter your name."), Length(max=LONGEST_NAME), plain_signs],
        filters=[one_line],
        description=lazy_gettext("Certificates issued from now on carry it. Earlier ones keep the name they have."),
    )
    zone = SelectField(
        lazy_gettext("Time zone"),
        [needed("Choose your time zone.")],
        choices=zones_by_region,
        description=lazy_gettext("We show you times in this zone."),
    )


class ClaimForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """What every claim has. What else is asked follows its kind: see `claim_form`."""

    note = TextAreaField(
        lazy_gettext("Note for the staff"),
        [Optional(), Length(max=LONGEST_NOTE), plain_signs],
        description=lazy_gettext("What helps to check it, such as where it can be looked up."),
    )

    def said(self, asks: Asks, *, today: date) -> Stated | None:
        """What was said, or None with an error at each part that can't be taken."""
        found = stated(asks, self._value(), self._day("valid_from"), self._day("valid_until"), today=today)
        if isinstance(found, Stated):
            return found
        for fault in found:
            field = self[fault.part]
            field.errors = [*field.errors, say(fault.message)]
        return None

    def _value(self) -> str:
        value = self["value"].data if "value" in self else ""
        return value.isoformat() if isinstance(value, date) else value or ""

    def _day(self, part: str) -> date | None:
        day: date | None = self[part].data if part in self else None
        return day


class NumberClaimForm(ClaimForm):
    value = StringField(
        lazy_gettext("Number"),
        [needed_words("Enter the number."), Length(max=LONGEST_VALUE), plain_signs],
        filters=[one_line],
    )
    valid_until = DayField(lazy_gettext("Last day"), [needed("Enter the last day on which it is valid.")])


class DateClaimForm(ClaimForm):
    value = DayField(lazy_gettext("Date"), [needed("Enter the date.")])


class DateRangeClaimForm(ClaimForm):
    valid_from = DayField(lazy_gettext("First day"), [needed("Enter the first day.")])
    valid_until = DayField(lazy_gettext("Last day"), [needed("Enter the last day on which it is valid.")])


class TextClaimForm(ClaimForm):
    value = StringField(
        lazy_gettext("What you have"),
        [needed_words("Say in a few words what you have."), Length(max=LONGEST_VALUE), plain_signs],
        filters=[one_line],
    )
    valid_from = DayField(lazy_gettext("Its date"), [Optional()])


class YearsClaimForm(ClaimForm):
    value = StringField(lazy_gettext("Whole years"), [needed_words("Enter the number of years.")], filters=[one_line])


CLAIM_FORMS: dict[Asks, type[ClaimForm]] = {
    "number": NumberClaimForm,
    "date": DateClaimForm,
    "date_range": DateRangeClaimForm,
    "text": TextClaimForm,
    "years": YearsClaimForm,
}


def claim_form(kind: ClaimKind, earlier: Claim | None = None) -> ClaimForm:
    """The form whose fields this kind asks for; nobody reads a note on what nobody verifies.

    It begins with the words of an earlier claim, where one is to be completed.
    """
    form = CLAIM_FORMS[kind.asks](data=said_before(kind, earlier) if earlier else None)
    if kind.self_declared:
        del form.note
    return form


def said_before(kind: ClaimKind, claim: Claim) -> dict[str, Any]:
    """The parts of a claim as the fields hold them; one that was kept under another question leaves its field empty."""
    value = fact_value(kind.asks, claim.value)
    fits = isinstance(value, date) == (kind.asks == "date")
    days = {"valid_from": claim.valid_from, "valid_until": claim.valid_until}
    return {"value": value if fits else None, "note": claim.note, **days}


def refuse_weak(field: Field, *, name: str, email: str) -> None:
    problem = password_problem(typed(field), name=name, email=email)
    if problem is not None:
        raise ValidationError(say(problem))
