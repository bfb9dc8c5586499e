"""Which test proves which requirement: `docs/asvs.csv` (OWASP ASVS 5.0) and `docs/threats.csv`.

Each requirement stands there once, and whatever a row names exists: a test, or a section of `docs/security.md`.
"""

from __future__ import annotations

import ast
import csv
import re
import tomllib
from collections import Counter
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lms.foundation.settings import ROOT

ASVS = ROOT / "docs" / "asvs.csv"
THREATS = ROOT / "docs" / "threats.csv"
SECTIONS = "docs/security.md"
# Every requirement of levels 1 and 2: by section, the numbers of level 1 and those of level 2.
REQUIREMENTS = {
    "1.1": ("", "1 2"),
    "1.2": ("1 2 3 4 5", "6 7 8 9"),
    "1.3": ("1 2", "3 4 5 6 7 8 9 10 11"),
    "1.4": ("", "1 2 3"),
    "1.5": ("1", "2"),
    "2.1": ("1", "2 3"),
    "2.2": ("1 2", "3"),
    "2.3": ("1", "2 3 4"),
    "2.4": ("", "1"),
    "3.2": ("1 2", ""),
    "3.3": ("1", "2 3 4"),
    "3.4": ("1 2", "3 4 5 6"),
    "3.5": ("1 2 3", "4 5"),
    "3.7": ("", "1 2"),
    "4.1": ("1", "2 3"),
    "4.2": ("", "1"),
    "4.3": ("", "1 2"),
    "4.4": ("1", "2 3 4"),
    "5.1": ("", "1"),
    "5.2": ("1 2", "3"),
    "5.3": ("1 2", ""),
    "5.4": ("", "1 2 3"),
    "6.1": ("1", "2 3"),
    "6.2": ("1 2 3 4 5 6 7 8", "9 10 11 12"),
    "6.3": ("1 2", "3 4"),
    "6.4": ("1 2", "3 4"),
    "6.5": ("", "1 2 3 4 5"),
    "6.6": ("", "1 2 3"),
    "6.8": ("", "1 2 3 4"),
    "7.1": ("", "1 2 3"),
    "7.2": ("1 2 3 4", ""),
    "7.3": ("", "1 2"),
    "7.4": ("1 2", "3 4 5"),
    "7.5": ("", "1 2"),
    "7.6": ("", "1 2"),
    "8.1": ("1", "2"),
    "8.2": ("1 2", "3"),
    "8.3": ("1", ""),
    "8.4": ("", "1"),
    "9.1": ("1 2 3", ""),
    "9.2": ("1", "2 3 4"),
    "10.1": ("", "1 2"),
    "10.2": ("", "1 2"),
    "10.3": ("", "1 2 3 4"),
    "10.4": ("1 2 3 4 5", "6 7 8 9 10 11"),
    "10.5": ("", "1 2 3 4 5"),
    "10.6": ("", "1 2"),
    "10.7": ("", "1 2 3"),
    "11.1": ("", "1 2"),
    "11.2": ("", "1 2 3"),
    "11.3": ("1 2", "3"),
    "11.4": ("1", "2 3 4"),
    "11.5": ("", "1"),
    "11.6": ("", "1"),
    "12.1": ("1", "2 3"),
    "12.2": ("1 2", ""),
    "12.3": ("", "1 2 3 4"),
    "13.1": ("", "1"),
    "13.2": ("", "1 2 3 4 5"),
    "13.3": ("", "1 2"),
    "13.4": ("1", "2 3 4 5"),
    "14.1": ("", "1 2"),
    "14.2": ("1", "2 3 4"),
    "14.3": ("1", "2 3"),
    "15.1": ("1", "2 3"),
    "15.2": ("1", "2 3"),
    "15.3": ("1", "2 3 4 5 6 7"),
    "16.1": ("", "1"),
    "16.2": ("", "1 2 3 4 5"),
    "16.3": ("", "1 2 3 4"),
    "16.4": ("", "1 2 3"),
    "16.5": ("", "1 2 3"),
    "17.1": ("", "1"),
    "17.2": ("", "1 2 3 4"),
    "17.3": ("", "1 2"),
}
LEVEL_3 = (
    "V1.2.10 V1.3.12 V2.3.5 V3.4.7 V3.4.8 V3.5.6 V3.5.7 V3.5.8 V5.2.4 V5.2.5 V5.2.6 V5.3.3 V6.3.8 V8.3.2 V15.4.2"
).split()
FAULTS = (
    "killed-workers power-loss disk-full read-only locked postgresql stalled-line mail clock migration backup "
    "corruption resources twice restart"
).split()
FORTY = 40
STATUSES = {"tested", "n/a", "later"}
SUBJECT_WORDS = range(2, 11)
FEWEST_WORDS_OF_A_REASON = 3
FEWEST_WORDS_OF_A_SECTION = 30
NUMBER_OF_AN_ISSUE = re.compile(r"#\d|\bissue\b")
Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


ALL = [*rows(ASVS), *rows(THREATS)]


def named(row: Row) -> str:
    return row.get("requirement") or f"threat {row['threat']}"


@cache
def defined_in(name: str) -> frozenset[str]:
    """What a file of tests defines: `test_…`, and `TestClass::test_…`."""
    path = ROOT / name
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test")]
    methods = {f"{each.name}::{one}" for each in classes for one in functions(each.body)}
    return frozenset(functions(tree.body) | methods)


def functions(body: list[ast.stmt]) -> set[str]:
    return {node.name for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@cache
def sections() -> dict[str, str]:
    """The text of each section of the document, by the name that links to it."""
    parts = re.split(r"^## (.+)$", (ROOT / SECTIONS).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {slug(title): text for title, text in zip(parts[::2], parts[1::2], strict=True)}


def slug(title: str) -> str:
    return re.sub(r"[^\w-]", "", title.strip().lower().replace(" ", "-"))


def is_there(evidence: str) -> bool:
    place, _, name = evidence.partition("::")
    if evidence.startswith(SECTIONS):
        return len(sections().get(evidence.partition("#")[2], "").split()) >= FEWEST_WORDS_OF_A_SECTION
    return name in defined_in(place)


# ---- every requirement


def test_every_requirement_stands_there_once_in_its_order_and_level() -> None:
    wanted = [
        (f"V{section}.{number}", level)
        for section, levels in REQUIREMENTS.items()
        for level, numbers in zip("12", levels, strict=True)
        for number in numbers.split()
    ]
    found = [(row["requirement"], row["level"]) for row in rows(ASVS)]

    assert len(wanted) == 253
    assert Counter(found) == Counter([*wanted, *((each, "3") for each in LEVEL_3)])
    assert found == sorted(found, key=lambda row: [int(part) for part in row[0][1:].split(".")])


def test_every_threat_and_every_fault_stands_there_once() -> None:
    found = [row["threat"] for row in rows(THREATS)]

    assert found == [str(number) for number in range(1, FORTY + 1)] + [f"fault-{name}" for name in FAULTS]


# ---- every row


def test_every_row_has_its_subject_its_status_and_what_the_status_needs() -> None:
    assert {named(row): found for row in ALL if (found := lacking(row))} == {}


def lacking(row: Row) -> list[str]:
    needed = {
        "a status": row["status"] in STATUSES,
        "a subject of a few words": len(row["subject"].split()) in SUBJECT_WORDS,
        "evidence": row["status"] != "tested" or bool(row["evidence"]),
        "a reason": row["status"] == "tested" or len(row["because"].split()) >= FEWEST_WORDS_OF_A_REASON,
        "words instead of a number": not NUMBER_OF_AN_ISSUE.search(row["because"]),
    }
    return [what for what, is_given in needed.items() if not is_given]


def test_what_lacks_something_is_noticed() -> None:
    row = {"subject": "two words", "status": "tested", "evidence": "", "because": ""}

    assert lacking(row) == ["evidence"]
    assert lacking({**row, "status": "n/a", "subject": "one"}) == ["a subject of a few words", "a reason"]
    assert lacking({**row, "status": "soon", "because": "comes with #12"}) == ["a status", "words instead of a number"]


def test_whatever_a_row_names_is_there() -> None:
    missing = {
        named(row): found for row in ALL if (found := [each for each in row["evidence"].split() if not is_there(each)])
    }

    assert missing == {}


def test_what_is_not_there_is_noticed() -> None:
    assert not is_there("tests/rules/test_traceability.py::test_that_nobody_wrote")
    assert not is_there("tests/rules/test_nowhere.py::test_every_requirement_stands_there_once_in_its_order_and_level")
    assert not is_there(f"{SECTIONS}#what-nobody-wrote")
    assert not is_there("tests/operating/test_commands.py::test_no_secret_is_printed")
    assert is_there("tests/operating/test_commands.py::TestSettings::test_no_secret_is_printed")
    assert is_there(f"{SECTIONS}#sign-in")


def test_every_section_of_the_document_is_asked_for_by_a_row() -> None:
    asked = {each.partition("#")[2] for row in ALL for each in row["evidence"].split() if each.startswith(SECTIONS)}

    assert asked == set(sections())


# ---- the inventory of parts


def test_every_part_in_use_stands_in_the_inventory() -> None:
    """Whatever the product needs at run time, and what that needs, is pinned with its digests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = re.findall(
        r"^([\w.-]+)==\S+[^\n]* \\\n    --hash=sha256:", (ROOT / "constraints.txt").read_text(), re.MULTILINE
    )

    needed = parts_of([Requirement(each) for each in project["dependencies"]])

    assert len(needed) > 30
    assert needed - {canonicalize_name(name) for name in pinned} == set()


def parts_of(wanted: list[Requirement]) -> set[str]:
    """The names of these packages and of all that they need here."""
    found: set[str] = set()
    while wanted:
        asked = wanted.pop()
        name = canonicalize_name(asked.name)
        if name in found or (asked.marker and not asked.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        wanted += [
            each
            for each in map(Requirement, metadata.requires(name) or [])
            if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in {"", *asked.extras})
        ]
    return found
