"""The compiler: a tree of Markdown and YAML in, documents and located problems out. It never stops at the first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lms.content.compiled import Document
from lms.content.compiling.compilation import Compilation
from lms.content.compiling.exams import compile_exams
from lms.content.compiling.leaks import check_leaks
from lms.content.compiling.modules import compile_sets
from lms.content.compiling.programs import compile_campus, compile_personas, compile_programs
from lms.content.models import DocumentKind
from lms.content.tree import Tree, read_tree
from lms.foundation.messages import Message
from lms.foundation.problems import Problem, Severity
from lms.foundation.yaml_source import nearest
from lms.items import Item

READ = re.compile(
    r"(?:campus|demo|(?:programs|personas|rubrics)/[^/]+|modules/[^/]+/set|modules/[^/]+/[^/]+/module|exams/[^/]+/exam)\.yaml"
    r"|modules/[^/]+/[^/]+/[^/]+\.md|exams/[^/]+/bank\.md"
)


@dataclass(frozen=True)
class Compiled:
    """What a tree compiles to. With errors in `problems` nothing of it may be published."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    items: Mapping[str, Item] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.is_error)


def compile_tree(tree: Tree) -> Compiled:
    """Compile everything; pure but for the time it takes."""
    tree, refused = tree.readable()
    run = Compilation(tree)
    run.take((*tree.problems, *refused))
    run.lacking = bool(refused)
    campus = compile_campus(run)
    sets = compile_sets(run)
    compile_exams(run)
    programs = compile_programs(run, sets, campus)
    _check_links(run)
    _check_former_ids(run)
    check_leaks(run)
    compile_personas(run, programs, campus)
    _warn_of_strays(run)
    run.documents.extend(files_of(tree))
    return Compiled(tuple(run.documents), _in_order(run.problems), run.items)


def _warn_of_strays(run: Compilation) -> None:
    if run.broken or run.lacking:
        return
    for path in run.tree.files:
        if not READ.fullmatch(path) and path not in run.media:
            run.warn("stray-file", Message("Nothing reads this file, and nothing shows it."), path)


def _check_links(run: Compilation) -> None:
    if run.broken or run.lacking:
        return
    for kind, target, path, line, column in run.links:
        if (kind, target) not in run.places:
            known = [content_id for known_kind, content_id in run.places if known_kind == kind]
            said = Message("There is no {kind} “{id}” to link to.", {"kind": kind, "id": target})
            run.error("broken-link", said, path, line, column, mend=nearest(target, known))


def _check_former_ids(run: Compilation) -> None:
    """An id that was given up leads to one document, and stands nowhere any more."""
    claimed: dict[tuple[str, str], str] = {}
    for document in run.documents:
        for former in document.formerly:
            place = _place_of_former(run.tree.text(document.path), former)
            standing = run.places.get((document.kind.value, former)) or claimed.get((document.kind.value, former))
            claimed[document.kind.value, former] = f"{document.path}:{place[0]}"
            if standing:
                values = {"kind": document.kind.value, "id": former, "path": standing}
                said = Message("The {kind} id “{id}” is not free for “formerly”: see {path}.", values)
                run.error("formerly-taken", said, document.path, *place)


def _place_of_former(text: str, former: str) -> tuple[int, int]:
    found = re.search(rf"^formerly:(?:.|\n[ -])*?\b{re.escape(former)}(?![\w-])", text, re.MULTILINE)
    at = found.end() - len(former) if found else 0
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def files_of(tree: Tree) -> Iterable[Document]:
    """The files of a tree as documents, as they were written."""
    for path, content in sorted(tree.files.items()):
        yield Document(
            DocumentKind.FILE, path, path, {}, data=content, secure=path in tree.secure or path.startswith("exams/")
        )


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda found: (found.path, found.line, found.column, rank[found.severity]))
    )


__all__ = ["Compiled", "Document", "Tree", "compile_tree", "files_of", "read_tree"]
