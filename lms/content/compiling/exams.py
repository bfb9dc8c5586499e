"""Certification exams: settings, blueprint, reviewed forms, and their secure items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lms.content.compiled import Document, form_hash
from lms.content.compiling.compilation import Compilation
from lms.content.compiling.pieces import Page
from lms.content.compiling.questions import check_objectives, compile_items
from lms.content.compiling.schemas import ExamSource
from lms.content.models import DocumentKind
from lms.foundation.messages import Message
from lms.foundation.yaml_source import position, read_model
from lms.items import Item, PoolItem, blueprint_problems, scan


def compile_exams(run: Compilation) -> None:
    for folder in run.tree.folders("exams"):
        path = f"{folder}/exam.yaml"
        if path not in run.tree.files:
            run.error("exam-file", Message("An exam needs its exam.yaml."), path)
            run.lacking = True
            continue
        node = run.yaml(path)
        source, problems = read_model(ExamSource, node, path) if node is not None else (None, ())
        run.take(problems)
        if source is not None and run.claim_id("exam", source.id, path):
            _compile_exam(run, source, node, folder, path)
        else:
            run.lacking = True


def _compile_exam(run: Compilation, source: ExamSource, node: Any, folder: str, path: str) -> None:
    items = _secure_items(run, source, folder)
    parts = _parts(run, source, items)
    if f"{folder}/bank.md" in run.tree.files and not run.broken:  # a bank without items is as wrong as one too few
        _check_blueprint(run, source, parts, node, path)
        _check_forms(run, source, node, parts, path)
    run.title("exam", source.id, source.title)
    run.documents.append(_document(run, source, items, parts, path))


def _check_blueprint(run: Compilation, source: ExamSource, parts: Mapping[str, str], node: Any, path: str) -> None:
    place = position(node, ("blueprint",))
    pool = [PoolItem(item_id, part) for item_id, part in parts.items()]
    known = set(run.module_sets.values()) | set(run.module_sets) | set(run.objectives)
    asked = {part: count for part, count in source.blueprint.items() if part in known}
    for problem in blueprint_problems(asked, pool, forms=max(len(source.forms), 1)):
        run.error(problem.code, problem.message, path, *place)
    for part in source.blueprint.keys() - asked.keys():
        said = Message("“{id}” is no module set, module or objective.", {"id": part})
        run.error("blueprint-part", said, path, *position(node, ("blueprint", part), of_key=True))


def _secure_items(run: Compilation, source: ExamSource, folder: str) -> list[Item]:
    path = f"{folder}/bank.md"
    if path not in run.tree.files:
        run.error("exam-bank", Message("The exam has no bank.md."), path)
        return []
    _node, text, first_line = run.front_matter(path)
    scanned = scan(text, first_line=first_line)
    run.take(problem.at(path) for problem in scanned.problems)
    items = compile_items(Page(run, path, text, first_line), scanned.blocks, home=f"exam:{source.id}", secure=True)
    if not run.broken:
        check_objectives(run, items, None, path)
    return items


def _parts(run: Compilation, source: ExamSource, items: Sequence[Item]) -> dict[str, str]:
    """Which part of the blueprint each item counts for: its objective, its module, or its module set."""
    found: dict[str, str] = {}
    for item in items:
        module_id, _text = run.objectives.get(item.objective, ("", ""))
        names = (item.objective, module_id, run.module_sets.get(module_id, ""))
        known_part = next((name for name in names if name in source.blueprint), None)
        if known_part is not None:
            found[item.id] = known_part
    return found


def _check_forms(run: Compilation, source: ExamSource, node: Any, parts: Mapping[str, str], path: str) -> None:
    seen: dict[str, str] = {}
    for form, item_ids in source.forms.items():
        for index, item_id in enumerate(item_ids):
            line, column = position(node, ("forms", form, index))
            if run.item_homes.get(item_id) != f"exam:{source.id}":
                said = Message("The bank has no item “{id}”.", {"id": item_id})
                run.error("form-item", said, path, line, column)
            elif item_id in seen:
                said = Message("“{id}” stands already in form {form}.", {"id": item_id, "form": seen[item_id]})
                run.error("form-overlap", said, path, line, column)
            seen.setdefault(item_id, form)
        counts = Counter(parts.get(item_id) for item_id in item_ids)
        complete = run.item_homes.keys() >= set(item_ids)
        for part, asked in source.blueprint.items():
            if complete and part in parts.values() and counts[part] != asked:
                line, column = position(node, ("forms", form), of_key=True)
                said = Message(
                    "Form {form} holds {n} items for “{part}”; the blueprint asks for {asked}.",
                    {"form": form, "n": counts[part], "part": part, "asked": asked},
                )
                run.error("form-blueprint", said, path, line, column)


def _document(
    run: Compilation, source: ExamSource, items: Sequence[Item], parts: Mapping[str, str], path: str
) -> Document:
    areas = {item.id: run.objectives[item.objective][0] for item in items if item.objective in run.objectives}
    settings = {
        "pass_mark": source.pass_mark,
        "minutes": source.minutes,
        "attempts_included": source.attempts.included,
        "cooldown_hours": source.attempts.cooldown_hours,
        "window_from": source.window.from_ if source.window else None,
        "window_days": source.window.days if source.window else None,
        "release": source.release,
        "on_expiry": source.on_expiry,
    }
    compiled: dict[str, Any] = {
        "exam_kind": "exam",
        "preset": source.preset,
        "title": source.title,
        "summary": source.summary,
        "module": None,
        **settings,
        "count": sum(source.blueprint.values()),
        "pool": [],
        "forms": {form: {"items": ids, "hash": form_hash(ids, run.items)} for form, ids in source.forms.items()},
        "cuts": source.cuts,
        "blueprint": source.blueprint,
        "reviewed_by": source.reviewed_by,
        "areas": areas,
        "area_titles": {module_id: run.titles[f"module:{module_id}"] for module_id in dict.fromkeys(areas.values())},
        "objectives": {
            item.objective: run.objectives[item.objective][1] for item in items if item.objective in run.objectives
        },
        "item_objectives": {item.id: item.objective for item in items},
        "parts": dict(parts),
    }
    assessment = [compiled["forms"], source.cuts, source.blueprint]
    formerly = tuple(source.formerly)
    return Document(
        DocumentKind.EXAM,
        source.id,
        path,
        compiled,
        secure=True,
        structure=settings,
        assessment=assessment,
        formerly=formerly,
    )
