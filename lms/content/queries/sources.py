"""The source files of a release, as they were published."""

from __future__ import annotations

from sqlalchemy import select

from lms.content.models import DocumentKind, ReleaseDocument, Revision
from lms.content.queries.pinning import current_release_id
from lms.content.tree import Tree
from lms.foundation.database import db


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
