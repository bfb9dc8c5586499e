"""The pages of a sitting. Nothing of a key goes in: options carry their places, and never their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import ascii_uppercase
from typing import Literal

from flask import url_for
from markupsafe import Markup

from lms.assessment.queries import Place, Sitting
from lms.interop.words import gettext as _
from lms.items import public_form, type_named
from lms.items.choosing import ChoosingType, chosen_options
from lms.items.entering import entered_text
from lms.items.interface import LONGEST_RESPONSE
from lms.web.assessment.pages.words import clock_face, exam_title
from lms.web.wording import clock_time

Input = Literal["radio", "checkbox", "text", "decimal"]


@dataclass(frozen=True)
class Bar:
    """What stands over every page of a sitting; `remaining_seconds` is None for an untimed one."""

    title: str
    attempt_url: str
    remaining_seconds: int | None
    clock: str
    ends: str
    announcements: Mapping[int, str]


@dataclass(frozen=True)
class Cell:
    """One item in the overview."""

    position: int
    answered: bool
    flagged: bool
    current: bool
    url: str


@dataclass(frozen=True)
class Overview:
    """Where the sitting stands."""

    cells: tuple[Cell, ...]
    answered: int
    flagged: int
    size: int

    @property
    def unanswered(self) -> int:
        return self.size - self.answered


@dataclass(frozen=True)
class ShownOption:
    """An option as it is shown: its place from 0 is all that the page knows of it."""

    value: str
    letter: str
    html: Markup
    chosen: bool


@dataclass(frozen=True)
class ItemPage:
    """One item to answer. `problem` says what could not be saved; then `text` is what was typed."""

    bar: Bar
    overview: Overview
    position: int
    size: int
    url: str
    review_url: str
    leave_url: str
    stem: Markup
    input: Input
    options: tuple[ShownOption, ...]
    text: str
    unit: str
    longest: int
    flagged: bool
    sequence: int
    problem: str

    @property
    def previous(self) -> int | None:
        return self.position - 1 if self.position > 1 else None

    @property
    def next(self) -> int | None:
        return self.position + 1 if self.position < self.size else None

    @property
    def letters(self) -> str:
        """The keys that choose, such as "A–D"."""
        return f"A–{self.options[-1].letter}" if len(self.options) > 1 else ""


@dataclass(frozen=True)
class SubmissionPage:
    """What submitting would mean now."""

    bar: Bar
    overview: Overview
    is_quiz: bool
    url: str
    back_url: str


def item_url(token: str, position: int) -> str:
    return url_for("assessment.show_item", token=token, position=position)


def bar_of(sat: Sitting, *, now: datetime) -> Bar:
    left, ends_at = sat.remaining(now), sat.attempt.deadline_at
    return Bar(
        exam_title(sat.exam),
        url_for("assessment.show_attempt", token=sat.attempt.token),
        None if left is None else int(left.total_seconds()),
        "" if left is None else clock_face(left),
        "" if ends_at is None else clock_time(ends_at),
        {} if left is None else announcements(),
    )


def overview_of(sat: Sitting, current: int | None = None) -> Overview:
    cells = tuple(
        Cell(
            place.position,
            place.answered,
            place.flagged,
            place.position == current,
            item_url(sat.attempt.token, place.position),
        )
        for place in sat.places
    )
    return Overview(cells, sat.answered, sat.flagged, sat.size)


def item_page(
    sat: Sitting, place: Place, *, now: datetime, problem: str = "", typed: Sequence[str] | None = None
) -> ItemPage:
    """`typed` is what came back from a form that could not be saved."""
    token = sat.attempt.token
    text = entered_text(place.response) if typed is None else "".join(typed)
    return ItemPage(
        bar=bar_of(sat, now=now),
        overview=overview_of(sat, place.position),
        position=place.position,
        size=sat.size,
        url=item_url(token, place.position),
        review_url=url_for("assessment.show_submission", token=token),
        leave_url="" if sat.attempt.deadline_at else url_for("assessment.find_exam", exam_id=sat.exam.id),
        stem=Markup(place.document.stem_html),  # noqa: S704  # sanitised when it was published, as all HTML of this file
        input=input_of(place),
        options=options_of(place),
        text=text,
        unit=public_form(place.document.item).shown.get("unit", ""),
        longest=LONGEST_RESPONSE,
        flagged=place.flagged,
        sequence=sat.next_sequence(place.position, now),
        problem=problem,
    )


def input_of(place: Place) -> Input:
    kind = type_named(place.document.item.type)
    if isinstance(kind, ChoosingType):
        return "checkbox" if kind.chooses_several else "radio"
    return "decimal" if kind.name == "numeric" else "text"


def options_of(place: Place) -> tuple[ShownOption, ...]:
    chosen, html = chosen_options(place.response), place.document.option_html
    return tuple(
        ShownOption(str(index), ascii_uppercase[index], Markup(html[option_id]), option_id in chosen)  # noqa: S704  # sanitised when it was published
        for index, option_id in enumerate(place.order)
    )


def submission_page(sat: Sitting, *, now: datetime) -> SubmissionPage:
    token = sat.attempt.token
    return SubmissionPage(
        bar_of(sat, now=now),
        overview_of(sat),
        sat.exam.kind == "quiz",
        url_for("assessment.show_submission", token=token),
        item_url(token, sat.first_unanswered() or sat.size),
    )


def announcements() -> dict[int, str]:
    """What is said aloud when so many minutes are left."""
    return {
        10: _("Ten minutes are left."),
        5: _("Five minutes are left."),
        1: _("One minute is left. What is saved will be submitted."),
    }
