"""What the pages of a sitting send. Whether an answer fits its item is the item's to say."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField
from wtforms.validators import InputRequired, NumberRange

from lms.assessment.rules.journal import LARGEST_SEQUENCE


class ValuesField(Field):
    """Every value sent under one name, as it was sent."""

    data: list[str]

    def process_data(self, value: Any) -> None:
        self.data = list(value or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [str(value) for value in valuelist]


class AnswerForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """One answer: places of options or a text, whether to come back, and the number of this save."""

    sequence = IntegerField(validators=[InputRequired(), NumberRange(1, LARGEST_SEQUENCE)])
    answer = ValuesField()
    flagged = BooleanField()
