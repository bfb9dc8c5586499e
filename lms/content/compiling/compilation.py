"""What one run of the compiler has gathered so far."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lms.content.compiled import Document
from lms.content.tree import Tree
from lms.foundation.messages import Message
from lms.foundation.problems import Problem, Severity
from lms.foundation.yaml_source import load
from lms.items import Item

LONGEST_KEPT = 20_000  # characters: whoever writes giants gets no room in memory
FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*\n", re.DOTALL | re.MULTILINE)


def _loaded(text: str, path: str) -> tuple[Any, tuple[Problem, ...]]:
    """The node of a YAML text. Nobody changes a node, so those of texts that come again are kept."""
    return _kept(text, path) if len(text) <= LONGEST_KEPT else load(text, path)


_kept = lru_cache(maxsize=1_024)(load)


@dataclass
class Compilation:
    """Documents and problems of one run; a document with errors is left out, and nothing is published."""

    tree: Tree
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    broken: bool = False  # a module can't be read: what would refer to it is not judged
    lacking: bool = False  # a lesson or an exam can't be read: links and lengths are not judged
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    links: list[tuple[str, str, str, int, int]] = field(default_factory=list)  # kind, id, path, line, column
    objectives: dict[str, tuple[str, str]] = field(default_factory=dict)  # id → (module id, text)
    items: dict[str, Item] = field(default_factory=dict)
    item_documents: dict[str, Document] = field(default_factory=dict)
    item_homes: dict[str, str] = field(default_factory=dict)  # item id → "lesson:…", "bank:…", "exam:…"
    media: set[str] = field(default_factory=set)  # the files that some text shows
    module_sets: dict[str, str] = field(default_factory=dict)  # module id → set id
    titles: dict[str, str] = field(default_factory=dict)  # "kind:id" → title

    def error(
        self, code: str, message: Message, path: str, line: int = 1, column: int = 1, mend: Message | None = None
    ) -> None:
        self.problems.append(Problem(code, message, path, line, column, mend=mend))

    def warn(self, code: str, message: Message, path: str, line: int = 1, mend: Message | None = None) -> None:
        self.problems.append(Problem(code, message, path, line, severity=Severity.WARNING, mend=mend))

    def note(self, code: str, message: Message, path: str) -> None:
        self.problems.append(Problem(code, message, path, severity=Severity.NOTE))

    def take(self, problems: Iterable[Problem]) -> None:
        self.problems.extend(problems)

    def claim_id(self, kind: str, content_id: str, path: str, line: int = 1) -> bool:
        """Ids are unique per kind across the tree. False, with an error, for one that stands elsewhere."""
        first = self.places.setdefault((kind, content_id), f"{path}:{line}")
        if first != f"{path}:{line}":
            said = Message(
                "The {kind} id “{id}” stands already in {first}.", {"kind": kind, "id": content_id, "first": first}
            )
            self.error("id-twice", said, path, line)
            return False
        return True

    def title(self, kind: str, content_id: str, title: str) -> None:
        self.titles[f"{kind}:{content_id}"] = title

    def yaml(self, path: str) -> Any:
        """The root node of a YAML file, or None with its problems noted."""
        node, problems = _loaded(self.tree.text(path), path)
        self.take(problems)
        return node

    def front_matter(self, path: str) -> tuple[Any, str, int]:
        """A Markdown file's front matter (None where it is missing or broken), its text, and the line on which that begins."""
        text = self.tree.text(path)
        found = FRONT_MATTER.match(text)
        if found is None:
            return None, text, 1
        node, problems = _loaded(found.group(1), path)
        self.take(problem.at(path, line_offset=1) for problem in problems)
        return node, text[found.end() :], text[: found.end()].count("\n") + 1
