"""Content trees for tests: the test campus, with one thing changed at a time."""

from __future__ import annotations

from functools import cache

from lms.content.compiling import Compiled, Tree, compile_tree, read_tree
from tests.support.campus import TREE

MODULE = "modules/basics/warming-up"
LESSON = f"{MODULE}/10-warm-up-order.md"
SHORT_LESSON = f"{MODULE}/20-warm-up-time.md"
BANK = f"{MODULE}/bank.md"
EXAM = "exams/coach-exam/exam.yaml"
EXAM_BANK = "exams/coach-exam/bank.md"


@cache
def campus_tree() -> Tree:
    return read_tree(TREE)


def edited(path: str, old: str, new: str, *, tree: Tree | None = None) -> Tree:
    """The test campus with the first `old` in a file made `new`; a text that is not there is a mistake of the test."""
    base = tree or campus_tree()
    text = base.files[path].decode()
    assert old in text, f"{path} does not hold {old!r}"
    return base.with_file(path, text.replace(old, new, 1).encode())


def with_text(text: str, *, path: str = SHORT_LESSON) -> Tree:
    """The test campus with `text` at the end of a lesson."""
    base = campus_tree()
    return base.with_file(path, base.files[path] + b"\n" + text.encode())


def without(path: str) -> Tree:
    base = campus_tree()
    return Tree({name: content for name, content in base.files.items() if name != path})


def found(tree: Tree) -> list[tuple[str, str, int, int]]:
    """What the compiler says of a tree: code, path, line, column."""
    return [(problem.code, problem.path, problem.line, problem.column) for problem in compiled(tree).problems]


def compiled(tree: Tree) -> Compiled:
    return compile_tree(tree)
