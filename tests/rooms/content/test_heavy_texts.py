"""Texts that would hold a worker for minutes are refused before Markdown looks; what it gets is work in proportion."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from lms.content.compiling import Tree, compile_tree, pieces, read_tree
from lms.content.compiling.compilation import Compilation
from lms.content.compiling.pieces import LONGEST_PIECE, Page
from lms.content.markdown import _converted
from lms.content.weighing import MOST_WORK, weigh
from lms.foundation.settings import ROOT
from tests.support.amounts import WHOLE, one_in
from tests.support.trees import SHORT_LESSON, compiled, with_text
from tests.support.work import work_of

SHAPES = [
    "[", "![", "[a](", "[a][b ", "[^1]", "<a ", '<a "', "<pre>", "<h2>", "<!--", "<b id=a>", "<a@", "*a_", "**a ", "*", "_",
    "`", "``a ", "\\(", "\\", "$a", "&#", "&amp;", ">", "- ", "{: a", "|", "## a\n", "a\n: b\n", "a\n===\n", "/// note\n",
    "~~~\n", "```\n", "$$\n", "*[abc]: b\n", "[a]: b\n", "[^a]: b\n", "- a\n", "    a\n", "    - a\n", "a  \n", "|a|b|\n",
]  # fmt: skip
BUDGET = MOST_WORK if WHOLE else MOST_WORK // 100
MOST_PER_WEIGHT = 100  # characters handed on for each that was weighed: about eighty patterns look over every block
ALLOWED_GROWTH = 2.5
FAR = 5


def work_on(text: str) -> int:
    """What rendering costs, refused or not."""
    _converted.cache_clear()
    page = Page(Compilation(Tree({})), "a.md", text, 1)
    return work_of(lambda: page.render(text))


def one_block(shape: str, size: int) -> str:
    return "a " + shape * (size // len(shape))


def many_blocks(shape: str, size: int) -> str:
    block = "a " + shape * 3 + "\n\n"
    return block * (size // len(block) + 1)


def longest_allowed(build: Callable[[str, int], str], shape: str) -> str:
    """The longest text of a shape that weighs no more than the budget."""
    low, high = 0, LONGEST_PIECE - 100
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if weigh(build(shape, middle)).work <= BUDGET else (low, middle - 1)
    return build(shape, low)


@pytest.mark.parametrize("build", [one_block, many_blocks])
@pytest.mark.parametrize("shape", SHAPES[:: one_in(4)])
def test_the_weight_of_a_text_bounds_the_work_on_it(shape: str, build: Callable[[str, int], str]) -> None:
    text = longest_allowed(build, shape)

    assert work_on(text) <= MOST_PER_WEIGHT * BUDGET


@pytest.mark.parametrize("build", [one_block, many_blocks])
@pytest.mark.parametrize("shape", SHAPES[:: one_in(4)])
def test_weighing_itself_is_work_in_proportion(shape: str, build: Callable[[str, int], str]) -> None:
    once, twice = (work_of(partial(weigh, build(shape, size))) for size in (LONGEST_PIECE // 2, LONGEST_PIECE))

    assert twice <= ALLOWED_GROWTH * once


@pytest.mark.parametrize("shape", ["[", "![", "<a ", "[a](", "[a][b ", "\\(", "*[abc]: b\n", "## a\n", "<pre>"])
def test_a_heap_of_signs_is_refused_at_its_place(shape: str) -> None:
    problems = compiled(with_text("Words.\n\n" + shape * (LONGEST_PIECE // 2 // len(shape)))).problems

    heavy = [(one.path, one.line) for one in problems if one.code == "text-heavy"]
    assert heavy == [(SHORT_LESSON, 17)]


@pytest.mark.skipif(not WHOLE, reason="all of the content is compiled anew: part of the soak run")
def test_every_text_of_ours_weighs_far_less_than_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST_WORK", MOST_WORK // FAR)

    assert "text-heavy" not in {problem.code for problem in compile_tree(read_tree(ROOT / "content")).problems}
