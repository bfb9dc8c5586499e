"""What the source never does: run what was put together, ask the network, or weaken a digest."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lms.foundation.settings import ROOT
from lms.web.assets import STATIC

SOURCE = sorted((ROOT / "lms").rglob("*.py"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
RUNS_BYTES = {"pickle", "marshal", "shelve", "dill", "jsonpickle"}
ASKS_THE_NETWORK = {
    "urllib.request",
    "http.client",
    "requests",
    "httpx",
    "aiohttp",
    "ftplib",
    "smtplib",
    "socket",
    "ldap",
}
MAY_ASK = {
    "lms/interop/mail.py": {"smtplib"},
    "lms/cli/serving.py": {"socket"},  # to see whether a port is free
    "lms/cli/demo.py": {"socket"},
}
STARTS_PROCESSES = {"lms/__main__.py", "lms/cli/serving.py", "lms/cli/testing.py", "lms/cli/copying/postgres.py"}
CHANCE = {"lms/foundation/unit_of_work.py": "a pause before the next try, not a secret"}
PATTERN_MAKERS = {"compile", "search", "match", "fullmatch", "sub", "split", "findall", "finditer"}
DANGEROUS_SCRIPT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage|WebSocket|__proto__|"
    r"setTimeout\(\s*[\"'`]|XMLHttpRequest|importScripts"
)


@cache
def trees() -> list[tuple[str, ast.Module]]:
    return [(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCE]


@cache
def calls() -> list[tuple[str, ast.Call, str]]:
    """Every call with its file, and what is called, as it is written."""
    return [
        (name, node, ast.unparse(node.func))
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


@cache
def imports() -> list[tuple[str, str]]:
    return list(_imports())


def _imports() -> Iterator[tuple[str, str]]:
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((name, each.name) for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield name, node.module
                yield from ((name, f"{node.module}.{each.name}") for each in node.names)


def test_there_is_source_to_look_at() -> None:
    assert len(SOURCE) > 150
    assert len(SCRIPTS) >= 3


def test_no_text_is_run_as_code_and_no_bytes_become_objects() -> None:
    assert [f"{name}: {called}" for name, _call, called in calls() if called in RUNS_TEXT] == []
    assert [(name, what) for name, what in imports() if what.split(".")[0] in RUNS_BYTES] == []
    assert [f"{name}: {called}" for name, _call, called in calls() if called in {"yaml.load", "yaml.unsafe_load"}] == []


def test_processes_are_started_by_commands_alone_and_without_a_shell() -> None:
    users = {name for name, what in imports() if what == "subprocess"}
    shells = [
        f"{name}: {called}"
        for name, call, called in calls()
        if called in {"os.system", "os.popen"} or any(each.arg == "shell" for each in call.keywords)
    ]

    assert users <= STARTS_PROCESSES
    assert shells == []


def test_nothing_asks_the_network_but_the_mail() -> None:
    found = {(name, what) for name, what in imports() if what in ASKS_THE_NETWORK}

    assert {(name, what) for name, what in found if what not in MAY_ASK.get(name, set())} == set()
    assert ("lms/interop/mail.py", "smtplib") in found


def test_xml_is_read_by_the_parser_that_refuses_entities() -> None:
    readers = {"fromstring", "parse", "iterparse", "XML", "XMLParser"}
    wrong = [
        (name, what)
        for name, what in imports()
        if what.startswith(("xml.", "lxml")) and what.rpartition(".")[2] in readers | {"lxml", "sax", "minidom"}
    ]
    called = [f"{name}: {called}" for name, _call, called in calls() if re.fullmatch(r"ElementTree\.(\w+)", called)]

    assert wrong == []
    assert [each for each in called if each.rpartition(".")[2] in readers] == []
    assert ("lms/content/figures.py", "defusedxml.ElementTree.fromstring") in set(imports())


# Pragmas, copies of whole tables, and the text that SQLAlchemy made of a statement.
WRITTEN_BY_SQLALCHEMY = ("lms/foundation/database.py", "lms/cli/copying/", "lms/foundation/prepared.py")


def test_statements_are_written_out_and_never_put_together() -> None:
    """`text(…)` takes SQL; whatever stands in it is a constant, and values are bound."""
    makers = {name for name, what in imports() if what == "sqlalchemy.text"}
    wrong = [
        f"{name}: {ast.unparse(call)}"
        for name, call, called in calls()
        if (called == "text" and name in makers) or called.endswith("exec_driver_sql")
        if not (call.args and is_constant(call.args[0]) and not isinstance(call.args[0], ast.BinOp))
    ]

    assert makers
    assert [each for each in wrong if not each.startswith(WRITTEN_BY_SQLALCHEMY)] == []


def test_patterns_are_constants_and_what_else_goes_into_one_is_escaped() -> None:
    wrong = [
        f"{name}: {ast.unparse(call)}"
        for name, call, called in calls()
        if called.startswith("re.") and called[3:] in PATTERN_MAKERS and call.args
        if not is_constant(call.args[0])
    ]

    assert wrong == []


def is_constant(made: ast.expr) -> bool:
    """Whether a text is written out; what goes into a pattern may be escaped instead."""
    if isinstance(made, ast.Constant) or (isinstance(made, ast.Name) and made.id.lstrip("_").isupper()):
        return True
    if isinstance(made, ast.JoinedStr):
        return all(is_constant(part) for part in made.values)
    if isinstance(made, ast.FormattedValue):
        return is_constant(made.value)
    if isinstance(made, ast.BinOp):
        return is_constant(made.left) and (is_constant(made.right) or isinstance(made.right, ast.Name))
    return isinstance(made, ast.Call) and ast.unparse(made.func) == "re.escape"


def test_digests_are_not_of_the_weak_kind() -> None:
    assert [f"{name}: {called}" for name, _call, called in calls() if re.search(r"\b(md5|sha1)\b", called)] == []
    assert [(name, what) for name, what in imports() if what.rpartition(".")[2] in {"md5", "sha1"}] == []


def test_chance_that_can_be_foreseen_decides_no_secret() -> None:
    assert {name for name, what in imports() if what.split(".")[0] == "random"} <= set(CHANCE)


def test_a_field_is_read_from_where_it_belongs() -> None:
    """Never from the address and the form together: one could pass for the other."""
    wrong = [
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "request.values"
    ]

    assert wrong == []


def test_nothing_takes_a_file_from_people() -> None:
    wrong = [
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and ast.unparse(node) == "request.files")
        or (isinstance(node, ast.Name) and node.id in {"FileField", "MultipleFileField"})
    ]

    assert wrong == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_put_no_text_into_a_page_as_markup_and_talk_to_us_alone(script: Path) -> None:
    written = script.read_text(encoding="utf-8")

    assert DANGEROUS_SCRIPT.findall(written) == []
    assert re.findall(r"https?://", written) == []
