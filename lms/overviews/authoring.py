"""What authors look at: the tree of sets, modules and lessons, one text of it, and releases with whom they concern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select

from lms.accounts.models import Person
from lms.accounts.rules import Capability, Viewer
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.content import queries as content
from lms.content.models import ChangeClass, DocumentKind, Release, ReleaseDocument, Revision
from lms.content.queries import ReleaseView
from lms.foundation.database import db
from lms.overviews.paging import FROM_THE_START, Page, Place, number_named

TextKind = Literal["lesson", "bank", "exam_bank"]


@dataclass(frozen=True)
class LessonLine:
    """A lesson in the tree; `changed_in` is the release in which it last changed."""

    id: str
    title: str
    minutes: int
    changed_in: int


@dataclass(frozen=True)
class ModuleLine:
    """A module in the tree; `learners` counts active enrolments of programs that have it."""

    id: str
    title: str
    lessons: tuple[LessonLine, ...]
    changed_in: int
    learners: int


@dataclass(frozen=True)
class SetLine:
    id: str
    title: str
    modules: tuple[ModuleLine, ...]


@dataclass(frozen=True)
class Text:
    """One file that an author edits, as it stands in a release.

    `place` is what it belongs to (a module, or an exam); `learners` are the active enrolments it concerns.
    """

    kind: TextKind
    id: str
    title: str
    place_id: str
    place_title: str
    path: str
    source: str
    release: int
    learners: int


@dataclass(frozen=True)
class ReleaseLine:
    """A release in a list, with how many documents changed in it, by class."""

    number: int
    published_at: datetime
    by: str
    message: str
    counts: dict[ChangeClass, int]


@dataclass(frozen=True)
class ChangeLine:
    """One document that a release changed."""

    kind: DocumentKind
    id: str
    title: str
    change: ChangeClass


@dataclass(frozen=True)
class ReleaseCase:
    """One release: what changed, and how many active enrolments are pinned to an earlier one."""

    line: ReleaseLine
    changes: tuple[ChangeLine, ...]
    pinned_before: int
    hidden: int


def tree(viewer: Viewer) -> list[SetLine]:
    """Every set with its modules and lessons in the current release."""
    if not viewer.can(Capability.AUTHOR_LESSONS):
        return []
    view = content.release_view()
    changed = _changed_in()
    learners = _learners_by_program()
    return [
        SetLine(set_id, title, tuple(_module_line(view, module_id, changed, learners) for module_id in modules))
        for set_id, (title, modules) in view.sets.items()
    ]


def exam_banks(viewer: Viewer) -> list[tuple[str, str, int]]:
    """The exams (id, title, items) whose banks the viewer may edit: none without `secure_items`."""
    if not viewer.can(Capability.SECURE_ITEMS):
        return []
    return [(exam.id, exam.title, len(exam.item_objectives)) for exam in content.exams_of_release()]


def lesson_text(viewer: Viewer, lesson_id: str) -> Text | None:
    """A lesson's source in the current release."""
    view = content.release_view()
    module_id = view.lesson_modules.get(lesson_id)
    if module_id is None or not viewer.can(Capability.AUTHOR_LESSONS):
        return None
    path = content.path_of(DocumentKind.LESSON, lesson_id)
    module = view.modules[module_id]
    title = next(lesson.title for lesson in module.lessons if lesson.id == lesson_id)
    return _text("lesson", lesson_id, title, (module_id, module.title), path, _programs_with_module(view, module_id))


def bank_text(viewer: Viewer, module_id: str) -> Text | None:
    """A module's bank in the current release."""
    view = content.release_view()
    module = view.modules.get(module_id)
    if module is None or not viewer.can(Capability.AUTHOR_LESSONS):
        return None
    path = _bank_beside(content.path_of(DocumentKind.MODULE, module_id))
    return _text(
        "bank", module_id, module.title, (module_id, module.title), path, _programs_with_module(view, module_id)
    )


def exam_bank_text(viewer: Viewer, exam_id: str) -> Text | None:
    """An exam's certification items, for who may see them; for anybody else there is no such exam."""
    if not (viewer.can(Capability.AUTHOR_LESSONS) and viewer.can(Capability.SECURE_ITEMS)):
        return None
    exam = next((exam for exam in content.exams_of_release() if exam.id == exam_id), None)
    if exam is None:
        return None
    programs = [
        program.id
        for program in content.programs()
        if any(stage.kind == "exam" and stage.ref == exam_id for stage in program.stages)
    ]
    path = _bank_beside(content.path_of(DocumentKind.EXAM, exam_id))
    return _text("exam_bank", exam_id, exam.title, (exam_id, exam.title), path, programs)


def release_list(viewer: Viewer, *, place: Place = FROM_THE_START) -> Page[ReleaseLine]:
    """Releases, newest first. Their numbers are public, so they are what pages are keyed by."""
    if not viewer.can(Capability.AUTHOR_LESSONS):
        return Page(())
    after, before = number_named(place.after), number_named(place.before)
    backwards = before is not None
    listed = select(Release, Person.name).outerjoin(Person, Person.id == Release.published_by)
    if before is not None:
        listed = listed.where(Release.id > before).order_by(Release.id)
    elif after is not None:
        listed = listed.where(Release.id < after).order_by(Release.id.desc())
    else:
        listed = listed.order_by(Release.id.desc())
    found = db.session.execute(listed.limit(place.limit + 1)).all()
    goes_on, rows = len(found) > place.limit, list(found[: place.limit])
    if backwards:
        rows.reverse()
    lines = _release_lines([(release, name) for release, name in rows])
    if not lines:
        return Page(())
    has_newer = goes_on if backwards else after is not None
    has_older = backwards or goes_on
    return Page(
        tuple(lines),
        str(lines[0].number) if has_newer else None,
        str(lines[-1].number) if has_older else None,
    )


def release_case(viewer: Viewer, number: int) -> ReleaseCase | None:
    """One release with its changes; those of certification items are only counted for who may not see them."""
    if not viewer.can(Capability.AUTHOR_LESSONS):
        return None
    row = db.session.execute(
        select(Release, Person.name).outerjoin(Person, Person.id == Release.published_by).where(Release.id == number)
    ).one_or_none()
    if row is None:
        return None
    [line] = _release_lines([(row[0], row[1])])
    changed = db.session.execute(
        select(
            ReleaseDocument.kind,
            ReleaseDocument.document_id,
            Revision.compiled["title"].as_string(),
            ReleaseDocument.change,
            Revision.secure,
        )
        .join(Revision, Revision.id == ReleaseDocument.revision_id)
        .where(ReleaseDocument.release_id == number, *_changed())
        .order_by(ReleaseDocument.kind, ReleaseDocument.document_id)
    ).all()
    shown = [each for each in changed if viewer.can(Capability.SECURE_ITEMS) or not each.secure]
    pinned = db.session.scalar(
        select(func.count())
        .select_from(Enrollment)
        .where(Enrollment.status == EnrollmentStatus.ACTIVE, Enrollment.release_id < number)
    )
    return ReleaseCase(
        line,
        tuple(ChangeLine(kind, id_, title or id_, change) for kind, id_, title, change, _secure in shown),
        pinned or 0,
        len(changed) - len(shown),
    )


def _module_line(
    view: ReleaseView, module_id: str, changed: dict[tuple[DocumentKind, str], int], learners: dict[str, int]
) -> ModuleLine:
    module = view.modules[module_id]
    lessons = tuple(
        LessonLine(one.id, one.title, one.minutes, changed.get((DocumentKind.LESSON, one.id), 0))
        for one in module.lessons
    )
    own = [changed.get((DocumentKind.MODULE, module_id), 0), *(lesson.changed_in for lesson in lessons)]
    concerned = sum(learners.get(program_id, 0) for program_id in _programs_with_module(view, module_id))
    return ModuleLine(module_id, module.title, lessons, max(own), concerned)


def _changed_in() -> dict[tuple[DocumentKind, str], int]:
    """The release in which each module and lesson last changed."""
    rows = db.session.execute(
        select(ReleaseDocument.kind, ReleaseDocument.document_id, func.max(ReleaseDocument.release_id))
        .where(
            ReleaseDocument.kind.in_((DocumentKind.LESSON, DocumentKind.MODULE)),
            ReleaseDocument.change != ChangeClass.NONE,
        )
        .group_by(ReleaseDocument.kind, ReleaseDocument.document_id)
    )
    return {(kind, document_id): number for kind, document_id, number in rows}


def _learners_by_program() -> dict[str, int]:
    rows = db.session.execute(
        select(Enrollment.program_id, func.count())
        .where(Enrollment.status == EnrollmentStatus.ACTIVE)
        .group_by(Enrollment.program_id)
    )
    return {program_id: count for program_id, count in rows}  # noqa: C416  # rows are not pairs to mypy


def _programs_with_module(view: ReleaseView, module_id: str) -> list[str]:
    return [program.id for program in view.programs if any(part.id == module_id for part in program.parts)]


def _bank_beside(path: str | None) -> str | None:
    return None if path is None else f"{path.rpartition('/')[0]}/bank.md"


def _text(
    kind: TextKind, id_: str, title: str, place: tuple[str, str], path: str | None, programs: Iterable[str]
) -> Text | None:
    data = content.file_of(path) if path else None
    if path is None or data is None:
        return None
    learners = _learners_by_program()
    source = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    concerned = sum(learners.get(program_id, 0) for program_id in programs)
    return Text(kind, id_, title, *place, path, source, content.current_release_id(), concerned)


def _changed() -> tuple[ColumnElement[bool], ...]:
    """What changed, in documents: a file is only how they were written."""
    return ReleaseDocument.change != ChangeClass.NONE, ReleaseDocument.kind != DocumentKind.FILE


def _release_lines(rows: Sequence[tuple[Release, str | None]]) -> list[ReleaseLine]:
    counted: dict[int, dict[ChangeClass, int]] = {}
    counts: Any = db.session.execute(
        select(ReleaseDocument.release_id, ReleaseDocument.change, func.count())
        .where(ReleaseDocument.release_id.in_([release.id for release, _name in rows]), *_changed())
        .group_by(ReleaseDocument.release_id, ReleaseDocument.change)
    )
    for number, change, count in counts:
        counted.setdefault(number, {})[change] = count
    return [
        ReleaseLine(release.id, release.published_at, name or "", release.message, counted.get(release.id, {}))
        for release, name in rows
    ]
