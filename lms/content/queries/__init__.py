"""Questions to released content.

A revision never changes, so what was read of one is kept in the process: after the
first request a page asks the database only *which* revision it is to show.
"""

from lms.content.queries.documents import (
    check_revision_id,
    exam,
    exam_of_revision,
    exams_of_release,
    forget_documents,
    item_revisions,
    items,
    lesson,
    lesson_of_revision,
    module,
    module_of_revision,
    program_of_revision,
    program_pinned,
)
from lms.content.queries.pinning import (
    NothingPublished,
    current_id,
    current_release_id,
    forget_answers,
    head_release_id,
    pinned_revision_id,
    release,
    releases,
    revision_ids,
)
from lms.content.queries.sources import file_of, path_of, tree_of
from lms.content.queries.views import (
    FAMILIES,
    ReleaseView,
    at_issuer,
    campus,
    campus_or_none,
    forget_releases,
    issuer_zone,
    program,
    programs,
    release_view,
    today,
    world,
)

__all__ = [
    "FAMILIES",
    "NothingPublished",
    "ReleaseView",
    "at_issuer",
    "campus",
    "campus_or_none",
    "check_revision_id",
    "current_id",
    "current_release_id",
    "exam",
    "exam_of_revision",
    "exams_of_release",
    "file_of",
    "forget",
    "forget_answers",
    "head_release_id",
    "issuer_zone",
    "item_revisions",
    "items",
    "lesson",
    "lesson_of_revision",
    "module",
    "module_of_revision",
    "path_of",
    "pinned_revision_id",
    "program",
    "program_of_revision",
    "program_pinned",
    "programs",
    "release",
    "release_view",
    "releases",
    "revision_ids",
    "today",
    "tree_of",
    "world",
]


def forget() -> None:
    """Drop everything kept in the process: for tests that put another database under the same address."""
    forget_answers()
    forget_releases()
    forget_documents()
