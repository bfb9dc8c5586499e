"""Publishing: inert rows in batches first, then one short transaction that switches them on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, true, update

from lms.content import queries
from lms.content.compiled import Document
from lms.content.models import (
    ChangeClass,
    ContentHead,
    DocumentKind,
    FormerId,
    LineHead,
    Release,
    ReleaseDocument,
    Revision,
)
from lms.foundation.database import db, insert_once
from lms.foundation.errors import Conflict, DomainError
from lms.foundation.messages import Message

BATCH = 200
MOST_NAMED = 12


class StoreMovedOn(DomainError):
    """Somebody published since the base that this change began from. `paths` are the files that they changed."""

    code = "store-moved-on"

    def __init__(self, head_id: int | None, paths: Sequence[str] = ()) -> None:
        self.head_id = head_id
        self.paths = tuple(paths)
        super().__init__(
            Message("Somebody published release {n} while you were working.", {"n": head_id})
            if head_id
            else Message("The release that this began from is not here: nothing was published here yet."),
            kept=Message("Nothing of yours was published, and nothing of yours is lost."),
            remedy=Message(
                "Take over the new release first, then publish again. It changed: {paths}.",
                {"paths": (*self.paths[:MOST_NAMED], *(["…"] if len(self.paths) > MOST_NAMED else []))},
            )
            if self.paths
            else Message("Take over the new release first, then publish again."),
        )


@dataclass(frozen=True)
class Change:
    """What publishing would change of one document."""

    kind: DocumentKind
    document_id: str
    change: ChangeClass
    path: str
    secure: bool = False  # it is, or was, a certification item, exam or its file


@dataclass(frozen=True)
class _Standing:
    """A document in the base release."""

    revision_id: int
    content_hash: str
    line: int
    structure: str
    assessment: str
    path: str
    secure: bool


_NOWHERE = _Standing(0, "", 0, "", "", "", secure=False)


def store_revisions(documents: Sequence[Document]) -> int:
    """Insert the revisions that are not stored yet, inert until a manifest names them. Returns how many are new.

    One batch; the caller commits between batches so that nobody waits for a publish.
    """
    known = _known(documents)
    fresh = [document for document in documents if document.content_hash not in known]
    if fresh:
        # Another publish may have stored the same revision a moment ago: then theirs is ours.
        db.session.execute(insert_once(Revision), [_row_of(document) for document in fresh])
    return len(fresh)


def _row_of(document: Document) -> dict[str, object]:
    return {
        "kind": document.kind,
        "document_id": document.id,
        "content_hash": document.content_hash,
        "path": document.path,
        "compiled": document.stored,
        "body": document.body,
        "data": document.data,
        "secure": document.secure,
    }


def _known(documents: Sequence[Document]) -> dict[str, int]:
    """Hash → revision id of the documents that are stored."""
    hashes = [document.content_hash for document in documents]
    found: dict[str, int] = {}
    for start in range(0, len(hashes), BATCH):
        rows = db.session.execute(
            select(Revision.content_hash, Revision.id).where(Revision.content_hash.in_(hashes[start : start + BATCH]))
        )
        found.update((content_hash, revision_id) for content_hash, revision_id in rows)
    return found


def changes(documents: Sequence[Document], base_id: int | None) -> list[Change]:
    """How a release of these documents would differ from the base, each change classed by the compiler."""
    standing = _standing(base_id)
    found = []
    for document in documents:
        before = standing.get((document.kind, document.id))
        change = _class_of(document, before)
        if change is not ChangeClass.NONE:
            secure = document.secure or (before is not None and before.secure)
            found.append(Change(document.kind, document.id, change, document.path, secure))
    kept = {(document.kind, document.id) for document in documents}
    for (kind, document_id), gone in sorted(standing.items()):
        if (kind, document_id) not in kept:
            found.append(Change(kind, document_id, ChangeClass.STRUCTURAL, gone.path, gone.secure))
    return found


def retyped(documents: Sequence[Document], base_id: int | None) -> list[Document]:
    """The questions whose type is another than in the base: their id keeps the old one's answers, so it can't change."""
    standing = _standing(base_id, DocumentKind.ITEM)
    return [
        document
        for document in documents
        if (before := standing.get((document.kind, document.id))) is not None
        and _class_of(document, before) is ChangeClass.STRUCTURAL
    ]


def files_changed(old_id: int | None, new_id: int | None, *, with_secure: bool = False) -> list[str]:
    """The paths of the files that differ between two releases, those of certification exams only if asked for."""
    old, new = _standing(old_id, DocumentKind.FILE), _standing(new_id, DocumentKind.FILE)
    return sorted(
        path
        for kind, path in old.keys() | new.keys()
        if (with_secure or not any(release.get((kind, path), _NOWHERE).secure for release in (old, new)))
        and old.get((kind, path), _NOWHERE).content_hash != new.get((kind, path), _NOWHERE).content_hash
    )


def release(
    documents: Sequence[Document], *, base_id: int | None, message: str, by: int | None, now: datetime
) -> Release:
    """Switch a compiled tree on: manifest, line heads, head. Its revisions must be stored.

    Raises StoreMovedOn when the head is not the base any more.
    """
    refuse_moved_on(locked_head_id(), base_id)
    row = Release(
        content_hash=_tree_hash(documents), base_id=base_id, published_at=now, published_by=by, message=message
    )
    _put_on_base(row)
    _write_manifest(row.id, documents, base_id)
    _write_former_ids(documents)
    db.session.flush()
    queries.forget_answers()
    return row


def locked_head_id() -> int | None:
    """The release that readers see now, held until the transaction ends; None where nothing was published yet."""
    return db.session.scalar(select(ContentHead.release_id).with_for_update())


def refuse_moved_on(head_id: int | None, base_id: int | None) -> None:
    """Raises StoreMovedOn, with what was changed meanwhile, when the head is not the base any more."""
    if head_id != base_id:
        raise StoreMovedOn(head_id, files_changed(base_id, head_id))


def _put_on_base(row: Release) -> None:
    """Make a release the head. Only one can follow another, and only one can be the first: the tables say so.

    The lock on the head keeps apart those who publish from one base; before the first release there is no head to lock.
    """
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
            if row.base_id is None:
                db.session.execute(insert(ContentHead).values(id=1, release_id=row.id))
            else:
                db.session.execute(update(ContentHead).values(release_id=row.id))
    except Conflict:
        refuse_moved_on(locked_head_id(), row.base_id)
        raise


def _write_manifest(release_id: int, documents: Sequence[Document], base_id: int | None) -> None:
    standing, ids, lines = _standing(base_id), _known(documents), _highest_lines()
    manifest = []
    for document in documents:
        key = (document.kind, document.id)
        before = standing.get(key)
        change = _class_of(document, before)
        begins_line = change is ChangeClass.STRUCTURAL or before is None
        line = lines.get(key, 0) + 1 if begins_line else before.line  # type: ignore[union-attr]  # None begins a line
        revision_id = ids[document.content_hash]
        manifest.append(
            {
                "release_id": release_id,
                "kind": document.kind,
                "document_id": document.id,
                "revision_id": revision_id,
                "line": line,
                "change": change,
            }
        )
        if change is not ChangeClass.NONE:
            db.session.merge(LineHead(kind=document.kind, document_id=document.id, line=line, revision_id=revision_id))
    db.session.execute(insert(ReleaseDocument), manifest)


def _write_former_ids(documents: Sequence[Document]) -> None:
    """Old ids lead to the new one, those of earlier renamings too."""
    for document in documents:
        for former in document.formerly:
            earlier = (FormerId.kind == document.kind) & (FormerId.document_id == former)
            db.session.execute(update(FormerId).where(earlier).values(document_id=document.id))
            db.session.merge(FormerId(kind=document.kind, former_id=former, document_id=document.id))


def _standing(base_id: int | None, kind: DocumentKind | None = None) -> dict[tuple[DocumentKind, str], _Standing]:
    """What a release holds, of one kind if one is named; nothing for a release that is not here."""
    if base_id is None:
        return {}
    rows = db.session.execute(
        select(
            ReleaseDocument.kind,
            ReleaseDocument.document_id,
            Revision.id,
            Revision.content_hash,
            ReleaseDocument.line,
            Revision.compiled["classing"],
            Revision.path,
            Revision.secure,
        )
        .join(Revision, Revision.id == ReleaseDocument.revision_id)
        .where(ReleaseDocument.release_id == base_id, ReleaseDocument.kind == kind if kind else true())
    )
    return {
        (kind, document_id): _Standing(
            revision_id, content_hash, line, classing["structure"], classing["assessment"], path, secure
        )
        for kind, document_id, revision_id, content_hash, line, classing, path, secure in rows
    }


def _highest_lines() -> dict[tuple[DocumentKind, str], int]:
    rows = db.session.execute(
        select(LineHead.kind, LineHead.document_id, func.max(LineHead.line)).group_by(
            LineHead.kind, LineHead.document_id
        )
    )
    return {(kind, document_id): line for kind, document_id, line in rows}


def _class_of(document: Document, before: _Standing | None) -> ChangeClass:
    if before is None:
        return ChangeClass.STRUCTURAL
    if document.content_hash == before.content_hash:
        return ChangeClass.NONE
    classing = document.stored["classing"]
    if classing["structure"] != before.structure:
        return ChangeClass.STRUCTURAL
    if classing["assessment"] != before.assessment:
        return ChangeClass.ASSESSMENT
    return ChangeClass.EDITORIAL


def _tree_hash(documents: Sequence[Document]) -> str:
    said = sorted((document.kind.value, document.id, document.content_hash) for document in documents)
    return hashlib.sha256(repr(said).encode()).hexdigest()
