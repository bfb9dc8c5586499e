"""Addresses that name a lesson or module alone, as texts and remedies do: they lead into whatever enrollment has it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from lms.catalog.models import EnrollmentStatus
from lms.catalog.queries import enrollments_of
from lms.content import queries as content
from lms.content.models import DocumentKind
from lms.requirements import Part, Program
from lms.web.learning.pages.printed import lesson_url, module_url
from lms.web.learning.views.door import bp
from lms.web.viewing import signed_in


@bp.get("/learn/lessons/<lesson_id>")
def find_lesson(lesson_id: str) -> ResponseReturnValue:
    wanted = {lesson_id, content.current_id(DocumentKind.LESSON, lesson_id)}
    for program, part in own_parts():
        for lesson in part.lessons:
            if lesson in wanted:
                return redirect(lesson_url(program.id, part.id, lesson))
    return to_program_with([part_id for part_id in map(content.release_view().lesson_modules.get, wanted) if part_id])


@bp.get("/learn/modules/<module_id>")
def find_module(module_id: str) -> ResponseReturnValue:
    wanted = {module_id, content.current_id(DocumentKind.MODULE, module_id)}
    for program, part in own_parts():
        if part.id in wanted:
            return redirect(module_url(program.id, part.id))
    return to_program_with(list(wanted))


def own_parts() -> Iterator[tuple[Program, Part]]:
    """The modules of my programs: the active ones first; those I have left are no longer mine."""
    for enrollment in enrollments_of([signed_in().person_id]):
        program = content.program_pinned(enrollment.release_id, enrollment.program_id)
        if program is not None and enrollment.status is not EnrollmentStatus.WITHDRAWN:
            yield from ((program, part) for part in program.parts)


def to_program_with(module_ids: list[str]) -> ResponseReturnValue:
    """The page of the first program that has one of these modules."""
    having = (program for program in content.programs() if any(part.id in module_ids for part in program.parts))
    program = next(having, None) or abort(404)
    return redirect(url_for("catalog.show_program", program_id=program.id))
