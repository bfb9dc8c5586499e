"""A module within my enrollment, and what both it and its lessons share: getting in, or hearing what opens it."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from lms.assessment.queries import released_outcomes
from lms.catalog.models import Enrollment
from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.database import db
from lms.learning.queries import completed_lessons
from lms.pathway.queries import LessonDoor, lesson_door
from lms.requirements import Program
from lms.web.learning.pages.modules import module_page
from lms.web.learning.pages.track import track_page
from lms.web.learning.views.door import bp, to_program
from lms.web.viewing import signed_in


@bp.get("/learn/<program_id>/<module_id>")
def show_module(program_id: str, module_id: str) -> ResponseReturnValue:
    door = lesson_door(signed_in().person_id, program_id, module_id, None)
    if door is None:
        return to_program(program_id)
    program = program_with_module_or_404(door, module_id)
    if not door.is_open:
        return show_shut(door, module_id)
    module = content.module_of_revision(door.module_revision_id or abort(404))
    done = frozenset(fact.lesson_id for fact in completed_lessons([door.enrollment_id]))
    outcomes = released_outcomes([door.enrollment_id])
    page = module_page(program, module, done, outcomes, is_active=door.is_active)
    return render_template("learning/module.html", page=page)


def program_with_module_or_404(door: LessonDoor, module_id: str) -> Program:
    """The enrollment's program. A module of another program is not found through this one."""
    if door.program_revision_id is None or door.module_revision_id is None:
        abort(404)
    program = content.program_of_revision(door.program_revision_id)
    if all(part.id != module_id for part in program.parts):
        abort(404)
    return program


def show_shut(door: LessonDoor, module_id: str) -> ResponseReturnValue:
    """A page that says what opens the stage, and shows nothing of what is in it."""
    enrollment = db.session.get_one(Enrollment, door.enrollment_id)
    page = track_page(enrollment, now=clock.now())
    index = next(
        index for index, stage in enumerate(page.program.stages) if any(part.id == module_id for part in stage.parts)
    )
    return render_template("learning/shut.html", page=page, stage=page.stages[index])
