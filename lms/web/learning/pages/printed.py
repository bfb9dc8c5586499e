"""What the page of a lesson says to everybody: worked out once in a process for each revision and language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from lms.content.documents import LessonEntry, LessonView, ModuleView
from lms.interop.words import gettext as _
from lms.requirements import Program
from lms.requirements.same import Same
from lms.web.learning.pages.checks import anchor_of
from lms.web.wording import listed, minutes

KEPT_LESSONS = 1_024


@dataclass(frozen=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True)
class Entry:
    """A lesson in the list of its module; `length` is its time in words."""

    id: str
    title: str
    length: str
    url: str


@dataclass(frozen=True)
class Place:
    """Where a check stands in the page, and where its form leads."""

    anchor: str
    url: str


@dataclass(frozen=True)
class Printed:
    """A lesson between its neighbours; `place` counts from 0, `texts` are the stretches between its checks."""

    lesson: LessonView
    program: Link
    module: Link
    entries: tuple[Entry, ...]
    place: int
    goals: str
    texts: tuple[Markup, ...]
    checks: tuple[Place, ...]
    previous: Link
    following: Link
    completion_url: str


def printed(program: Program, module: ModuleView, lesson: LessonView, words: Same[Any]) -> Printed:
    """`words` are the catalogue of the reader's language."""
    return _printed(Same(program), Same(module), Same(lesson), words, request.script_root)


@lru_cache(maxsize=KEPT_LESSONS)
def _printed(
    program: Same[Program], module: Same[ModuleView], lesson: Same[LessonView], _words: Same[Any], _root: str
) -> Printed:
    return print_lesson(program.one, module.one, lesson.one)


def print_lesson(program: Program, module: ModuleView, lesson: LessonView) -> Printed:
    place = next(index for index, entry in enumerate(module.lessons) if entry.id == lesson.id)
    entries = tuple(entries_of(program.id, module))
    here: dict[str, Any] = {"program_id": program.id, "module_id": module.id, "lesson_id": lesson.id}
    return Printed(
        lesson=lesson,
        program=Link(program.title, url_for("learning.show_program", program_id=program.id)),
        module=Link(module.title, module_url(program.id, module.id)),
        entries=entries,
        place=place,
        goals=goals_of(lesson, module),
        texts=tuple(Markup(html) for html in lesson.segments),  # noqa: S704  # sanitised when it was published
        checks=tuple(
            Place(anchor_of(item_id), url_for("learning.create_answer", **here, item_id=item_id))
            for item_id in lesson.check_ids
        ),
        previous=lesson_link(program.id, module, place - 1),
        following=lesson_link(program.id, module, place + 1),
        completion_url=url_for("learning.create_completion", **here),
    )


def entries_of(program_id: str, module: ModuleView) -> Iterator[Entry]:
    for entry in module.lessons:
        yield Entry(entry.id, entry.title, minutes(entry.minutes), lesson_url(program_id, module.id, entry.id))


def goals_of(lesson: LessonView, module: ModuleView) -> str:
    """ "After this you can name the three systems and choose a rest interval", from the objectives."""
    texts = [module.objectives[objective] for objective in lesson.objectives if objective in module.objectives]
    if not texts:
        return ""
    return str(_("after this you can %(goals)s", goals=listed([text[:1].lower() + text[1:] for text in texts])))


def lesson_link(program_id: str, module: ModuleView, place: int) -> Link:
    """The lesson at this place; before the first stands the module, after the last its quiz."""
    if place < 0:
        return Link(module.title, module_url(program_id, module.id))
    if place >= len(module.lessons):
        return quiz_link(program_id, module)
    entry: LessonEntry = module.lessons[place]
    return Link(entry.title, lesson_url(program_id, module.id, entry.id))


def quiz_link(program_id: str, module: ModuleView) -> Link:
    url = url_for("assessment.show_exam", program_id=program_id, exam_id=module.quiz_id)
    return Link(_("Quiz: %(module)s", module=module.title), url)


def module_url(program_id: str, module_id: str) -> str:
    return url_for("learning.show_module", program_id=program_id, module_id=module_id)


def lesson_url(program_id: str, module_id: str, lesson_id: str) -> str:
    return url_for("learning.show_lesson", program_id=program_id, module_id=module_id, lesson_id=lesson_id)
