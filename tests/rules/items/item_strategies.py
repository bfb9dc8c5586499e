"""Questions for the tests of the room `items`: written by hand, and made up by Hypothesis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lms.items import Block, Item, Option, Parsed, parse, scan
from lms.items.types.numeric import NumericKey
from lms.items.types.short_text import ShortTextKey, compared


def only_block(source: str) -> Block:
    """The one question of a source that scans without a problem."""
    scanned = scan(source)
    assert scanned.problems == ()
    (block,) = scanned.blocks
    return block


def parsed(source: str) -> Parsed:
    return parse(only_block(source))


def item_of(source: str) -> Item:
    """The item of a source that has no problem at all."""
    result = parsed(source)
    assert result.problems == ()
    assert result.item is not None
    return result.item


def found(result: Parsed) -> list[tuple[str, int, int]]:
    """Code, line and column of each problem."""
    return [(problem.code, problem.line, problem.column) for problem in result.problems]


def question(*body: str, head: str = "id: q-1\nobjective: ob-1", stem: str = "Which one?") -> str:
    """The source of a question of which only some lines matter."""
    lines = ["    " + line for line in head.split("\n")]
    return "\n".join([f"/// question | {stem}", *lines, "", *body, "///"])


def single(right: int = 0, count: int = 4, **fields: Any) -> Item:
    """A single-choice item whose right option is number `right` from 0."""
    options = tuple(Option(f"o{n + 1}", f"Option {'ABCDEFGH'[n]}", f"Feedback {n}", n == right) for n in range(count))
    values = {"id": "q-1", "type": "single", "objective": "ob-1", "stem": "Which one?", "explanation": "So it is."}
    return Item(**{**values, "options": options, **fields})


WORDS = [
    "energy,",
    "pace",
    "–",
    "“lactate”",
    "è",
    "走",
    "9.8",
    "{x}",
    "<b>",
    "&",
    "*so*",
    "`code`",
    "[link](x)",
    "%s",
    "|",
]
lines = st.lists(st.sampled_from(WORDS), max_size=4).map(lambda words: " ".join(["Why", *words]))
paragraphs = st.builds(
    "".join, st.tuples(lines, st.sampled_from(["", "", "\nand on", "\n\n1. More\n   of it", "\n\nÉ"]))
)
ids = st.builds("{}-{}".format, st.sampled_from(["q", "7", "400m"]), st.integers(0, 99))
numbers = st.decimals(min_value=-(10**6), max_value=10**6, places=3)


@st.composite
def choice_items(draw: st.DrawFn) -> Item:
    """Items of the types that choose: single, multiple or true-false."""
    type_ = draw(st.sampled_from(["single", "multiple", "true-false"]))
    texts = (
        ["True", "False"]
        if type_ == "true-false"
        else draw(st.lists(paragraphs, min_size=2, max_size=6, unique_by=_folded))
    )
    places = st.integers(0, len(texts) - 1)
    right = draw(st.sets(places, min_size=1)) if type_ == "multiple" else {draw(places)}
    feedback = st.one_of(st.just(""), paragraphs)
    return Item(
        id=draw(ids),
        type=type_,
        objective=draw(ids),
        stem=draw(paragraphs),
        options=tuple(Option(f"o{n + 1}", text, draw(feedback), n in right) for n, text in enumerate(texts)),
        explanation=draw(st.one_of(st.just(""), paragraphs)),
        fixed=draw(st.booleans()),
    )


@st.composite
def entered_items(draw: st.DrawFn) -> Item:
    """Items answered by typing: numeric or short-text."""
    key: NumericKey | ShortTextKey
    if draw(st.booleans()):
        key = NumericKey(draw(numbers), abs(draw(numbers)), draw(st.sampled_from(["", "m/s", "%", "AU", "it's"])))
    else:
        accepted = st.lists(lines, min_size=1, max_size=4, unique_by=compared)
        key = ShortTextKey(tuple(draw(accepted)))
    return Item(
        id=draw(ids),
        type="numeric" if isinstance(key, NumericKey) else "short-text",
        objective=draw(ids),
        stem=draw(lines),
        explanation=draw(st.one_of(st.just(""), paragraphs)),
        fixed=draw(st.booleans()),
        key=key,
    )


items = st.one_of(choice_items(), entered_items())


@st.composite
def answered(draw: st.DrawFn) -> tuple[Item, dict[str, Any]]:
    """An item with a response, right or wrong, of its shape."""
    item = draw(items)
    if item.options:
        several = item.type == "multiple"
        chosen = draw(st.sets(st.sampled_from([option.id for option in item.options]), max_size=9 if several else 1))
        return item, {"options": sorted(chosen)}
    return item, {"text": draw(st.one_of(st.text(max_size=30), numbers.map(str), st.just(right_text(item))))}


def right_text(item: Item) -> str:
    """A text that is right for an item answered by typing."""
    if isinstance(item.key, NumericKey):
        return f"{item.key.answer + Decimal(0):f}"
    assert isinstance(item.key, ShortTextKey)
    return item.key.accept[0]


def right_response(item: Item) -> dict[str, Any]:
    """The response that is right."""
    if item.options:
        return {"options": [option.id for option in item.options if option.right]}
    return {"text": right_text(item)}


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
