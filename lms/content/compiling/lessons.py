"""A lesson: front matter, text, checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from lms.content.compiling.compilation import Compilation, Document
from lms.content.compiling.questions import check_objectives, compile_items, shown
from lms.content.compiling.schemas import LessonSource
from lms.content.compiling.tree import MEDIA_ENDINGS
from lms.content.figures import read_figure
from lms.content.markdown import Rendered, plain_text, render
from lms.content.models import DocumentKind
from lms.foundation.messages import Message
from lms.foundation.yaml_source import position, read_model
from lms.items import Item, placeholder, scan

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
    checks = compile_items(run, scanned.blocks, path, home=f"lesson:{lesson_id}", secure=False)
    check_objectives(run, checks, objectives, path)
    rendered = render(scanned.text, figures=figures_of(run, path, text))
    _report(run, rendered, text, path, first_line)
    _check_minutes(run, source, rendered, len(checks), path)
    run.title("lesson", lesson_id, source.title)
    run.documents.append(_document(lesson_id, module_id, source, rendered, checks, path))
    check_ids = tuple(check.id for check in checks)
    return CompiledLesson(lesson_id, source.title, source.minutes, check_ids, tuple(source.objectives))


def _document(
    lesson_id: str, module_id: str, source: LessonSource, rendered: Rendered, checks: list[Item], path: str
) -> Document:
    check_ids = [check.id for check in checks]
    compiled = {
        "module": module_id,
        "title": source.title,
        "minutes": source.minutes,
        "objectives": source.objectives,
        "completion": {"checks": source.completion.checks},
        "checks": [shown(check) for check in checks],
    }
    structure = [module_id, check_ids, [check.type for check in checks], source.completion.checks]
    formerly = tuple(source.formerly)
    body = segments_marked(rendered.html, len(checks))
    return Document(DocumentKind.LESSON, lesson_id, path, compiled, body=body, structure=structure, formerly=formerly)


CHECK_MARK = "<!--check-->"


def segments_marked(html: str, count: int) -> str:
    """The body with one mark where each check stands; pages split there."""
    for number in range(count):
        html = html.replace(f"<p>{placeholder(number)}</p>", CHECK_MARK, 1)
    return html


def figures_of(run: Compilation, path: str, text: str) -> Mapping[str, str]:
    """The figures a text asks for, ready to stand in the page; what is wrong with them is noted."""
    folder = PurePosixPath(path).parent
    figures: dict[str, str] = {}
    for number, name in enumerate(dict.fromkeys(re.findall(r"\]\(\s*(media/[\w./-]+)", text))):
        media = str(folder / name)
        if media not in run.tree.files or ".." in PurePosixPath(name).parts or not media.endswith(".svg"):
            continue
        markup, problems = read_figure(run.tree.files[media], media, prefix=f"f{number}")
        run.take(problems)
        if markup is not None:
            figures[name] = markup
    return figures


def _report(run: Compilation, rendered: Rendered, text: str, path: str, first_line: int) -> None:
    for kind, target in rendered.links:
        run.links.append((kind, target, path, line_of(text, f"{kind}:{target}", first_line)))
    for address in rendered.refused:
        said = Message("The link “{address}” is not allowed.", {"address": address[:80]})
        run.error("link-refused", said, path, line_of(text, address, first_line))
    for latex in rendered.bad_math:
        said = Message("This formula can't be read: {latex}", {"latex": latex[:80]})
        run.error("math", said, path, line_of(text, latex[:20], first_line))
    _report_images(run, rendered, text, path, first_line)
    if re.search(r"^#\s", text, re.MULTILINE):
        line = line_of(text, "# ", first_line)
        run.error("heading-level", Message("The title is the only first-level heading: begin with ##."), path, line)
    _report_skipped_levels(run, rendered, path)


def _report_images(run: Compilation, rendered: Rendered, text: str, path: str, first_line: int) -> None:
    folder = PurePosixPath(path).parent
    for source, alternative in rendered.images:
        line = line_of(text, source, first_line)
        media = str(folder / source)
        if re.match(r"^[a-z][a-z0-9+.-]*:|^/", source, re.IGNORECASE):
            said = Message(
                "Images come from the module's own media folder, not from “{source}”.", {"source": source[:80]}
            )
            run.error("image-outside", said, path, line)
        elif media not in run.tree.files or PurePosixPath(source).suffix not in MEDIA_ENDINGS or ".." in source:
            run.error("image-missing", Message("There is no file {path}.", {"path": media}), path, line)
        elif not source.endswith(".svg"):
            said = Message("Figures are SVG for now; {source} can't be shown.", {"source": source})
            run.error("image-type", said, path, line)
        if not alternative.strip():
            said = Message("This image has no alternative text.")
            run.error("image-alternative", said, path, line, mend=Message("Say between the brackets what it shows."))


def _report_skipped_levels(run: Compilation, rendered: Rendered, path: str) -> None:
    before = 1
    for level in (int(found) for found in re.findall(r"<h([2-6])\b", rendered.html)):
        if level > before + 1:
            said = Message("A heading of level {n} follows one of level {before}.", {"n": level, "before": before})
            run.warn("heading-skipped", said, path)
        before = level


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


def line_of(text: str, needle: str, first_line: int) -> int:
    """The line on which `needle` first stands; the text's first line where it can't be found as written."""
    index = text.find(needle)
    return first_line if index < 0 else first_line + text.count("\n", 0, index)


def _refuse(run: Compilation, path: str, *, named: bool) -> None:
    if not named:
        said = Message("A lesson's file is named by number and id, such as 10-energy-systems.md.")
        run.error("lesson-name", said, path)
    elif not any(problem.path == path and problem.is_error for problem in run.problems):
        run.error("front-matter", Message("A lesson begins with its front matter between two lines of ---."), path)
