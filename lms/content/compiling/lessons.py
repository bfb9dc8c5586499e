"""A lesson: front matter, text, checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from lms.content.compiled import CHECK_MARK, Document
from lms.content.compiling.compilation import Compilation
from lms.content.compiling.pieces import Page
from lms.content.compiling.questions import check_objectives, compile_items, shown
from lms.content.compiling.schemas import LessonSource
from lms.content.markdown import Rendered, plain_text
from lms.content.models import DocumentKind
from lms.content.reading import FEWEST_WORDS, HIGHEST_GRADE, reading_grade
from lms.foundation.messages import Message
from lms.foundation.yaml_source import position, read_model
from lms.items import Block, Item, placeholder, scan

LESSON_FILE = re.compile(r"^(\d{2,3})-([a-z0-9]+(?:-[a-z0-9]+)*)\.md$")
WORDS_A_MINUTE = 180
MINUTES_A_FIGURE = 2
MINUTES_A_CHECK = 1.5
TOLERANCE = 0.15
SLACK_MINUTES = 2


@dataclass(frozen=True)
class CompiledLesson:
    """A lesson as its module knows it."""

    id: str
    title: str
    minutes: int
    check_ids: tuple[str, ...]
    objectives: tuple[str, ...]


def compile_lesson(run: Compilation, path: str, *, module_id: str, objectives: frozenset[str]) -> CompiledLesson | None:
    """Compile one lesson into its document and those of its checks, or None with the reasons noted."""
    name = LESSON_FILE.match(PurePosixPath(path).name)
    node, text, first_line = run.front_matter(path)
    if name is None or node is None:
        _refuse(run, path, named=name is not None)
        return None
    source, problems = read_model(LessonSource, node, path)
    run.take(problem.at(path, line_offset=1) for problem in problems)
    lesson_id = name.group(2)
    if source is None or not run.claim_id("lesson", lesson_id, path):
        return None
    for index, objective in enumerate(source.objectives):
        if objective not in objectives:
            line, column = position(node, ("objectives", index))
            said = Message("The module has no objective “{id}”.", {"id": objective})
            run.error("unknown-objective", said, path, line + 1, column)
    scanned = scan(text, first_line=first_line)
    run.take(problem.at(path) for problem in scanned.problems)
    page = Page(run, path, text, first_line)
    checks = compile_items(page, scanned.blocks, home=f"lesson:{lesson_id}", secure=False)
    check_objectives(run, checks, objectives, path)
    rendered = page.render(scanned.text)
    _refuse_lost(run, rendered.html, scanned.blocks, path)
    body = segments_marked(rendered.html, len(scanned.blocks))
    _check_minutes(run, source, rendered, len(checks), path)
    _check_reading(run, rendered, path)
    run.title("lesson", lesson_id, source.title)
    run.documents.append(_document(run, lesson_id, module_id, source, body, checks, path))
    check_ids = tuple(check.id for check in checks)
    return CompiledLesson(lesson_id, source.title, source.minutes, check_ids, tuple(source.objectives))


def _document(
    run: Compilation,
    lesson_id: str,
    module_id: str,
    source: LessonSource,
    body: str,
    checks: Sequence[Item],
    path: str,
) -> Document:
    documents = {check.id: run.item_documents[check.id] for check in checks}
    compiled = {
        "module": module_id,
        "title": source.title,
        "minutes": source.minutes,
        "objectives": source.objectives,
        "completion": {"checks": source.completion.checks},
        "checks": [shown(check, documents[check.id]) for check in checks],
        "check_hashes": {check_id: document.content_hash for check_id, document in documents.items()},
    }
    structure = [module_id, list(documents), [check.type for check in checks], source.completion.checks]
    formerly = tuple(source.formerly)
    return Document(DocumentKind.LESSON, lesson_id, path, compiled, body=body, structure=structure, formerly=formerly)


def _refuse_lost(run: Compilation, html: str, blocks: Sequence[Block], path: str) -> None:
    """Every question must stand exactly once between paragraphs: raw HTML around it may hide or drop it."""
    for number, block in enumerate(blocks):
        if html.count(_standing(number)) != 1 or html.count(placeholder(number)) != 1:
            said = Message("This question stands inside raw HTML or another text, where it can't be shown.")
            mend = Message("Put it between paragraphs, with a blank line before and after.")
            run.error("question-inside", said, path, block.line, mend=mend)


def segments_marked(html: str, count: int) -> str:
    """The body with one mark where each of `count` questions stands; pages split there."""
    for number in range(count):
        html = html.replace(_standing(number), CHECK_MARK, 1)
    return html


def _standing(number: int) -> str:
    return f"<p>{placeholder(number)}</p>"


def _check_minutes(run: Compilation, source: LessonSource, rendered: Rendered, checks: int, path: str) -> None:
    words = len(plain_text(rendered.html).split())
    figures = len(rendered.images)
    expected = words / WORDS_A_MINUTE + MINUTES_A_FIGURE * figures + MINUTES_A_CHECK * checks + source.activity_minutes
    if abs(source.minutes - expected) > max(TOLERANCE * expected, SLACK_MINUTES):
        said = Message(
            "It says {said} minutes; its {words} words, {figures} figures and {checks} checks take about {n}.",
            {"said": source.minutes, "words": words, "figures": figures, "checks": checks, "n": round(expected)},
        )
        run.warn("minutes", said, path)


def _check_reading(run: Compilation, rendered: Rendered, path: str) -> None:
    words, grade = reading_grade(rendered.html)
    if words >= FEWEST_WORDS and grade > HIGHEST_GRADE:
        values = {"n": round(grade, 1), "most": HIGHEST_GRADE}
        said = Message("It reads like school grade {n}; tired readers want {most} at most.", values)
        run.warn("reading-grade", said, path, mend=Message("Shorten sentences, and choose shorter words."))


def _refuse(run: Compilation, path: str, *, named: bool) -> None:
    if not named:
        said = Message("A lesson's file is named by number and id, such as 10-energy-systems.md.")
        run.error("lesson-name", said, path)
    elif not any(problem.path == path and problem.is_error for problem in run.problems):
        run.error("front-matter", Message("A lesson begins with its front matter between two lines of ---."), path)
