"""From files to a release: compile outside any transaction, store inert rows, then switch on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lms.accounts.rules import Capability, Viewer
from lms.content import queries as content
from lms.content import services
from lms.content.compiled import Document
from lms.content.models import ChangeClass, DocumentKind, Release
from lms.content.services import BATCH, Change, StoreMovedOn
from lms.content.tree import Tree, read_tree
from lms.foundation import audit, outbox, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Forbidden, Invalid
from lms.foundation.messages import Message
from lms.foundation.problems import Problem

if TYPE_CHECKING:
    from lms.content.compiling import Compiled

POLICY_KINDS = frozenset({DocumentKind.CAMPUS, DocumentKind.PROGRAM, DocumentKind.PERSONA})
BASE_FILE = ".baton-release"


class HasErrors(Invalid):
    """The tree has errors: nothing of it was published."""

    code = "content-errors"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(
            Message("One error stands in the way.", {"n": len(problems)}, "{n} errors stand in the way."),
            kept=Message("Nothing was published; readers see what they saw before."),
        )
        self.problems = problems


@dataclass(frozen=True)
class Published:
    """A release, or None where nothing had changed; with what changed and what the compiler noticed.

    `base_id` is the release that the files now stand on.
    """

    release: Release | None
    base_id: int | None
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]


def compile_tree(tree: Tree) -> Compiled:
    """The compiler. Its libraries take a second to load, so only the processes that compile something load them."""
    from lms.content import compiling  # noqa: PLC0415  # as said

    return compiling.compile_tree(tree)


def check_tree(root: Path, secure_root: Path | None = None) -> Compiled:
    """Compile a folder without publishing it."""
    return compile_tree(read_tree(root, secure_root))


def publish_tree(
    root: Path,
    *,
    secure_root: Path | None = None,
    message: str,
    base_id: int | None,
    by: Viewer | None,
    now: Callable[[], datetime],
) -> Published:
    """Publish a folder on top of the release it began from. Commits: batches first, the switch last."""
    return publish(read_tree(root, secure_root), message=message, base_id=base_id, by=by, now=now)


def publish(
    tree: Tree, *, message: str, base_id: int | None, by: Viewer | None, now: Callable[[], datetime]
) -> Published:
    """Publish a tree. `by` None is an operator at the command line, who may publish everything.

    What equals the current release is not published again, whatever its base.
    Raises HasErrors, StoreMovedOn, or Forbidden for changes the viewer may not make.
    """
    compiled = compile_tree(tree)
    if compiled.errors:
        raise HasErrors(compiled.errors)
    documents = compiled.documents
    with unit_of_work.reading(db.session):
        head_id = content.head_release_id()
        changed = tuple(services.changes(documents, head_id))
        if not changed:
            return Published(None, head_id, (), compiled.problems)
        if head_id != base_id:
            raise StoreMovedOn(head_id, services.files_changed(base_id, head_id))
        _refuse_new_types(services.retyped(documents, base_id), compiled)
    refuse_overreach(by, changed)
    _store(documents)
    actor_id = by.person_id if by else None
    try:
        with unit_of_work.writing(db.session):
            release = services.release(documents, base_id=base_id, message=message, by=actor_id, now=now())
            audit.record("publish", "release", release.id, actor_id=actor_id, at=now())
            if any(change.kind in POLICY_KINDS for change in changed):
                outbox.put("advance_all", f"advance_all:{release.id}", {}, now=now())
            db.session.commit()
            return Published(release, release.id, changed, compiled.problems)
    except BaseException:
        content.forget()  # the number of a release that was undone is given again
        raise


def _refuse_new_types(retyped: list[Document], compiled: Compiled) -> None:
    """A question keeps its type for ever: its old answers could not be read by another. Raises HasErrors."""
    if not retyped:
        return
    problems = []
    for document in retyped:
        item = compiled.items[document.id]
        said = Message("“{id}” was released as another type of question.", {"id": item.id})
        mend = Message("Retire “{id}”, and give the new question an id of its own, such as “{id}-2”.", {"id": item.id})
        problems.append(Problem("id-type", said, item.path, item.line, mend=mend))
    raise HasErrors(tuple(problems))


def refuse_overreach(by: Viewer | None, changed: tuple[Change, ...]) -> None:
    """Words need `author_lessons`, certification items `secure_items`, programs and rules `publish_policy`.

    A program and an exam also hold words of their modules: those follow without more being asked.
    """
    if by is None:
        return
    needed = {Capability.AUTHOR_LESSONS}
    if any(change.secure and not _follows(change) for change in changed):
        needed.add(Capability.SECURE_ITEMS)
    if any((change.kind in POLICY_KINDS and not _follows(change)) or _is_policy_file(change) for change in changed):
        needed.add(Capability.PUBLISH_POLICY)
    missing = sorted(capability.value for capability in needed if not by.can(capability))
    if missing:
        raise Forbidden(
            Message("Publishing this needs more than you were given: {missing}.", {"missing": tuple(missing)}),
            kept=Message("Nothing was published, and your text is still here."),
        )


def _follows(change: Change) -> bool:
    """Whether a change may come from elsewhere; one made in its own file is a change of that file, too."""
    derived = change.kind in {DocumentKind.PROGRAM, DocumentKind.EXAM}
    return derived and change.change is ChangeClass.EDITORIAL


def _is_policy_file(change: Change) -> bool:
    return change.kind is DocumentKind.FILE and change.document_id.startswith(("programs/", "campus", "personas/"))


def _store(documents: tuple[Document, ...]) -> None:
    for start in range(0, len(documents), BATCH):
        with unit_of_work.writing(db.session):
            services.store_revisions(documents[start : start + BATCH])
            db.session.commit()


def class_of(changes: tuple[Change, ...]) -> ChangeClass:
    """The furthest-reaching class among changes, for the line that tells an author who is affected."""
    order = list(ChangeClass)
    return max((change.change for change in changes), key=order.index, default=ChangeClass.NONE)


def head_or_none() -> int | None:
    return content.head_release_id()
