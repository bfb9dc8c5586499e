"""The one next step of an enrollment, as words and an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from flask import url_for

from lms.interop.words import gettext as _

LONGEST_ON_TRACK = 64


@dataclass(frozen=True)
class Step:
    """What to do next. `words` stand on its button; without an address there is nothing to press."""

    headline: str
    about: str
    words: str = ""
    url: str | None = None

    @property
    def on_track(self) -> str:
        """The headline as the infield has room for it, in two lines."""
        return shorten(self.headline, LONGEST_ON_TRACK, placeholder=" …")


def step_of(program_id: str, action: Mapping[str, Any] | None) -> Step | None:
    """The step that the standing index names as next; None where nothing is left to do."""
    return None if action is None else _STEPS[action["kind"]](program_id, action)


def _lesson(program_id: str, action: Mapping[str, Any]) -> Step:
    url = url_for(
        "learning.show_lesson", program_id=program_id, module_id=action["part_id"], lesson_id=action["target"]
    )
    place = action.get("place", 1)
    about = _(
        "%(module)s, lesson %(place)s of %(places)s.", module=action["part"], place=place, places=action["places"]
    )
    words = _("Start reading") if place == 1 else _("Go on reading")
    return Step(_("Next: %(title)s", title=action["title"]), about, words, url)


def _quiz(program_id: str, action: Mapping[str, Any]) -> Step:
    about = _(
        "Every lesson of “%(module)s” is done. Its quiz can be tried as often as you like.", module=action["part"]
    )
    url = url_for("assessment.show_exam", program_id=program_id, exam_id=action["target"])
    return Step(_("Next: the quiz of %(module)s", module=action["part"]), about, _("Take the quiz"), url)


def _book_class(_program_id: str, action: Mapping[str, Any]) -> Step:
    url = url_for("live.list_classes", stage=action["stage_id"])
    about = _("%(stage)s. Choose the days that suit you.", stage=action["stage"])
    return Step(_("Next: book a class"), about, _("See the classes"), url)


def _attend(_program_id: str, action: Mapping[str, Any]) -> Step:
    url = url_for("live.list_classes", stage=action["stage_id"])
    about = _("You have a seat. The next part opens when your attendance is noted.")
    return Step(_("Next: %(stage)s", stage=action["stage"]), about, _("See my class"), url)


def _exam(program_id: str, action: Mapping[str, Any]) -> Step:
    url = url_for("assessment.show_exam", program_id=program_id, exam_id=action["target"])
    about = _("Everything before it is done. Its page has the rules, and your attempts with their clock.")
    return Step(_("Next: %(title)s", title=action["title"]), about, _("To the exam"), url)


def _coursework(_program_id: str, action: Mapping[str, Any]) -> Step:
    return Step(_("Next: %(stage)s", stage=action["stage"]), _("This part is not handed in here. Write to the staff."))


def _partner(program_id: str, action: Mapping[str, Any]) -> Step:
    url = url_for("catalog.show_program", program_id=program_id)
    about = _("This part is taken with a partner.")
    return Step(_("Next: %(stage)s", stage=action["stage"]), about, _("See the course"), url)


def _certificate(program_id: str, action: Mapping[str, Any]) -> Step:
    about = _("Every part is complete.")
    url = url_for("learning.show_program", program_id=program_id)
    return Step(_("Your certificate: %(title)s", title=action["title"]), about, _("See what it waits for"), url)


def _wait(_program_id: str, action: Mapping[str, Any]) -> Step:
    return Step(
        _("Nothing to do right now"), _("%(stage)s is what comes next.", stage=action["stage"] or action["title"])
    )


def _unavailable(_program_id: str, action: Mapping[str, Any]) -> Step:
    about = _("“%(stage)s” is not published yet. What you have done stays.", stage=action["stage"])
    return Step(_("The next part can't be taken yet"), about)


_STEPS: dict[str, Callable[[str, Mapping[str, Any]], Step]] = {
    "lesson": _lesson,
    "quiz": _quiz,
    "book_class": _book_class,
    "attend": _attend,
    "exam": _exam,
    "coursework": _coursework,
    "partner": _partner,
    "certificate": _certificate,
    "wait": _wait,
    "unavailable": _unavailable,
}
