"""How much work hostile input makes: steps are counted, time is not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import lms.items
from lms.items import Item, lint, parse, scan, score, type_named
from lms.items.types.short_text import ShortTextKey
from tests.rules.items.item_strategies import question, single
from tests.support.steps import nests_repeats, patterns_of, steps_of

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


def test_the_check_for_nested_repeats_finds_them() -> None:
    for pattern in ("(?:a+)+", "(a*b)*", "(?:x|(y+))+", "(a+){2,}"):
        assert nests_repeats(re.compile(pattern))
    for pattern in ("a+b+", "(?:ab){2,3}", "(?:a|b)+", "a{1,3}"):
        assert not nests_repeats(re.compile(pattern))


def test_no_pattern_repeats_within_a_repeat() -> None:
    compiled = dict(patterns_of(lms.items))

    assert len(compiled) >= 10
    assert [name for name, pattern in compiled.items() if nests_repeats(pattern)] == []
