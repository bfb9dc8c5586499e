"""Module sets and modules: their lessons, their bank, and the quiz that is drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lms.content.compiled import Document
from lms.content.compiling.compilation import Compilation
from lms.content.compiling.lessons import LESSON_FILE, CompiledLesson, compile_lesson
from lms.content.compiling.pieces import Page
from lms.content.compiling.questions import check_objectives, compile_items
from lms.content.compiling.schemas import BankSource, ModuleSource, SetSource
from lms.content.models import DocumentKind
from lms.foundation.messages import Message
from lms.foundation.yaml_source import position, read_model
from lms.items import Item, scan
from lms.requirements import Part

MINUTES_A_QUIZ_ITEM = 1.5


@dataclass(frozen=True)
class CompiledModule:
    """A module as programs and exams know it."""

    id: str
    title: str
    minutes: int
    lessons: tuple[CompiledLesson, ...]
    quiz_id: str
    objectives: tuple[str, ...]

    def as_part(self) -> Part:
        return Part(
            self.id, self.title, "module", self.minutes, tuple(lesson.id for lesson in self.lessons), self.quiz_id
        )


def compile_sets(run: Compilation) -> dict[str, list[CompiledModule]]:
    """Every set with its modules in order. A module that is not listed, or listed and not there, is an error."""
    sets: dict[str, list[CompiledModule]] = {}
    for folder in run.tree.folders("modules"):
        path = f"{folder}/set.yaml"
        if path not in run.tree.files:
            run.error("set-missing", Message("A module set needs its set.yaml."), path)
            run.broken = True
            continue
        node = run.yaml(path)
        source = _read_set(run, node, path)
        if source is None:
            run.broken = True
            continue
        found = {PurePosixPath(inner).name: inner for inner in run.tree.folders(folder)}
        for index, module_id in enumerate(source.modules):
            if module_id not in found:
                line, column = position(node, ("modules", index))
                said = Message("There is no module “{id}” in this set.", {"id": module_id})
                run.error("module-missing", said, path, line, column)
        for name in sorted(found.keys() - set(source.modules)):
            run.error("module-unlisted", Message("The module “{id}” is not listed in set.yaml.", {"id": name}), path)
        compiled = [compile_module(run, found[name], source.id) for name in source.modules if name in found]
        run.broken = run.broken or None in compiled or found.keys() != set(source.modules)
        sets[source.id] = [module for module in compiled if module is not None]
        _add_set(run, source, path)
    return sets


def _read_set(run: Compilation, node: Any, path: str) -> SetSource | None:
    if node is None:
        return None
    source, problems = read_model(SetSource, node, path)
    run.take(problems)
    return source if source is not None and run.claim_id("module_set", source.id, path) else None


def _add_set(run: Compilation, source: SetSource, path: str) -> None:
    run.title("module_set", source.id, source.title)
    compiled = {"title": source.title, "modules": source.modules}
    run.documents.append(
        Document(
            DocumentKind.MODULE_SET,
            source.id,
            path,
            compiled,
            structure=source.modules,
            formerly=tuple(source.formerly),
        )
    )


def compile_module(run: Compilation, folder: str, set_id: str) -> CompiledModule | None:
    path = f"{folder}/module.yaml"
    if path not in run.tree.files:
        run.error("module-file", Message("A module needs its module.yaml."), path)
        return None
    node = run.yaml(path)
    source, problems = read_model(ModuleSource, node, path) if node is not None else (None, ())
    run.take(problems)
    if source is None or not _claim(run, source, folder, node, path):
        return None
    objectives = frozenset(objective.id for objective in source.objectives)
    run.module_sets[source.id] = set_id
    files = [name for name in run.tree.under(folder, "*.md") if PurePosixPath(name).name != "bank.md"]
    _refuse_strays(run, files)
    compiled = [
        compile_lesson(run, name, module_id=source.id, objectives=objectives) for name in files if _is_lesson(name)
    ]
    lessons = tuple(lesson for lesson in compiled if lesson is not None)
    run.lacking = run.lacking or None in compiled
    if not files:
        run.error("module-empty", Message("This module has no lesson."), path)
    bank = compile_bank(run, folder, source, objectives)
    module = _compiled(source, lessons)
    if None not in compiled:
        _check_coverage(run, source, lessons, bank, path)
    _add_module(run, source, module, set_id, path)
    _add_quiz(run, source, bank, path)
    return module


def _claim(run: Compilation, source: ModuleSource, folder: str, node: Any, path: str) -> bool:
    if source.id != PurePosixPath(folder).name:
        line, column = position(node, ("id",))
        said = Message(
            "The id “{id}” is not the folder's name “{name}”.", {"id": source.id, "name": PurePosixPath(folder).name}
        )
        run.error("module-id", said, path, line, column)
        return False
    for index, objective in enumerate(source.objectives):
        line, _column = position(node, ("objectives", index))
        if run.claim_id("objective", objective.id, path, line):
            run.objectives[objective.id] = (source.id, objective.text)
    return run.claim_id("module", source.id, path)


def _is_lesson(path: str) -> bool:
    return LESSON_FILE.match(PurePosixPath(path).name) is not None


def _refuse_strays(run: Compilation, files: list[str]) -> None:
    for name in files:
        if not _is_lesson(name):
            said = Message("A lesson's file is named by number and id, such as 10-energy-systems.md.")
            run.error("lesson-name", said, name)


def compile_bank(run: Compilation, folder: str, source: ModuleSource, objectives: frozenset[str]) -> list[Item]:
    path = f"{folder}/bank.md"
    if path not in run.tree.files:
        run.error("bank-missing", Message("A module needs a bank.md for its quiz."), path)
        return []
    node, text, first_line = run.front_matter(path)
    if node is not None:
        _source, problems = read_model(BankSource, node, path)
        run.take(problem.at(path, line_offset=1) for problem in problems)
    scanned = scan(text, first_line=first_line)
    run.take(problem.at(path) for problem in scanned.problems)
    items = compile_items(Page(run, path, text, first_line), scanned.blocks, home=f"bank:{source.id}", secure=False)
    check_objectives(run, items, objectives, path)
    if len(items) < source.quiz.items:
        said = Message(
            "The quiz asks for {asked} questions and the bank holds {n}.", {"asked": source.quiz.items, "n": len(items)}
        )
        run.error("quiz-short", said, path)
    return items


def _compiled(source: ModuleSource, lessons: tuple[CompiledLesson, ...]) -> CompiledModule:
    quiz_minutes = round(source.quiz.items * MINUTES_A_QUIZ_ITEM)
    minutes = sum(lesson.minutes for lesson in lessons) + quiz_minutes
    objectives = tuple(objective.id for objective in source.objectives)
    return CompiledModule(source.id, source.title, minutes, lessons, quiz_id(source.id), objectives)


def quiz_id(module_id: str) -> str:
    return f"{module_id}-quiz"


def _check_coverage(
    run: Compilation, source: ModuleSource, lessons: tuple[CompiledLesson, ...], bank: list[Item], path: str
) -> None:
    taught = {objective for lesson in lessons for objective in lesson.objectives}
    asked = {item.objective for item in bank}
    for objective in source.objectives:
        if objective.id not in taught:
            run.warn("objective-untaught", Message("No lesson names the objective “{id}”.", {"id": objective.id}), path)
        if objective.id not in asked:
            run.warn("objective-unasked", Message("No bank question asks for “{id}”.", {"id": objective.id}), path)


def _add_module(run: Compilation, source: ModuleSource, module: CompiledModule, set_id: str, path: str) -> None:
    run.title("module", source.id, source.title)
    lessons = [{"id": lesson.id, "title": lesson.title, "minutes": lesson.minutes} for lesson in module.lessons]
    compiled = {
        "set": set_id,
        "title": source.title,
        "summary": source.summary,
        "authors": source.authors,
        "objectives": [objective.model_dump() for objective in source.objectives],
        "references": source.references,
        "lessons": lessons,
        "quiz": module.quiz_id,
        "minutes": module.minutes,
    }
    structure = [set_id, [lesson.id for lesson in module.lessons], module.quiz_id, list(module.objectives)]
    run.documents.append(
        Document(DocumentKind.MODULE, source.id, path, compiled, structure=structure, formerly=tuple(source.formerly))
    )


def _add_quiz(run: Compilation, source: ModuleSource, bank: list[Item], path: str) -> None:
    """A quiz is an exam: same attempts, same pages; it draws for each person from the bank."""
    settings = {
        "pass_mark": source.quiz.pass_mark,
        "minutes": None,
        "attempts_included": source.quiz.attempts,
        "cooldown_hours": source.quiz.cooldown_hours,
        "window_from": None,
        "window_days": None,
        "release": "at_once",
        "on_expiry": "submit",
    }
    pool = [{"id": item.id, "objective": item.objective} for item in bank]
    compiled = {
        "exam_kind": "quiz",
        "preset": "module-quiz",
        "title": source.title,
        "summary": "",
        "module": source.id,
        **settings,
        "count": source.quiz.items,
        "pool": pool,
        "forms": {},
        "cuts": {},
        "blueprint": {},
        "reviewed_by": {},
        "areas": {item.id: source.id for item in bank},
        "area_titles": {source.id: source.title},
        "objectives": {objective.id: objective.text for objective in source.objectives},
        "item_objectives": {item.id: item.objective for item in bank},
    }
    name = quiz_id(source.id)
    if run.claim_id("exam", name, path):
        run.title("quiz", name, source.title)
        run.documents.append(
            Document(DocumentKind.EXAM, name, path, compiled, structure=settings, assessment=[pool, source.quiz.items])
        )
