"""One file compiled by itself, while it is being written: its page and its problems.

The module around it is read for its objectives; of every other file only the name is
looked at, so that links are checked without compiling what they lead to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from markupsafe import escape

from lms.content.compiled import CHECK_MARK
from lms.content.compiling.compilation import Compilation
from lms.content.compiling.lessons import LESSON_FILE, compile_lesson
from lms.content.compiling.pieces import Page
from lms.content.compiling.questions import check_objectives, compile_items
from lms.content.compiling.schemas import ModuleSource
from lms.content.models import DocumentKind
from lms.content.tree import Tree
from lms.foundation.messages import Message
from lms.foundation.problems import Problem, Severity
from lms.foundation.yaml_source import nearest, read_model
from lms.items import Block, Item, Scanned, placeholder, scan, type_named

BANK = "bank.md"


@dataclass(frozen=True)
class PreviewOption:
    html: str
    right: bool
    feedback_html: str


@dataclass(frozen=True)
class PreviewQuestion:
    """A question with its key: for its authors alone. `key` is what makes an answer right where no option says it."""

    id: str
    type: str
    objective: str
    line: int
    stem_html: str
    options: tuple[PreviewOption, ...]
    key: tuple[str, ...]
    explanation_html: str


@dataclass(frozen=True)
class Preview:
    """A file as its page would show it, as far as it can be read.

    Question n stands between segments n and n + 1; it is None where it can't be read.
    `problems` are those of this file, errors first.
    """

    title: str
    minutes: int | None
    segments: tuple[str, ...]
    questions: tuple[PreviewQuestion | None, ...]
    problems: tuple[Problem, ...]


def preview_lesson(tree: Tree, path: str, text: str) -> Preview:
    """The lesson at `path` with `text` in place of what stands in the tree."""
    run = Compilation(tree.with_file(path, text.encode()))
    objectives = _read_module(run, path)
    _note_places(run, path)
    lesson = compile_lesson(run, path, module_id=PurePosixPath(path).parent.name, objectives=objectives)
    _check_links(run, path)
    found = next((one for one in run.documents if one.kind is DocumentKind.LESSON), None)
    page, scanned = _page(run, path)
    body = found.body if found else _text_alone(page, scanned)
    return Preview(
        lesson.title if lesson else "",
        lesson.minutes if lesson else None,
        tuple(body.split(CHECK_MARK)),
        _questions(run, scanned.blocks),
        _problems(run, path),
    )


def preview_bank(tree: Tree, path: str, text: str) -> Preview:
    """The bank at `path`, of a module or of an exam, with `text` in place of what stands in the tree."""
    run = Compilation(tree.with_file(path, text.encode()))
    secure = path.startswith("exams/")
    allowed = None if secure else _read_module(run, path)
    if secure:
        _read_every_module(run)
    page, scanned = _page(run, path)
    run.take(problem.at(path) for problem in scanned.problems)
    items = compile_items(page, scanned.blocks, home=path, secure=secure)
    check_objectives(run, items, allowed, path)
    segments = ("",) * (len(scanned.blocks) + 1)
    return Preview("", None, segments, _questions(run, scanned.blocks), _problems(run, path))


def _read_module(run: Compilation, path: str) -> frozenset[str]:
    """The objectives of the module that the file belongs to. What is wrong with module.yaml is not this file's matter."""
    source = _module_source(run, f"{PurePosixPath(path).parent}/module.yaml")
    return frozenset(objective.id for objective in source.objectives) if source else frozenset()


def _read_every_module(run: Compilation) -> None:
    for path in run.tree.files:
        if path.endswith("/module.yaml") and (source := _module_source(run, path)) is not None:
            run.objectives.update({objective.id: (source.id, objective.text) for objective in source.objectives})


def _module_source(run: Compilation, path: str) -> ModuleSource | None:
    node = run.yaml(path) if path in run.tree.files else None
    return read_model(ModuleSource, node, path)[0] if node is not None else None


def _note_places(run: Compilation, path: str) -> None:
    """What the names of other files say that there is: lessons, modules, programs, exams."""
    for other in run.tree.files:
        if other == path:
            continue
        name = PurePosixPath(other)
        if (lesson := LESSON_FILE.match(name.name)) and other.startswith("modules/"):
            run.places["lesson", lesson.group(2)] = f"{other}:1"
        elif name.name in {"module.yaml", "exam.yaml"}:
            run.places[name.stem, name.parent.name] = f"{other}:1"
        elif str(name.parent) == "programs":
            run.places["program", name.stem] = f"{other}:1"


def _check_links(run: Compilation, path: str) -> None:
    for kind, target, _path, line, column in run.links:
        if (kind, target) not in run.places:
            known = [content_id for known_kind, content_id in run.places if known_kind == kind]
            said = Message("There is no {kind} “{id}” to link to.", {"kind": kind, "id": target})
            run.error("broken-link", said, path, line, column, mend=nearest(target, known))


def _page(run: Compilation, path: str) -> tuple[Page, Scanned]:
    _node, text, first_line = run.front_matter(path)
    return Page(run, path, text, first_line), scan(text, first_line=first_line)


def _text_alone(page: Page, scanned: Scanned) -> str:
    """The text of a file whose front matter can't be read, with a mark where each question stands."""
    html = page.render(scanned.text).html
    for number in range(len(scanned.blocks)):
        html = html.replace(f"<p>{placeholder(number)}</p>", CHECK_MARK).replace(placeholder(number), "")
    return html


def _questions(run: Compilation, blocks: Sequence[Block]) -> tuple[PreviewQuestion | None, ...]:
    by_line = {item.line: item for item in run.items.values()}
    return tuple(
        _question(item, run.item_documents[item.id].compiled["html"])
        if (item := by_line.get(block.line)) is not None
        else None
        for block in blocks
    )


def _question(item: Item, html: dict[str, Any]) -> PreviewQuestion:
    options, feedback = html["options"], html["feedback"]
    return PreviewQuestion(
        item.id,
        item.type,
        item.objective,
        item.line,
        str(html["stem"]),
        tuple(PreviewOption(options[option.id], option.right, feedback.get(option.id, "")) for option in item.options),
        tuple(str(escape(line)) for line in type_named(item.type).head_lines(item)),
        str(html["explanation"]),
    )


def _problems(run: Compilation, path: str) -> tuple[Problem, ...]:
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    own = dict.fromkeys(problem for problem in run.problems if problem.path == path)
    return tuple(sorted(own, key=lambda one: (rank[one.severity], one.line, one.column)))
