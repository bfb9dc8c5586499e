"""A lesson: reading it, trying its checks, marking it as read. The page takes three statements."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms.assessment.queries import released_outcomes
from lms.content import queries as content
from lms.content.models import DocumentKind
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.interop.words import gettext as _
from lms.items import BadResponse
from lms.learning.queries import LessonFacts, lesson_facts
from lms.learning.services import ChecksMissing
from lms.pathway.queries import LessonDoor, lesson_door
from lms.usecases import studying
from lms.web.learning.pages.lessons import Opened, show_page, show_refusal
from lms.web.learning.pages.printed import lesson_url, quiz_link
from lms.web.learning.views.door import bp, to_program
from lms.web.learning.views.modules import program_with_module_or_404, show_shut
from lms.web.viewing import signed_in
from lms.web.wording import say

LESSON = "/learn/<program_id>/<module_id>/<lesson_id>"


@bp.get(LESSON)
def show_lesson(program_id: str, module_id: str, lesson_id: str) -> ResponseReturnValue:
    door = lesson_door(signed_in().person_id, program_id, module_id, lesson_id)
    if door is None:
        return to_program(program_id)
    opened = opened_or_404(door, module_id, lesson_id)
    if isinstance(opened, str):
        return redirect(lesson_url(program_id, module_id, opened), 301)
    return show_page(opened, facts_of(opened)) if door.is_open else show_shut(door, module_id)


@bp.post(f"{LESSON}/checks/<item_id>")
def create_answer(program_id: str, module_id: str, lesson_id: str, item_id: str) -> ResponseReturnValue:
    opened = own_lesson_or_404(program_id, module_id, lesson_id)
    values = request.form.getlist("answer")
    if item_id not in opened.lesson.check_ids:
        abort(404)
    if opened.door.is_open and not any(value.strip() for value in values):
        return once_more(opened, {item_id: _("Answer the question first, then check it.")})
    try:
        studying.answer_check(signed_in().person_id, opened.door, opened.lesson, item_id, values, now=clock.now())
    except BadResponse as refusal:
        return once_more(opened, {item_id: say(refusal.message)})
    db.session.commit()
    return redirect(f"{lesson_url(program_id, module_id, lesson_id)}#check-{item_id}", 303)


@bp.post(f"{LESSON}/completion")
def create_completion(program_id: str, module_id: str, lesson_id: str) -> ResponseReturnValue:
    """Mark as read and go on: to the first lesson not done, else the quiz, else the track."""
    opened = own_lesson_or_404(program_id, module_id, lesson_id)
    try:
        marked = studying.complete_lesson(signed_in().person_id, opened.door, opened.lesson, now=clock.now())
    except ChecksMissing as refusal:
        return once_more(opened, refused=say(refusal.message))
    following = where_next(opened, marked.done)
    db.session.commit()
    return redirect(following, 303)


def own_lesson_or_404(program_id: str, module_id: str, lesson_id: str) -> Opened:
    door = lesson_door(signed_in().person_id, program_id, module_id, lesson_id) or abort(404)
    opened = opened_or_404(door, module_id, lesson_id)
    return opened if isinstance(opened, Opened) else abort(404)


def opened_or_404(door: LessonDoor, module_id: str, lesson_id: str) -> Opened | str:
    """The lesson as this enrollment has it, or the id that it was given since."""
    program = program_with_module_or_404(door, module_id)
    if door.lesson_revision_id is None:
        current = content.current_id(DocumentKind.LESSON, lesson_id)
        return current if current != lesson_id else abort(404)
    lesson = content.lesson_of_revision(door.lesson_revision_id)
    module = content.module_of_revision(door.module_revision_id or abort(404))
    if all(entry.id != lesson_id for entry in module.lessons):
        abort(404)
    return Opened(door, program, module, lesson)


def once_more(opened: Opened, problems: Mapping[str, str] | None = None, *, refused: str = "") -> ResponseReturnValue:
    """The same page with what stands in the way; what was begun is undone, and nothing is held while it renders."""
    with unit_of_work.reading(db.session):
        return show_refusal(opened, facts_of(opened), problems or {}, refused), 422


def facts_of(opened: Opened) -> LessonFacts:
    return lesson_facts(opened.door.enrollment_id, opened.lesson.id)


def where_next(opened: Opened, done: frozenset[str]) -> str:
    program_id, module = opened.program.id, opened.module
    for entry in module.lessons:
        if entry.id not in done:
            return lesson_url(program_id, module.id, entry.id)
    outcomes = released_outcomes([opened.door.enrollment_id])
    if any(outcome.exam_id == module.quiz_id and outcome.passed for outcome in outcomes):
        return url_for(".show_program", program_id=program_id)
    return quiz_link(program_id, module).url
