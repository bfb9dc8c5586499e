"""A lesson between its neighbours: text and checks in order, what is done, where it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from lms.content import queries as content
from lms.content.documents import LessonEntry, LessonView, ModuleView
from lms.learning.queries import LessonFacts
from lms.learning.rules import CompletionRule
from lms.pathway.queries import LessonDoor
from lms.requirements import Program
from lms.web.drawing.straights import lane
from lms.web.learning.pages.checks import CheckForm, check_form
from lms.web.wording import listed


@dataclass(frozen=True)
class Opened:
    """A lesson, its module and its program, as the enrollment behind `door` has them."""

    door: LessonDoor
    program: Program
    module: ModuleView
    lesson: LessonView


@dataclass(frozen=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True)
class LessonRow:
    """A lesson in the list of its module."""

    title: str
    minutes: int
    url: str
    done: bool
    here: bool = False


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and the check that follows it, if one does."""

    html: Markup
    check: CheckForm | None


@dataclass(frozen=True)
class LessonPage:
    """What the page of a lesson shows. `can_mark`: it is open, not done, and the enrollment is active."""

    lesson: LessonView
    module: Link
    program: Link
    place: int
    places: int
    lane: Markup
    rows: tuple[LessonRow, ...]
    goals: str
    pieces: tuple[Piece, ...]
    missing: tuple[CheckForm, ...]
    previous: Link
    following: Link
    done: bool
    can_mark: bool
    completion_url: str


def lesson_page(opened: Opened, facts: LessonFacts, problems: Mapping[str, str]) -> LessonPage:
    """`problems` are sentences by check: why what was just sent there could not be taken."""
    module, lesson = opened.module, opened.lesson
    place = place_of(lesson, module)
    rows = lesson_rows(opened.program.id, module, facts.done, here=lesson.id)
    checks = check_forms(opened, facts, problems)
    rule = CompletionRule.from_json(dict(lesson.completion))
    missing = rule.missing(lesson.check_ids, facts.answered_rightly)
    done = lesson.id in facts.done
    count = sum(row.done for row in rows)
    return LessonPage(
        lesson=lesson,
        module=Link(module.title, module_url(opened.program.id, module.id)),
        program=Link(opened.program.title, url_for("learning.show_program", program_id=opened.program.id)),
        place=place + 1,
        places=len(rows),
        lane=lane(count, len(rows), None if done else float(place)),
        rows=rows,
        goals=goals_of(lesson, module),
        pieces=pieces_of(lesson, checks),
        missing=tuple(check for check in checks if check.item_id in missing),
        previous=previous_link(opened, place),
        following=following_link(opened, place),
        done=done,
        can_mark=opened.door.is_active and opened.door.is_open and not done,
        completion_url=lesson_url(opened.program.id, module.id, lesson.id, "learning.create_completion"),
    )


def place_of(lesson: LessonView, module: ModuleView) -> int:
    return next(index for index, entry in enumerate(module.lessons) if entry.id == lesson.id)


def lesson_rows(
    program_id: str, module: ModuleView, done: frozenset[str], *, here: str | None = None
) -> tuple[LessonRow, ...]:
    return tuple(
        LessonRow(
            entry.title,
            entry.minutes,
            lesson_url(program_id, module.id, entry.id),
            entry.id in done,
            entry.id == here,
        )
        for entry in module.lessons
    )


def goals_of(lesson: LessonView, module: ModuleView) -> str:
    """ "After this you can name the three systems and choose a rest interval", from the objectives."""
    texts = [module.objectives[objective] for objective in lesson.objectives if objective in module.objectives]
    if not texts:
        return ""
    return str(_("after this you can %(goals)s", goals=listed([text[:1].lower() + text[1:] for text in texts])))


def check_forms(opened: Opened, facts: LessonFacts, problems: Mapping[str, str]) -> tuple[CheckForm, ...]:
    """The checks with what was answered last; keys are read of answered checks alone."""
    answered = {item_id: answer.revision_id for item_id, answer in facts.answers.items()}
    documents = content.items(answered.values()) if answered else {}
    lesson, module = opened.lesson, opened.module
    forms = []
    for index, public in enumerate(lesson.checks):
        answer = facts.answers.get(public["id"])
        url = url_for(
            "learning.create_answer",
            program_id=opened.program.id,
            module_id=module.id,
            lesson_id=lesson.id,
            item_id=public["id"],
        )
        forms.append(
            check_form(
                public,
                number=index + 1,
                url=url,
                answer=answer,
                document=documents[answer.revision_id] if answer else None,
                problem=problems.get(public["id"], ""),
                is_open=opened.door.is_active and opened.door.is_open,
            )
        )
    return tuple(forms)


def pieces_of(lesson: LessonView, checks: tuple[CheckForm, ...]) -> tuple[Piece, ...]:
    return tuple(
        Piece(Markup(html), checks[index] if index < len(checks) else None)  # noqa: S704  # sanitised when it was published
        for index, html in enumerate(lesson.segments)
    )


def previous_link(opened: Opened, place: int) -> Link:
    if place == 0:
        return Link(opened.module.title, module_url(opened.program.id, opened.module.id))
    return lesson_link(opened, opened.module.lessons[place - 1])


def following_link(opened: Opened, place: int) -> Link:
    """The lesson after this one; after the last, the quiz."""
    if place + 1 < len(opened.module.lessons):
        return lesson_link(opened, opened.module.lessons[place + 1])
    return quiz_link(opened.program.id, opened.module)


def lesson_link(opened: Opened, entry: LessonEntry) -> Link:
    return Link(entry.title, lesson_url(opened.program.id, opened.module.id, entry.id))


def quiz_link(program_id: str, module: ModuleView) -> Link:
    url = url_for("assessment.show_exam", program_id=program_id, exam_id=module.quiz_id)
    return Link(_("Quiz: %(module)s", module=module.title), url)


def module_url(program_id: str, module_id: str) -> str:
    return url_for("learning.show_module", program_id=program_id, module_id=module_id)


def lesson_url(program_id: str, module_id: str, lesson_id: str, endpoint: str = "learning.show_lesson") -> str:
    return url_for(endpoint, program_id=program_id, module_id=module_id, lesson_id=lesson_id)
