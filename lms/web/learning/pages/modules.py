"""A module: what it teaches, its lessons, its quiz."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from lms.assessment.queries import OutcomeFact
from lms.content.documents import ModuleView
from lms.requirements import Program
from lms.web.drawing.straights import lane
from lms.web.learning.pages.lessons import LessonRow, lesson_rows
from lms.web.learning.pages.printed import Link, entries_of, quiz_link


@dataclass(frozen=True)
class ModulePage:
    """`best` is the best released result of the quiz, from 0 to 1; `go_on` the first lesson not done, else the quiz."""

    module: ModuleView
    program: Program
    rows: tuple[LessonRow, ...]
    done: int
    lane: Markup
    quiz: Link
    best: Decimal | None
    passed: bool
    go_on: Link | None
    is_active: bool


def module_page(
    program: Program, module: ModuleView, done: frozenset[str], outcomes: Sequence[OutcomeFact], *, is_active: bool
) -> ModulePage:
    rows = lesson_rows(entries_of(program.id, module), done)
    results = [outcome for outcome in outcomes if outcome.exam_id == module.quiz_id]
    passed = any(outcome.passed for outcome in results)
    count = sum(row.done for row in rows)
    quiz = quiz_link(program.id, module)
    first = next((Link(row.title, row.url) for row in rows if not row.done), None if passed else quiz)
    return ModulePage(
        module=module,
        program=program,
        rows=rows,
        done=count,
        lane=lane(count, len(rows), float(count)),
        quiz=quiz,
        best=max((outcome.scaled for outcome in results), default=None),
        passed=passed,
        go_on=first if is_active else None,
        is_active=is_active,
    )
