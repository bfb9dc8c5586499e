"""How much work hostile input makes: steps are counted, time is not."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from re import _constants as constants  # type: ignore[attr-defined]  # the only reader of patterns there is
from re import _parser as pattern_parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

import pytest

import lms.items
from lms.items import Item, lint, parse, scan, score, type_named
from lms.items.types.short_text import ShortTextKey
from tests.rules.items.item_strategies import question, single


def steps_of(work: Callable[[], object]) -> int:
    """How many lines of Python `work` runs, of ours and of the YAML parser's."""
    steps = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal steps
        steps += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


SHAPES: dict[str, Callable[[int], str]] = {
    "one long line": lambda n: "a" * n,
    "open questions": lambda n: "/// question | S\n" * n,
    "open blocks": lambda n: "/// note\n" * n,
    "stray closings within open blocks": lambda n: "/// note\n" * (n // 2) + "/////\n" * (n // 2),
    "stray closings within a question": lambda n: "/// question | S\n" + "////\n" * n,
    "growing fences": lambda n: "\n".join("`" * (3 + k % 50) for k in range(n)),
    "options": lambda n: question(*["- [x] A"] * n),
    "blank options": lambda n: question(*["- [ ]", ""] * n),
    "feedback": lambda n: question("- [x] A", *["    - B"] * n),
    "almost options": lambda n: question(*["- [x]A"] * n),
    "deep quotation": lambda n: "> " * n,
    "slashes": lambda n: "/" * n,
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_scanning_and_parsing_take_steps_in_proportion_to_the_text(shape: Callable[[int], str]) -> None:
    def work(text: str) -> None:
        for block in scan(text).blocks:
            parse(block)

    small, large = (steps_of(lambda size=size: work(shape(size))) for size in (300, 1_200))  # type: ignore[misc]

    assert large < 5 * small + 500


@pytest.mark.parametrize(
    "head", ["id: " + "[" * 100_000, "[" * 8_000, "a: " * 100_000, "x: !!" + "a" * 8_000, "a" * 100_000, "- " * 4_000]
)
def test_no_head_takes_more_steps_than_its_size_cap_allows(head: str) -> None:
    (block,) = scan(question("- [x] A", "- [ ] B", head=head)).blocks

    assert steps_of(lambda: parse(block)) < 400_000


@pytest.mark.parametrize(
    "text",
    ["a" * 10_000, "1" * 10_000, "1," * 5_000, "1 " * 5_000, "." * 10_000, "8 " + "m" * 9_000, "\ufdfa" * 10_000],
)
@pytest.mark.parametrize("answer", ["answer: 8 ± 1\n    unit: m", "answer: 8"])
def test_scoring_a_long_answer_takes_few_steps(text: str, answer: str) -> None:
    (block,) = scan(
        question("Why.", head=f"id: q-1\nobjective: ob-1\ntype: numeric\n{answer}".replace("\n    ", "\n"))
    ).blocks
    item = parse(block).item
    assert item is not None

    response = type_named("numeric").read_response(item, [text])

    assert steps_of(lambda: score(item, response)) < 200_000
    assert score(item, response).raw == 0


def test_comparing_a_long_text_takes_few_steps() -> None:
    item = Item(id="q", type="short-text", objective="o", stem="S", key=ShortTextKey(("a",)))

    assert steps_of(lambda: score(item, {"text": "a" * 100_000 + "!" * 100_000})) < 200


def test_linting_takes_steps_in_proportion_to_the_bank() -> None:
    def items(count: int) -> list[Item]:
        return [single(n % 4, id=f"q-{n}", stem=f"What is subject{n} about in part{n}?") for n in range(count)]

    small, large = (steps_of(lambda size=size: lint(items(size))) for size in (100, 400))  # type: ignore[misc]

    assert large < 6 * small


def patterns() -> Iterator[re.Pattern[str]]:
    for file in pkgutil.walk_packages(lms.items.__path__, "lms.items."):
        module = importlib.import_module(file.name)
        yield from (value for value in vars(module).values() if isinstance(value, re.Pattern))


def nests_repeats(parsed: Any, *, inside: bool = False) -> bool:
    """Whether an unbounded repeat stands within an unbounded repeat."""
    for code, argument in parsed:
        unbounded = code in {constants.MAX_REPEAT, constants.MIN_REPEAT} and argument[1] is constants.MAXREPEAT
        if unbounded and inside:
            return True
        parts = argument if isinstance(argument, tuple | list) else ()
        inner = [part for part in parts if isinstance(part, pattern_parser.SubPattern)]
        inner += [
            branch
            for part in parts
            if isinstance(part, list)
            for branch in part
            if isinstance(branch, pattern_parser.SubPattern)
        ]
        if any(nests_repeats(part, inside=inside or unbounded) for part in inner):
            return True
    return False


def test_the_check_for_nested_repeats_finds_them() -> None:
    for pattern in ("(?:a+)+", "(a*b)*", "(?:x|(y+))+", "(a+){2,}"):
        assert nests_repeats(pattern_parser.parse(pattern))
    for pattern in ("a+b+", "(?:ab){2,3}", "(?:a|b)+", "a{1,3}"):
        assert not nests_repeats(pattern_parser.parse(pattern))


def test_no_pattern_repeats_within_a_repeat() -> None:
    compiled = list(patterns())

    assert len(compiled) >= 10
    assert [
        pattern.pattern for pattern in compiled if nests_repeats(pattern_parser.parse(pattern.pattern, pattern.flags))
    ] == []
