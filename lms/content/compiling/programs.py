"""Campus, programs and personas: read by the requirement room, joined here with what the modules hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from lms.content.compiled import Document
from lms.content.compiling.compilation import Compilation
from lms.content.compiling.modules import CompiledModule
from lms.content.models import DocumentKind
from lms.foundation.messages import Message
from lms.foundation.yaml_source import position
from lms.requirements import Campus, Program, parse_campus, parse_persona, parse_program, run, with_parts, world_of

CAMPUS = "campus.yaml"
HOURS_TOLERANCE = 0.10


def compile_campus(compilation: Compilation) -> Campus | None:
    if CAMPUS not in compilation.tree.files:
        compilation.error("campus-missing", Message("A content tree needs its campus.yaml."), CAMPUS)
        return None
    node = compilation.yaml(CAMPUS)
    if node is None:
        return None
    campus, problems = parse_campus(node, CAMPUS)
    compilation.take(problems)
    if campus is not None:
        for credential in campus.credentials:
            compilation.claim_id("credential", credential.id, CAMPUS)
            compilation.title("credential", credential.id, credential.title)
        compilation.documents.append(Document(DocumentKind.CAMPUS, "campus", CAMPUS, campus.to_json()))
    return campus


def compile_programs(
    compilation: Compilation, sets: Mapping[str, Sequence[CompiledModule]], campus: Campus | None
) -> dict[str, Program]:
    """Every program with its parts filled in."""
    parts = {set_id: tuple(module.as_part() for module in modules) for set_id, modules in sets.items()}
    exam_minutes = {
        document.id: document.compiled["minutes"] or 0
        for document in compilation.documents
        if document.kind is DocumentKind.EXAM
    }
    programs: dict[str, Program] = {}
    for path in compilation.tree.under("programs", "*.yaml"):
        node = compilation.yaml(path)
        if node is None:
            continue
        program, problems = parse_program(node, path)
        compilation.take(problems)
        if program is None or not compilation.claim_id("program", program.id, path):
            continue
        filled = with_parts(program, parts, exam_minutes)
        _check_references(compilation, filled, node, sets, campus, path)
        _check_hours(compilation, filled, node, path)
        compilation.title("program", filled.id, filled.title)
        programs[filled.id] = filled
        compilation.documents.append(_document(filled, path))
    return programs


def _document(program: Program, path: str) -> Document:
    packed = program.to_json()
    kept = ("id", "kind", "ref", "opens", "credit", "waived_if", "attendance", "available", "formats")
    stages = [
        {key: stage.get(key) for key in kept}
        | {"parts": [(part["id"], part.get("lessons"), part.get("quiz")) for part in stage.get("parts", ())]}
        for stage in packed.get("stages", ())
    ]
    structure = [stages, packed.get("award"), packed.get("throughout"), [track.id for track in program.tracks]]
    return Document(DocumentKind.PROGRAM, program.id, path, packed, structure=structure, formerly=program.formerly)


def _check_references(
    compilation: Compilation,
    program: Program,
    node: Any,
    sets: Mapping[str, Sequence[CompiledModule]],
    campus: Campus | None,
    path: str,
) -> None:
    for index, stage in enumerate(program.stages):
        line, column = position(node, ("stages", index))
        if stage.kind == "module_set" and stage.available and stage.ref not in sets and not compilation.broken:
            said = Message("There is no module set “{id}”.", {"id": stage.ref})
            mend = Message("Write “available: false” while its content is not published.")
            compilation.error("unknown-set", said, path, line, column, mend)
        missing = ("exam", stage.ref) not in compilation.places and not compilation.lacking
        if stage.kind == "exam" and stage.available and missing:
            said = Message("There is no exam “{id}”.", {"id": stage.ref})
            mend = Message("Write “available: false” while it is not published.")
            compilation.error("unknown-exam", said, path, line, column, mend)
    if program.award and campus and campus.credential(program.award.credential) is None:
        line, column = position(node, ("award",))
        said = Message("campus.yaml names no credential “{id}”.", {"id": program.award.credential})
        compilation.error("unknown-credential", said, path, line, column)
    if program.award is None and program.family != "partner":
        compilation.warn("awards-nothing", Message("This program awards nothing."), path)


def _check_hours(compilation: Compilation, program: Program, node: Any, path: str) -> None:
    """A program's parts against its hours; a note where the program says that it is a selection."""
    if program.hours is None or not program.parts or not all(stage.available for stage in program.stages):
        return
    if compilation.broken or compilation.lacking:
        return
    minutes, stated = program.length_minutes, int(program.hours * 60)
    if abs(minutes - stated) <= HOURS_TOLERANCE * stated:
        return
    said = Message(
        "Its parts take {found} minutes; its {hours} hours are {stated}.",
        {"found": minutes, "hours": program.hours, "stated": stated},
    )
    if program.selection:
        compilation.note("hours", said, path)
    else:
        line, _column = position(node, ("hours",), of_key=True)
        compilation.warn("hours", said, path, line)


def compile_personas(compilation: Compilation, programs: Mapping[str, Program], campus: Campus | None) -> None:
    """Run the policy's test suite: every persona, on every date it names."""
    if campus is None or any(problem.is_error for problem in compilation.problems):
        return
    sets = {
        document.id: tuple(document.compiled["modules"])
        for document in compilation.documents
        if document.kind is DocumentKind.MODULE_SET
    }
    world = world_of(campus, programs.values(), titles=compilation.titles, sets=sets)
    for path in compilation.tree.under("personas", "*.yaml"):
        node = compilation.yaml(path)
        if node is None:
            continue
        persona, problems = parse_persona(node, path)
        compilation.take(problems)
        if persona is not None and compilation.claim_id("persona", persona.id, path):
            compilation.take(run(persona, programs, world))
            name = PurePosixPath(path).stem
            compilation.documents.append(Document(DocumentKind.PERSONA, name, path, {"title": persona.title}))
