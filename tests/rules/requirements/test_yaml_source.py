"""Hand-written YAML is read strictly, and every refusal has its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from lms.foundation.yaml_source import MAX_NESTING, load, plain, position, read_model


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: &x 1\n", "1:4 yaml-anchor"),
        ("a: *x\n", "1:4 yaml-alias"),
        ("a: !!str 1\n", "1:4 yaml-tag"),
        ("a: !python/object:os.system {}\n", "1:4 yaml-tag"),
        ("a: 1\nb: 2\na: 3\n", "3:1 yaml-duplicate-key"),
        ("a: {b: 1, b: 2}\n", "1:11 yaml-duplicate-key"),
        ("<<: {a: 1}\n", "1:1 yaml-merge"),
        ("? [a]\n: b\n", "1:3 yaml-key"),
        ("%YAML 1.1\n---\na: 1\n", "2:1 yaml-directive"),
        ("a: 1\n---\nb: 2\n", "2:1 yaml-documents"),
        ("a: [1\n", "2:1 yaml-syntax"),
        ("a:\n\t- b\n", "2:1 yaml-syntax"),
        ("", "1:1 yaml-empty"),
        ("# nothing\n", "1:1 yaml-empty"),
        ("a: \x07\n", "1:1 yaml-character"),
        ('a: "\\ud800"\n', "1:4 yaml-character"),
        (f"a: {'9' * 5000}\n", "1:4 yaml-syntax"),
        (f"a: {'[' * MAX_NESTING}{']' * MAX_NESTING}\n", "1:53 yaml-too-deep"),
    ],
)
def test_what_is_refused_is_told_with_its_place(text: str, complaint: str) -> None:
    node, problems = load(text, "f.yaml")

    assert node is None
    assert [f"{problem.line}:{problem.column} {problem.code}" for problem in problems] == [complaint]
    assert {problem.path for problem in problems} == {"f.yaml"}


def test_a_file_of_more_than_a_megabyte_is_not_even_read() -> None:
    assert load("a: " + "é" * 500_000, "f")[1][0].code == "yaml-too-large"


def test_days_stay_words_so_that_an_impossible_one_has_a_place() -> None:
    node, _ = load("on: 2027-02-31\nat: 2027-01-01T10:00:00Z\nanswer: yes\ntruth: true\n", "f")

    assert plain(node) == {"on": "2027-02-31", "at": "2027-01-01T10:00:00Z", "answer": "yes", "truth": True}


def test_the_place_of_a_key_and_of_its_value_are_known() -> None:
    node, _ = load("a:\n  - b: 1\n    c: [x, y]\n", "f")

    assert position(node, ("a", 0, "c"), of_key=True) == (3, 5)
    assert position(node, ("a", 0, "c", 1)) == (3, 12)
    assert position(node, ("a", 0, "missing", "deeper")) == (2, 5)


class _Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    minutes: int


class _Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    parts: list[_Inner] = []
    extra: _Inner | None = None


def test_an_unknown_key_is_told_with_the_nearest_known_one() -> None:
    node, _ = load("title: A\nparts:\n  - minutes: 1\n  - minuts: 2\n", "f")

    lines = [problem.as_line() for problem in read_model(_Outer, node, "f")[1]]

    assert "f:4:5: error: unknown-key: The key “minuts” is not known here. (Did you mean “minutes”?)" in lines
    assert "f:4:5: error: missing-key: The key “parts.1.minutes” is missing." in lines


def test_every_complaint_is_told_at_once() -> None:
    node, _ = load("titel: A\nextra: {minutes: long}\n", "f")

    problems = read_model(_Outer, node, "f")[1]

    assert {problem.code for problem in problems} == {"unknown-key", "missing-key", "bad-value"}


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%?, \n\t0129.~\\\u00e9\ufeff", max_size=60))
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    node, problems = load(text, "f")

    assert (node is None) is bool(problems)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)
