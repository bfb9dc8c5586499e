"""Which release is current, and which revision of a document a release shows: asked anew in each transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select

from lms.content.models import ContentHead, DocumentKind, FormerId, LineHead, Release, ReleaseDocument
from lms.foundation import unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import DomainError
from lms.foundation.prepared import prepared

T = TypeVar("T")


class NothingPublished(DomainError):
    """No content has been published yet."""

    status = 503
    code = "nothing-published"

    def __init__(self) -> None:
        super().__init__("No content has been published here yet.")


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


def database_name() -> str:
    """What tells one database from another in the process: tests serve several."""
    engine = db.engine
    if engine not in _named:  # writing an address out takes as long as reading a row
        _named[engine] = f"{engine.url.render_as_string(hide_password=False)}#{engine.dialect.name}"
    return _named[engine]


_named: WeakKeyDictionary[Engine, str] = WeakKeyDictionary()
