"""The reference campus: every program reads, every persona holds, and a wrong policy would be noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lms.foundation.yaml_source import load
from lms.requirements import (
    Campus,
    Door,
    Part,
    Persona,
    Program,
    World,
    parse_campus,
    parse_persona,
    parse_program,
    problems_of,
    run,
    with_parts,
    world_of,
)

_DAY = date(2027, 1, 1)
CONTENT = Path(__file__).parents[3] / "content"
PROGRAM_FILES = sorted((CONTENT / "programs").glob("*.yaml"))
PERSONA_FILES = sorted((CONTENT / "personas").glob("*.yaml"))


def _node(path: Path) -> Any:
    node, problems = load(path.read_text(encoding="utf-8"), path.name)
    assert problems == ()
    return node


@cache
def _campus() -> Campus:
    campus, problems = parse_campus(_node(CONTENT / "campus.yaml"), "campus.yaml")
    assert campus is not None, problems
    return campus


@cache
def _sets() -> dict[str, tuple[str, ...]]:
    nodes = [_node(path) for path in sorted((CONTENT / "modules").glob("*/set.yaml"))]
    return {str(node["id"]): tuple(str(module) for module in node["modules"]) for node in nodes}


@cache
def _programs() -> dict[str, Program]:
    parts = {name: tuple(_part(module) for module in modules) for name, modules in _sets().items()}
    read = [parse_program(_node(path), path.name)[0] for path in PROGRAM_FILES]
    return {program.id: with_parts(program, parts) for program in read if program is not None}


def _part(module: str) -> Part:
    return Part(module, module, minutes=30, lessons=(f"{module}-lesson",), quiz=f"{module}-quiz")


def _world() -> World:
    return world_of(_campus(), _programs().values(), sets=_sets())


def _persona(path: Path) -> Persona:
    persona, problems = parse_persona(_node(path), path.name)
    assert persona is not None, problems
    return persona


@pytest.mark.parametrize("path", PROGRAM_FILES, ids=lambda path: path.stem)
def test_a_program_reads_without_problems_and_survives_json(path: Path) -> None:
    program, problems = parse_program(_node(path), path.name)

    assert problems == ()
    assert program is not None
    assert program.id == path.stem
    assert Program.from_json(json.loads(json.dumps(program.to_json()))) == program


def test_what_programs_award_and_ask_for_exists() -> None:
    campus, programs = _campus(), _programs()

    awarded = {program.award.credential for program in programs.values() if program.award}
    assert awarded == {credential.id for credential in campus.credentials}
    written = json.dumps([program.to_json() for program in programs.values()])
    assert all(f'"{kind.id}"' in written for kind in campus.evidence)
    assert not [p for program in programs.values() for r in program.requirements.rules for p in problems_of(r.rule)]


@pytest.mark.parametrize("path", PERSONA_FILES, ids=lambda path: path.stem)
def test_a_persona_finds_what_the_policy_promises(path: Path) -> None:
    assert [problem.as_line() for problem in run(_persona(path), _programs(), _world())] == []


@pytest.mark.parametrize("path", PERSONA_FILES, ids=lambda path: path.stem)
def test_a_persona_survives_json(path: Path) -> None:
    persona = _persona(path)

    assert Persona.from_json(json.loads(json.dumps(persona.to_json()))) == persona


def test_every_program_with_a_condition_is_noticed_when_it_loses_it() -> None:
    pathway = [program for program in _programs().values() if program.family in {"pathway", "specialist"}]
    unnoticed = [
        program.id for program in pathway if not _failures({program.id: replace(program, requirements=Door())})
    ]

    assert unnoticed == []


def test_a_stage_that_opens_too_early_is_noticed_where_it_is_written() -> None:
    program = _programs()["level-1"]
    early = replace(program, stages=tuple(replace(stage, opens=Door().rule_at(_DAY)) for stage in program.stages))

    failures = _failures({"level-1": early})

    assert failures
    assert all(problem.endswith("should be shut and is open.") or "next_action" in problem for problem in failures)


def test_an_expectation_about_an_unknown_program_fails() -> None:
    persona = _persona(CONTENT / "personas" / "almost-eighteen.yaml")

    problems = run(persona, {}, _world())

    assert [problem.code for problem in problems] == ["persona-fails"] * len(persona.expectations)


def _failures(changed: dict[str, Program]) -> list[str]:
    programs = {**_programs(), **changed}
    found = [problem for path in PERSONA_FILES for problem in run(_persona(path), programs, _world())]
    return [problem.message.in_english() for problem in found]
