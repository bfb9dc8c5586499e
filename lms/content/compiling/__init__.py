"""The compiler: a tree of Markdown and YAML in, documents and located problems out. It never stops at the first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lms.content.compiling.compilation import Compilation, Document
from lms.content.compiling.exams import compile_exams
from lms.content.compiling.modules import compile_sets
from lms.content.compiling.programs import compile_campus, compile_personas, compile_programs
from lms.content.compiling.tree import Tree, read_tree
from lms.content.models import DocumentKind
from lms.foundation.messages import Message
from lms.foundation.problems import Problem, Severity
from lms.foundation.yaml_source import nearest

KNOWN_PLACES = ("campus.yaml", "demo.yaml", "programs/", "modules/", "exams/", "personas/", "rubrics/")


@dataclass(frozen=True)
class Compiled:
    """What a tree compiles to. With errors in `problems` nothing of it may be published."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.is_error)


def compile_tree(tree: Tree) -> Compiled:
    """Compile everything; pure but for the time it takes."""
    run = Compilation(tree)
    run.take(tree.problems)
    _refuse_strays(run)
    campus = compile_campus(run)
    sets = compile_sets(run)
    compile_exams(run)
    programs = compile_programs(run, sets, campus)
    _check_links(run)
    compile_personas(run, programs, campus)
    run.documents.extend(_files(tree))
    return Compiled(tuple(run.documents), _in_order(run.problems))


def _refuse_strays(run: Compilation) -> None:
    for path in run.tree.files:
        if not path.startswith(KNOWN_PLACES):
            run.warn("stray-file", Message("Nothing reads this file."), path)


def _check_links(run: Compilation) -> None:
    for kind, target, path, line, column in run.links:
        if (kind, target) not in run.places:
            known = [content_id for known_kind, content_id in run.places if known_kind == kind]
            said = Message("There is no {kind} “{id}” to link to.", {"kind": kind, "id": target})
            run.error("broken-link", said, path, line, column, mend=nearest(target, known))


def _files(tree: Tree) -> Iterable[Document]:
    for path, content in sorted(tree.files.items()):
        yield Document(
            DocumentKind.FILE, path, path, {}, data=content, secure=path in tree.secure or path.startswith("exams/")
        )


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda found: (found.path, found.line, found.column, rank[found.severity]))
    )


__all__ = ["Compiled", "Document", "Tree", "compile_tree", "read_tree"]
