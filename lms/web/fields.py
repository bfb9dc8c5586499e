"""Fields and checks of fields that several doors share."""

from __future__ import annotations

import unicodedata
from datetime import date
from functools import lru_cache
from typing import Any

from babel.support import NullTranslations, Translations
from flask_wtf import FlaskForm
from wtforms import DateField, Field
from wtforms.i18n import messages_path
from wtforms.validators import ValidationError

from lms.interop.words import gettext

# These turn the direction of what stands behind them: a text could be made to read as another.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@lru_cache(maxsize=16)
def words_of_fields(locale: str) -> NullTranslations:
    """The field library's own sentences, whose catalogue would otherwise be read from disk for each form that is sent."""
    return Translations.load(messages_path(), [locale], "wtforms")


class DayField(DateField):
    """One day, sent as 2026-12-31, with our own words where it is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except ValueError:
            raise ValueError(gettext("Enter a day of the calendar.")) from None


def plain_signs(_form: FlaskForm, field: Field) -> None:
    """Refuse signs that nobody can see, except the ends of lines."""
    if any(
        (unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\r\n\t") or sign in TURNING
        for sign in field.data or ""
    ):
        raise ValidationError(gettext("This holds signs that can't be shown. Type it anew."))


def one_line(text: str | None) -> str:
    """Composed letters, and single spaces between words."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())
