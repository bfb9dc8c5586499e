"""What the pages of a sitting send. Whether an answer fits its item is the item's to say."""

from __future__ import annotations

from typing import Any

from babel.support import NullTranslations
from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField
from wtforms.validators import InputRequired, NumberRange

from lms.assessment.rules.journal import LARGEST_SEQUENCE
from lms.web.fields import words_of_fields


class ValuesField(Field):
    """Every value sent under one name, as it was sent."""

    data: list[str]

    def process_data(self, value: Any) -> None:
        self.data = list(value or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [str(value) for value in valuelist]


class AnswerForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """One answer: places of options or a text, whether to come back, and the number of this save."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # flask-wtf carries no types
        """The busiest form of the house: its words are kept, and its token, which every POST is asked for, is not
        asked for twice."""

        csrf = False

        def get_translations(self, _form: FlaskForm) -> NullTranslations:
            return words_of_fields(str(get_locale()))

    sequence = IntegerField(validators=[InputRequired(), NumberRange(1, LARGEST_SEQUENCE)])
    answer = ValuesField()
    flagged = BooleanField()
