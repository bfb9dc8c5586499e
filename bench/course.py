"""A course of any size as a folder: the demo's own content, and modules with lessons and questions beside it."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

LESSONS_A_MODULE, BANK_ITEMS_A_MODULE = 10, 90
WORDS = (
    "ankle arm athlete balance block board bounce circle coach cone core cycle day distance drill drive effort elbow "
    "endurance energy exercise field finish flight foot force gate grip ground group heart heat height hip hurdle jump "
    "knee landing lane leg level load lung marker muscle pace phase pit plan pole posture power practice race recovery "
    "relay rest rhythm run runway sector session shoulder skill speed sprint stance start step stick stride strength "
    "surface takeoff target throw timing track training trunk turn warmth water week weight wind zone"
).split()


def write_course(folder: Path, source: Path, *, modules: int) -> None:
    """Copy `source`, and add a set of modules, each with ten lessons and a hundred questions."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    drawn = random.Random(7)  # noqa: S311  # the same course each time
    names = [f"bulk-{number:03}" for number in range(modules)]
    bulk = folder / "modules" / "bulk"
    bulk.mkdir(parents=True)
    (bulk / "set.yaml").write_text(f"id: bulk\ntitle: Bulk\nmodules: [{', '.join(names)}]\n")
    for name in names:
        _write_module(bulk / name, name, drawn)


def _write_module(folder: Path, name: str, drawn: random.Random) -> None:
    folder.mkdir()
    lessons = [f"{name}-lesson-{number}" for number in range(LESSONS_A_MODULE)]
    (folder / "module.yaml").write_text(
        f"id: {name}\ntitle: Module {name}\nsummary: One of many, to measure with.\nauthors: [Nobody]\n"
        f"objectives:\n  - {{id: {name}-goal, text: {_sentence(drawn)}}}\n"
        f"quiz: {{items: 8, pass_mark: 80, attempts: unlimited}}\n"
    )
    for number, lesson in enumerate(lessons):
        text = "\n\n".join(_paragraph(drawn) for _paragraph_number in range(6))
        check = _question(drawn, f"{lesson}-check", f"{name}-goal")
        head = f"---\ntitle: Lesson {lesson}\nminutes: 6\nobjectives: [{name}-goal]\n---\n\n"
        (folder / f"{10 + number}-{lesson}.md").write_text(f"{head}{text}\n\n## And then\n\n{text}\n\n{check}")
    bank = "\n".join(_question(drawn, f"{name}-bank-{n}", f"{name}-goal") for n in range(BANK_ITEMS_A_MODULE))
    (folder / "bank.md").write_text(f"---\ntitle: Bank of {name}\n---\n\n{bank}")


def _question(drawn: random.Random, item_id: str, objective: str) -> str:
    right = drawn.randrange(4)
    options = [f"- [{'x' if n == right else ' '}] {' '.join(drawn.sample(WORDS, 4)).capitalize()}" for n in range(4)]
    stem = " ".join(drawn.sample(WORDS, 10)).capitalize()
    head = f"/// question | {stem}?\n    id: {item_id}\n    objective: {objective}\n"
    return head + "\n" + "\n".join(options) + f"\n\n{_sentence(drawn)}.\n///\n"


def _paragraph(drawn: random.Random) -> str:
    return " ".join(f"{_sentence(drawn)}." for _sentence_number in range(5))


def _sentence(drawn: random.Random) -> str:
    return " ".join(drawn.sample(WORDS, 9)).capitalize()
