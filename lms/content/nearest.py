"""Which release a folder began from, where the folder itself does not say: the one that most of its files equal."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select

from lms.content import queries, services
from lms.content.compiling import Tree, files_of
from lms.content.models import DocumentKind, Release, ReleaseDocument, Revision
from lms.foundation.database import db

MOST_ASKED = 200


def is_here(release_id: int) -> bool:
    """Whether this database has the release."""
    return db.session.get(Release, release_id) is not None


def nearest_release(tree: Tree) -> int | None:
    """The release that holds most of the tree's files as they are; None where none holds half of them.

    Of several that hold equally many it is the oldest: taken for a newer one, a folder that lacks somebody's change
    would undo it. The current release stands for an older one with the same files.
    """
    equal = _equal_files([document.content_hash for document in files_of(tree)])
    if not equal or max(equal.values()) * 2 < len(tree.files):
        return None
    most = max(equal.values())
    found = min(release_id for release_id, count in equal.items() if count == most)
    head_id = queries.head_release_id()
    return head_id if not services.files_changed(found, head_id, with_secure=True) else found


def _equal_files(hashes: list[str]) -> Counter[int]:
    """Release → how many of the hashes it holds."""
    equal: Counter[int] = Counter()
    for start in range(0, len(hashes), MOST_ASKED):
        rows = db.session.execute(
            select(ReleaseDocument.release_id, func.count())
            .join(Revision, Revision.id == ReleaseDocument.revision_id)
            .where(
                ReleaseDocument.kind == DocumentKind.FILE,
                Revision.content_hash.in_(hashes[start : start + MOST_ASKED]),
            )
            .group_by(ReleaseDocument.release_id)
        )
        equal.update({release_id: count for release_id, count in rows})  # noqa: C416  # rows are not pairs to mypy
    return equal
