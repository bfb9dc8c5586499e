"""The form by which staff describe a class. It checks shape; the use case decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs do not know it yet
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from lms.foundation import clock
from lms.interop.words import gettext
from lms.live.models import ClassFormat, LiveSession
from lms.live.rules import LINK_SCHEMES
from lms.live.services import Meeting
from lms.overviews.classes import ClassCase, ClassStage
from lms.overviews.people import Named
from lms.usecases.offering import MOST_MEETINGS, Changes, NewClass
from lms.web.fields import DayField, one_line, plain_signs
from lms.web.wording import label

LONGEST_TITLE = 120
LONGEST_PLACE = 300
MOST_PLACES = 500
FARTHEST = timedelta(days=5 * 366)


class MultiCheckboxField(SelectMultipleField):
    """Several of a list, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SessionForm(Form):
    """One session; a row that is wholly empty is none."""

    title = StringField(lazy_gettext("About"), [Length(max=LONGEST_TITLE), plain_signs], filters=[one_line])
    day = DayField(lazy_gettext("Day"), [Optional()])
    starts = TimeField(lazy_gettext("Begins"), [Optional()])
    ends = TimeField(lazy_gettext("Ends"), [Optional()])

    @property
    def is_empty(self) -> bool:
        return not (self.title.data or self.day.data or self.starts.data or self.ends.data)

    @property
    def times(self) -> tuple[date, time, time] | None:
        """The day, when it begins and when it ends; None unless all three were said."""
        day, starts, ends = self.day.data, self.starts.data, self.ends.data
        return (day, starts, ends) if day and starts and ends else None


class ChangeForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """What of a class can be changed while people have seats in it."""

    title = StringField(
        lazy_gettext("Title"),
        [DataRequired(lazy_gettext("Give the class a title.")), Length(max=LONGEST_TITLE), plain_signs],
        filters=[one_line],
    )
    place = StringField(lazy_gettext("Where people meet"), [Length(max=LONGEST_PLACE), plain_signs], filters=[one_line])
    join_link = StringField(
        lazy_gettext("Link to join"),
        [Length(max=LONGEST_PLACE), plain_signs],
        filters=[one_line],
        description=lazy_gettext("Shown to confirmed people alone, from 30 minutes before each session."),
    )
    capacity = IntegerField(
        lazy_gettext("Places"),
        [InputRequired(lazy_gettext("Say how many places there are.")), NumberRange(1, MOST_PLACES)],
        default=40,
    )
    minimum = IntegerField(lazy_gettext("At least"), [NumberRange(0, MOST_PLACES)], default=1)
    instructors = MultiCheckboxField(lazy_gettext("Taught by"))

    def validate_join_link(self, field: Field) -> None:
        if field.data and not field.data.startswith(LINK_SCHEMES):
            raise ValidationError(gettext("Enter an address that begins with https://."))

    def validate_minimum(self, field: Field) -> None:
        if field.data is not None and self.capacity.data is not None and field.data > self.capacity.data:
            raise ValidationError(gettext("The minimum is more than there are places."))

    def changes(self, instructors: Sequence[Named]) -> Changes:
        """What was asked for, as the use case takes it."""
        ids = {one.token: one.person_id for one in instructors}
        return Changes(
            title=self.title.data or "",
            capacity=self.capacity.data or 0,
            minimum=self.minimum.data or 0,
            place=self.place.data or "",
            join_link=self.join_link.data or "",
            instructor_ids=[ids[token] for token in self.instructors.data or [] if token in ids],
        )


class ClassForm(ChangeForm):
    """All of a class: while nobody has a seat in it."""

    stage = SelectField(lazy_gettext("For"), [InputRequired(lazy_gettext("Choose what the class is for."))])
    format = RadioField(lazy_gettext("Format"), [InputRequired(lazy_gettext("Choose how people meet."))])
    zone = SelectField(
        lazy_gettext("Time zone"),
        [InputRequired(lazy_gettext("Choose the zone of the times below."))],
        description=lazy_gettext("The times below are read in it. Everybody sees them in their own."),
    )
    sessions = FieldList(FormField(SessionForm), min_entries=MOST_MEETINGS, max_entries=MOST_MEETINGS)

    def validate_place(self, field: Field) -> None:
        if self.format.data == ClassFormat.IN_PERSON and not field.data:
            raise ValidationError(gettext("Say where people meet."))

    def validate_sessions(self, _field: Field) -> None:
        filled = [entry.form.times for entry in self.sessions if not entry.form.is_empty]
        if not filled:
            raise ValidationError(gettext("A class has at least one session."))
        for times in filled:
            if times is None:
                raise ValidationError(gettext("Each session needs its day, when it begins and when it ends."))
            day, starts, ends = times
            if abs(day - clock.now().date()) > FARTHEST:
                raise ValidationError(gettext("A session lies within the next five years."))
            if ends <= starts:
                raise ValidationError(gettext("A session ends after it begins."))
            if not self.zone.errors and not (self._exists(day, starts) and self._exists(day, ends)):
                raise ValidationError(gettext("Clocks are changed on one of these days, and skip a time you entered."))

    def _exists(self, day: date, shown: time) -> bool:
        """Whether the clocks of the class's zone show this time on this day."""
        local = datetime.combine(day, shown, ZoneInfo(self.zone.data))
        return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)

    def described(self, instructors: Sequence[Named]) -> NewClass:
        """The class as the use case takes it."""
        said = super().changes(instructors)
        return NewClass(
            stage_id=self.stage.data,
            title=said.title,
            format=ClassFormat(self.format.data),
            zone=self.zone.data,
            capacity=said.capacity,
            minimum=said.minimum,
            place=said.place,
            join_link=said.join_link,
            meetings=list(self._meetings(ZoneInfo(self.zone.data))),
            instructor_ids=said.instructor_ids,
        )

    def changes(self, instructors: Sequence[Named]) -> Changes:
        return replace(super().changes(instructors), anew=self.described(instructors))

    def _meetings(self, zone: ZoneInfo) -> Iterator[Meeting]:
        for entry in self.sessions:
            if (times := entry.form.times) is not None:
                day, starts, ends = times
                begins, closes = datetime.combine(day, starts, zone), datetime.combine(day, ends, zone)
                yield Meeting(entry.form.title.data or "", begins, closes)


def change_form(case: ClassCase, stages: Sequence[ClassStage], instructors: Sequence[Named]) -> ChangeForm:
    """The form of a class as it stands: all of it, or what can be changed once somebody has a seat."""
    offering, zone = case.offering, ZoneInfo(case.offering.zone)
    held: dict[str, object] = {
        name: getattr(offering, name) for name in ("title", "place", "join_link", "capacity", "minimum")
    }
    held["instructors"] = [one.token for one in case.instructors]
    if case.has_begun_to_fill:
        form = ChangeForm(data=held)
        form.instructors.choices = [SelectChoice(one.token, one.name) for one in instructors]
        return form
    held |= {"stage": offering.stage_id, "format": offering.format.value, "zone": offering.zone}
    held["sessions"] = [_said_in(session, zone) for session in case.sessions]
    return class_form(stages, instructors, zone=offering.zone, held=held)


def _said_in(session: LiveSession, zone: ZoneInfo) -> dict[str, object]:
    begins, ends = session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)
    return {"title": session.title, "day": begins.date(), "starts": begins.time(), "ends": ends.time()}


def class_form(
    stages: Sequence[ClassStage],
    instructors: Sequence[Named],
    *,
    zone: str,
    held: Mapping[str, object] | None = None,
) -> ClassForm:
    """The form with what may be chosen; `zone` is the one it begins with, `held` what the class has now."""
    form = ClassForm(data=held)
    form.stage.choices = [SelectChoice(stage.id, f"{stage.title} ({', '.join(stage.programs)})") for stage in stages]
    form.format.choices = [SelectChoice(one.value, label(one)) for one in ClassFormat]
    form.zone.choices = [SelectChoice(name, name.replace("_", " ")) for name in zones(zone)]
    form.instructors.choices = [SelectChoice(one.token, one.name) for one in instructors]
    if form.zone.data is None:
        form.zone.data = zone
    return form


def zones(chosen: str) -> list[str]:
    """The zones of places, without the abbreviations and offsets that no daylight saving follows."""
    places = {name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))}
    return sorted(places | {chosen})
