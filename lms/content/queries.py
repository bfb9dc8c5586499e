"""Questions to released content.

A revision never changes, so what was read of one is kept in the process: after the
first request a page asks the database only *which* revision it is to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, bindparam, select

from lms.content.documents import ExamDocument, ItemDocument, LessonEntry, LessonView, ModuleView
from lms.content.models import ContentHead, DocumentKind, FormerId, LineHead, Release, ReleaseDocument, Revision
from lms.content.tree import Tree
from lms.foundation import unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import DomainError
from lms.foundation.prepared import prepared
from lms.requirements import Campus, Program, World, world_of

KEPT_DOCUMENTS = 4_096
KEPT_RELEASES = 8


class NothingPublished(DomainError):
    """No content has been published yet."""

    status = 503
    code = "nothing-published"

    def __init__(self) -> None:
        super().__init__("No content has been published here yet.")


# --- which revision ---


T = TypeVar("T")


def _once(key: tuple[object, ...], ask: Callable[[], T]) -> T:
    """An answer that is asked for once a transaction: which release is current, which revision is pinned."""
    memory = unit_of_work.kept(db.session)
    if key not in memory:
        memory[key] = ask()
    answer: T = memory[key]
    return answer


def forget_answers() -> None:
    """What was asked in this transaction is not so any more: a release was just switched on."""
    unit_of_work.kept(db.session).clear()


HEAD = prepared(select(ContentHead.release_id))
OF_THE_LINE = (
    (ReleaseDocument.kind == LineHead.kind)
    & (ReleaseDocument.document_id == LineHead.document_id)
    & (ReleaseDocument.line == LineHead.line)
)
PINNED = prepared(
    select(LineHead.revision_id)
    .join(ReleaseDocument, OF_THE_LINE)
    .where(
        ReleaseDocument.release_id == bindparam("release"),
        ReleaseDocument.kind == bindparam("kind", type_=ReleaseDocument.kind.type),
        ReleaseDocument.document_id == bindparam("document"),
    )
)


def _only(row: tuple[Any, ...] | None) -> int | None:
    return None if row is None else row[0]


def head_release_id() -> int | None:
    return _once(("head",), lambda: _only(HEAD.row()))


def current_release_id() -> int:
    """The release readers see. Raises NothingPublished before the first."""
    release_id = head_release_id()
    if release_id is None:
        raise NothingPublished
    return release_id


def release(release_id: int) -> Release:
    return db.session.get_one(Release, release_id)


def releases(*, before_id: int | None = None, limit: int = 25) -> Sequence[Release]:
    """Newest first."""
    listed = select(Release).order_by(Release.id.desc()).limit(limit)
    if before_id is not None:
        listed = listed.where(Release.id < before_id)
    return db.session.scalars(listed).all()


def pinned_revision_id(release_id: int, kind: DocumentKind, document_id: str) -> int | None:
    """What an enrollment of this release is shown of a document: the newest revision of the line it is pinned to."""
    return _once(
        (release_id, kind, document_id),
        lambda: _only(PINNED.row(release=release_id, kind=kind, document=document_id)),
    )


def revision_ids(release_id: int, kind: DocumentKind, document_ids: Iterable[str]) -> dict[str, int]:
    """The same for several documents of one kind, in one statement; unknown ids are left out."""
    rows = db.session.execute(
        select(LineHead.document_id, LineHead.revision_id)
        .join(ReleaseDocument, OF_THE_LINE)
        .where(
            ReleaseDocument.release_id == release_id,
            ReleaseDocument.kind == kind,
            ReleaseDocument.document_id.in_(list(document_ids)),
        )
    )
    return {document_id: revision_id for document_id, revision_id in rows}  # noqa: C416  # rows are not pairs to mypy


def current_id(kind: DocumentKind, document_id: str) -> str:
    """The id a document has now, where this one was renamed."""
    renamed = db.session.scalar(
        select(FormerId.document_id).where(FormerId.kind == kind, FormerId.former_id == document_id)
    )
    return renamed or document_id


# --- the release as a whole ---


class ReleaseView:
    """What one release says of the federation, its programs and the names of things."""

    def __init__(self, release_id: int) -> None:
        rows = db.session.execute(
            select(Revision.kind, Revision.document_id, Revision.id, Revision.compiled)
            .join(ReleaseDocument, ReleaseDocument.revision_id == Revision.id)
            .where(
                ReleaseDocument.release_id == release_id,
                Revision.kind.in_(
                    (DocumentKind.CAMPUS, DocumentKind.PROGRAM, DocumentKind.MODULE_SET, DocumentKind.MODULE)
                ),
            )
        ).all()
        found: dict[DocumentKind, dict[str, tuple[int, Any]]] = {kind: {} for kind in DocumentKind}
        for kind, document_id, revision_id, compiled in rows:
            found[kind][document_id] = (revision_id, compiled)
        self.release_id = release_id
        self.campus = Campus.from_json(without_classing(found[DocumentKind.CAMPUS]["campus"][1]))
        programs = [
            Program.from_json(without_classing(compiled)) for _id, compiled in found[DocumentKind.PROGRAM].values()
        ]
        self.programs = tuple(
            sorted(programs, key=lambda program: (FAMILIES.index(program.family), program.order, program.title))
        )
        self.by_id = {program.id: program for program in self.programs}
        self.modules = {
            module_id: _module(revision_id, module_id, compiled)
            for module_id, (revision_id, compiled) in found[DocumentKind.MODULE].items()
        }
        self.sets = {
            set_id: (compiled["title"], tuple(compiled["modules"]))
            for set_id, (_id, compiled) in found[DocumentKind.MODULE_SET].items()
        }
        self.lesson_modules = {lesson.id: module.id for module in self.modules.values() for lesson in module.lessons}

    def titles(self) -> dict[str, str]:
        names = {f"module:{module.id}": module.title for module in self.modules.values()}
        names |= {f"quiz:{module.quiz_id}": module.title for module in self.modules.values()}
        names |= {f"lesson:{lesson.id}": lesson.title for module in self.modules.values() for lesson in module.lessons}
        names |= {f"module_set:{set_id}": title for set_id, (title, _modules) in self.sets.items()}
        names |= {
            f"exam:{stage.ref}": stage.title for one in self.programs for stage in one.stages if stage.kind == "exam"
        }
        return names


FAMILIES = ("pathway", "specialist", "continuing", "partner")


@lru_cache(maxsize=KEPT_RELEASES)
def _release_view(database: str, release_id: int) -> ReleaseView:  # noqa: ARG001  # one process may serve several databases in tests
    return ReleaseView(release_id)


def release_view(release_id: int | None = None) -> ReleaseView:
    """A release as a whole: the current one, unless another is named."""
    return _release_view(_database(), current_release_id() if release_id is None else release_id)


def _database() -> str:
    engine = db.engine
    if engine not in _named:  # writing an address out takes as long as reading a row
        _named[engine] = f"{engine.url.render_as_string(hide_password=False)}#{engine.dialect.name}"
    return _named[engine]


_named: WeakKeyDictionary[Engine, str] = WeakKeyDictionary()


def forget() -> None:
    """Drop everything kept in the process: for tests that put another database under the same address."""
    forget_answers()
    _release_view.cache_clear()
    _revision.cache_clear()
    _world.cache_clear()
    _kept_items.clear()


def campus() -> Campus:
    return release_view().campus


def campus_or_none() -> Campus | None:
    """For pages that must show even before anything is published."""
    release_id = head_release_id()
    return release_view(release_id).campus if release_id is not None else None


def issuer_zone() -> ZoneInfo:
    """The zone in which dates of validity are judged."""
    found = campus_or_none()
    return ZoneInfo(found.zone if found else "UTC")


def at_issuer(now: datetime) -> datetime:
    return now.astimezone(issuer_zone())


def today(now: datetime) -> date:
    return at_issuer(now).date()


def programs() -> tuple[Program, ...]:
    """The catalogue of the current release, in its order."""
    return release_view().programs


def program(program_id: str) -> Program | None:
    """A program as it is offered now."""
    return release_view().by_id.get(program_id)


def program_pinned(release_id: int, program_id: str) -> Program | None:
    """A program as an enrollment of this release has it: its stages and rules stay, its words follow."""
    revision_id = pinned_revision_id(release_id, DocumentKind.PROGRAM, program_id)
    return None if revision_id is None else program_of_revision(revision_id)


def program_of_revision(revision_id: int) -> Program:
    program_read: Program = _revision(_database(), revision_id)
    return program_read


def world(now: datetime | None = None) -> World:
    """What decisions must know of the current release; `now` says what "today" is to the reader."""
    view = release_view()
    built = _world(_database(), view.release_id)
    return built if now is None else replace(built, today=today(now))


@lru_cache(maxsize=KEPT_RELEASES)
def _world(database: str, release_id: int) -> World:
    view = _release_view(database, release_id)
    sets = {set_id: modules for set_id, (_title, modules) in view.sets.items()}
    return world_of(view.campus, view.programs, titles=view.titles(), sets=sets)


# --- single documents ---


@lru_cache(maxsize=KEPT_DOCUMENTS)
def _revision(database: str, revision_id: int) -> Any:  # noqa: ARG001  # see _release_view
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


def _module(revision_id: int, module_id: str, compiled: Mapping[str, Any], _body: str = "") -> ModuleView:
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
    DocumentKind.MODULE: _module,
    DocumentKind.EXAM: _exam,
    DocumentKind.ITEM: _item,
    DocumentKind.PROGRAM: _program,
}


def without_classing(compiled: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in compiled.items() if key != "classing"}


def lesson_of_revision(revision_id: int) -> LessonView:
    lesson_read: LessonView = _revision(_database(), revision_id)
    return lesson_read


def lesson(release_id: int, lesson_id: str) -> LessonView | None:
    """A lesson as an enrollment of this release sees it."""
    revision_id = pinned_revision_id(release_id, DocumentKind.LESSON, lesson_id)
    return None if revision_id is None else lesson_of_revision(revision_id)


def module(release_id: int, module_id: str) -> ModuleView | None:
    revision_id = pinned_revision_id(release_id, DocumentKind.MODULE, module_id)
    return None if revision_id is None else module_of_revision(revision_id)


def module_of_revision(revision_id: int) -> ModuleView:
    module_read: ModuleView = _revision(_database(), revision_id)
    return module_read


def exam(release_id: int, exam_id: str) -> ExamDocument | None:
    """An exam or quiz as an enrollment of this release sits it."""
    revision_id = pinned_revision_id(release_id, DocumentKind.EXAM, exam_id)
    return None if revision_id is None else exam_of_revision(revision_id)


def exam_of_revision(revision_id: int) -> ExamDocument:
    exam_read: ExamDocument = _revision(_database(), revision_id)
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
    ids, database = list(wanted), _database()
    missing = [revision_id for revision_id in ids if (database, revision_id) not in _kept_items]
    if missing:
        rows = db.session.execute(
            select(Revision.id, Revision.document_id, Revision.compiled).where(Revision.id.in_(missing))
        )
        for revision_id, document_id, compiled in rows:
            _kept_items[database, revision_id] = _item(revision_id, document_id, compiled, "")
    return {revision_id: _kept_items[database, revision_id] for revision_id in ids}


_kept_items: dict[tuple[str, int], ItemDocument] = {}  # bounded by what was ever released; a revision never changes


# --- sources ---


def file_of(path: str, release_id: int | None = None) -> bytes | None:
    """A source file as it was released, by its path."""
    chosen = current_release_id() if release_id is None else release_id
    return db.session.scalar(
        select(Revision.data)
        .join(ReleaseDocument, ReleaseDocument.revision_id == Revision.id)
        .where(
            ReleaseDocument.release_id == chosen,
            ReleaseDocument.kind == DocumentKind.FILE,
            ReleaseDocument.document_id == path,
        )
    )


def tree_of(release_id: int, *, with_secure: bool) -> Tree:
    """A release's source files as a tree to compile or to write out; certification items only where asked for."""
    files = (
        select(Revision.document_id, Revision.data, Revision.secure)
        .join(ReleaseDocument, ReleaseDocument.revision_id == Revision.id)
        .where(ReleaseDocument.release_id == release_id, ReleaseDocument.kind == DocumentKind.FILE)
    )
    if not with_secure:
        files = files.where(Revision.secure.is_(False))
    rows = db.session.execute(files).all()
    return Tree(
        {path: data or b"" for path, data, _secure in rows}, frozenset(path for path, _data, secure in rows if secure)
    )


def path_of(kind: DocumentKind, document_id: str) -> str | None:
    """The source file of a document in the current release."""
    return db.session.scalar(
        select(Revision.path)
        .join(ReleaseDocument, ReleaseDocument.revision_id == Revision.id)
        .where(
            ReleaseDocument.release_id == current_release_id(),
            ReleaseDocument.kind == kind,
            ReleaseDocument.document_id == document_id,
        )
    )
