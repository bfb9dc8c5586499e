"""Another federation's campus: a copy of `content/` in which every program, credential and exam has another id.

Kinds are told apart: a module set may be called as a program is, and stays as it is.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PROGRAM, CREDENTIAL, EXAM = "program", "credential", "exam"
NEW_WORDS = {PROGRAM: "course", CREDENTIAL: "award", EXAM: "sitting"}
# What a key names, wherever it stands: its value is an id, or a mapping with one.
NAMED_BY_KEY = {
    "certificate": CREDENTIAL,
    "counting_course": CREDENTIAL,
    "credential": CREDENTIAL,
    "renewal_credit": CREDENTIAL,
    "exam": EXAM,
    "exam_passed": EXAM,
    "partner_course": PROGRAM,
    "program": PROGRAM,
}
LINK = re.compile(r"\((program|exam|credential):([a-z0-9-]+)")


@dataclass(frozen=True)
class Renamed:
    """The copy, and what each id is called in it, by kind."""

    root: Path
    ids: Mapping[str, Mapping[str, str]]

    def program(self, old: str) -> str:
        return self.ids[PROGRAM][old]

    def exam(self, old: str) -> str:
        return self.ids[EXAM][old]


def renamed_copy(source: Path, target: Path) -> Renamed:
    """Copy the tree and rename in it. Nothing of the old ids is left where the product reads an id."""
    shutil.copytree(source, target)
    ids = {kind: _new_ids(kind, old) for kind, old in ids_of(source).items()}
    for path in sorted(target.rglob("*.yaml")):
        _rewrite(path, path.relative_to(target).parts, ids)
    for path in sorted(target.rglob("*.md")):
        _rewrite_links(path, ids)
    for old, new in ids[PROGRAM].items():
        (target / "programs" / f"{old}.yaml").rename(target / "programs" / f"{new}.yaml")
    for old in ids_of(source)[EXAM]:
        if (target / "exams" / old).exists():
            (target / "exams" / old).rename(target / "exams" / ids[EXAM][old])
    return Renamed(target, ids)


def ids_of(root: Path) -> dict[str, list[str]]:
    """The ids of programs, credentials and exams of a tree, exams that are only announced among them."""
    programs = [_read(path) for path in sorted((root / "programs").glob("*.yaml"))]
    exams = [_read(path)["id"] for path in sorted((root / "exams").glob("*/exam.yaml"))]
    announced = {stage["exam"] for program in programs for stage in program["stages"] if "exam" in stage}
    return {
        PROGRAM: [program["id"] for program in programs],
        CREDENTIAL: [each["id"] for each in _read(root / "campus.yaml")["credentials"]],
        EXAM: [*exams, *sorted(announced - set(exams))],
    }


def stage_ids_of(root: Path) -> set[str]:
    return {stage["id"] for path in (root / "programs").glob("*.yaml") for stage in _read(path)["stages"]}


def module_ids_of(root: Path) -> set[str]:
    """The ids of module sets and of their modules: both are named as their folders."""
    return {path.parent.name for name in ("set.yaml", "module.yaml") for path in (root / "modules").rglob(name)}


def _new_ids(kind: str, old: list[str]) -> dict[str, str]:
    return {each: f"{NEW_WORDS[kind]}-{number:02}" for number, each in enumerate(old, start=1)}


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml


def _read(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def _rewrite(path: Path, place: tuple[str, ...], ids: Mapping[str, Mapping[str, str]]) -> None:
    yaml = _yaml()
    document = yaml.load(path)
    _Renaming(ids).document(document, place[0])
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def _rewrite_links(path: Path, ids: Mapping[str, Mapping[str, str]]) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(LINK.sub(lambda found: f"({found[1]}:{ids[found[1]][found[2]]}", text), encoding="utf-8")


@dataclass(frozen=True)
class _Renaming:
    ids: Mapping[str, Mapping[str, str]]

    def document(self, document: Any, folder: str) -> None:
        """Rename in one file; `folder` is the first part of its path."""
        if folder == "modules":
            return
        if folder in {"programs", "exams"}:
            document["id"] = self.ids[folder.removesuffix("s")][document["id"]]
        if folder == "campus.yaml":
            for credential in document["credentials"]:
                credential["id"] = self.ids[CREDENTIAL][credential["id"]]
        if folder == "personas":
            self._persona(document)
        self._walk(document)

    def _walk(self, node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "stages" and isinstance(value, dict):
                    continue  # a persona's states by stage, and a stage may be called as a key is
                if key in NAMED_BY_KEY:
                    node[key] = self._named(value, self.ids[NAMED_BY_KEY[key]])
                else:
                    self._walk(value)
        elif isinstance(node, list):
            for value in node:
                self._walk(value)

    def _named(self, value: Any, ids: Mapping[str, str]) -> Any:
        if isinstance(value, str):
            return ids[value]
        if isinstance(value, list):
            return [self._named(each, ids) for each in value]
        value["id"] = ids[value["id"]]
        return value

    def _persona(self, document: Any) -> None:
        if "enrolled" in document:
            document["enrolled"] = {self.ids[PROGRAM][key]: day for key, day in document["enrolled"].items()}
        for fact in document["facts"]:
            kind = NAMED_BY_KEY.get(fact["kind"])
            if kind and "subject" in fact:
                fact["subject"] = self.ids[kind][fact["subject"]]
            if kind and "subjects" in fact:
                fact["subjects"] = [self.ids[kind][each] for each in fact["subjects"]]
        for expectation in document["expectations"]:
            if "missing" in expectation:
                expectation["missing"] = [self._key(each) for each in expectation["missing"]]

    def _key(self, key: str) -> str:
        """A requirement's key such as `certificate:level-1` or `not:certificate:level-1`."""
        *path, last = key.split(":")
        kind = NAMED_BY_KEY.get(path[-1]) if path else None
        return ":".join([*path, self.ids[kind][last]]) if kind else key
