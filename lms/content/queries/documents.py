"""Single documents, each kept in the process once it was read: a revision never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from lms.content.documents import ExamDocument, ItemDocument, LessonEntry, LessonView, ModuleView
from lms.content.models import DocumentKind, LineHead, ReleaseDocument, Revision
from lms.content.queries.pinning import current_release_id, database_name, pinned_revision_id
from lms.foundation.database import db
from lms.foundation.prepared import prepared
from lms.requirements import Program

KEPT_DOCUMENTS = 4_096


@lru_cache(maxsize=KEPT_DOCUMENTS)
def _revision(database: str, revision_id: int) -> Any:  # noqa: ARG001  # one process may serve several in tests
    row = db.session.execute(
        select(Revision.kind, Revision.document_id, Revision.compiled, Revision.body).where(Revision.id == revision_id)
    ).one()
    return _READERS[row.kind](revision_id, row.document_id, row.compiled, row.body)


def _lesson(revision_id: int, lesson_id: str, compiled: Mapping[str, Any], body: str) -> LessonView:
    return LessonView(
        revision_id,
        lesson_id,
        compiled["module"],
        compiled["title"],
        compiled["minutes"],
        tuple(compiled["objectives"]),
        compiled["completion"],
        tuple(compiled["checks"]),
        body,
        compiled["check_hashes"],
    )


def module_view(revision_id: int, module_id: str, compiled: Mapping[str, Any], _body: str = "") -> ModuleView:
    return ModuleView(
        revision_id,
        module_id,
        compiled["set"],
        compiled["title"],
        compiled["summary"],
        compiled["minutes"],
        tuple(compiled["authors"]),
        {objective["id"]: objective["text"] for objective in compiled["objectives"]},
        tuple(compiled["references"]),
        tuple(LessonEntry(**lesson) for lesson in compiled["lessons"]),
        compiled["quiz"],
    )


def _exam(revision_id: int, exam_id: str, compiled: Mapping[str, Any], _body: str) -> ExamDocument:
    return ExamDocument.read(revision_id, exam_id, compiled)


def _item(revision_id: int, item_id: str, compiled: Mapping[str, Any], _body: str) -> ItemDocument:
    return ItemDocument(revision_id, item_id, compiled["item"], compiled["html"])


def _program(_revision_id: int, _program_id: str, compiled: Mapping[str, Any], _body: str) -> Program:
    return Program.from_json(without_classing(compiled))


_READERS: dict[DocumentKind, Any] = {
    DocumentKind.LESSON: _lesson,
    DocumentKind.MODULE: module_view,
    DocumentKind.EXAM: _exam,
    DocumentKind.ITEM: _item,
    DocumentKind.PROGRAM: _program,
}


def without_classing(compiled: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in compiled.items() if key != "classing"}


def lesson_of_revision(revision_id: int) -> LessonView:
    lesson_read: LessonView = _revision(database_name(), revision_id)
    return lesson_read


def lesson(release_id: int, lesson_id: str) -> LessonView | None:
    """A lesson as an enrollment of this release sees it."""
    revision_id = pinned_revision_id(release_id, DocumentKind.LESSON, lesson_id)
    return None if revision_id is None else lesson_of_revision(revision_id)


def module(release_id: int, module_id: str) -> ModuleView | None:
    revision_id = pinned_revision_id(release_id, DocumentKind.MODULE, module_id)
    return None if revision_id is None else module_of_revision(revision_id)


def module_of_revision(revision_id: int) -> ModuleView:
    module_read: ModuleView = _revision(database_name(), revision_id)
    return module_read


def exam(release_id: int, exam_id: str) -> ExamDocument | None:
    """An exam or quiz as an enrollment of this release sits it."""
    revision_id = pinned_revision_id(release_id, DocumentKind.EXAM, exam_id)
    return None if revision_id is None else exam_of_revision(revision_id)


def exam_of_revision(revision_id: int) -> ExamDocument:
    exam_read: ExamDocument = _revision(database_name(), revision_id)
    return exam_read


EXAMS = prepared(
    select(ReleaseDocument.revision_id).where(
        ReleaseDocument.release_id == bindparam("release"), ReleaseDocument.kind == DocumentKind.EXAM
    )
)


def exams_of_release(release_id: int | None = None) -> list[ExamDocument]:
    """The certification exams of a release (not the quizzes), by title."""
    chosen = current_release_id() if release_id is None else release_id
    listed = [exam_of_revision(revision_id) for (revision_id,) in EXAMS.rows(release=chosen)]
    return sorted((one for one in listed if one.kind == "exam"), key=lambda one: one.title)


def item_revisions(_release_id: int, item_ids: Sequence[str]) -> dict[str, int]:
    """Which revision of each item an attempt that starts now within this release shows: the newest there is.

    Changes to an item reach every new attempt, and an old exam may have got items that its release did not have.
    """
    rows = db.session.execute(
        select(LineHead.document_id, LineHead.revision_id)
        .where(LineHead.kind == DocumentKind.ITEM, LineHead.document_id.in_(list(item_ids)))
        .order_by(LineHead.line)
    )
    return {item_id: revision_id for item_id, revision_id in rows}  # noqa: C416  # rows are not pairs to mypy


def check_revision_id(lesson: LessonView, item_id: str) -> int | None:
    """The revision of a check that stands in this revision of its lesson: what its page shows is what is scored."""
    return db.session.scalar(
        select(Revision.id).where(
            Revision.kind == DocumentKind.ITEM,
            Revision.document_id == item_id,
            Revision.content_hash == lesson.check_hashes.get(item_id, ""),
        )
    )


def items(wanted: Iterable[int]) -> dict[int, ItemDocument]:
    """Item revisions with their keys; those not kept in the process are read in one statement."""
    ids, database = list(wanted), database_name()
    missing = [revision_id for revision_id in ids if (database, revision_id) not in _kept_items]
    if missing:
        rows = db.session.execute(
            select(Revision.id, Revision.document_id, Revision.compiled).where(Revision.id.in_(missing))
        )
        for revision_id, document_id, compiled in rows:
            _kept_items[database, revision_id] = _item(revision_id, document_id, compiled, "")
    return {revision_id: _kept_items[database, revision_id] for revision_id in ids}


_kept_items: dict[tuple[str, int], ItemDocument] = {}  # bounded by what was ever released; a revision never changes


def program_pinned(release_id: int, program_id: str) -> Program | None:
    """A program as an enrollment of this release has it: its stages and rules stay, its words follow."""
    revision_id = pinned_revision_id(release_id, DocumentKind.PROGRAM, program_id)
    return None if revision_id is None else program_of_revision(revision_id)


def program_of_revision(revision_id: int) -> Program:
    program_read: Program = _revision(database_name(), revision_id)
    return program_read


def forget_documents() -> None:
    """Drop what is kept of every database."""
    _revision.cache_clear()
    _kept_items.clear()
