"""From an item back to the source that says it."""

from __future__ import annotations

from lms.items.heads import written_id
from lms.items.lines import split_lines
from lms.items.parsing import parse
from lms.items.scanning import scan
from lms.items.types import type_named
from lms.items.values import Item, Option

SHORTEST_MARK = 3


def to_source(item: Item) -> str:
    """The question block of `item`: scanning and parsing it gives an equal item.

    Raises ValueError for an item that no source can say (a text from elsewhere that
    would read as an option, say).
    """
    head, stem_line, before = _head(item), *_divided_stem(item)
    parts = [before, _options(item), item.explanation]
    body = "\n\n".join(part for part in parts if part)
    slashes = "/" * (max(SHORTEST_MARK, _longest_mark(body) + 1))
    opening = f"{slashes} question | {stem_line}".rstrip()
    source = "\n".join([opening, *(f"    {line}" for line in head), "", *([body] if body else []), slashes]) + "\n"
    if _read_back(source) != item:
        raise ValueError(f"Item {item.id} can't be written as a question block.")
    return source


def _head(item: Item) -> list[str]:
    fixed = ["fixed: true"] if item.fixed else []
    lines = [f"id: {written_id(item.id)}", f"objective: {written_id(item.objective)}", f"type: {item.type}", *fixed]
    return [*lines, *type_named(item.type).head_lines(item)]


def _divided_stem(item: Item) -> tuple[str, str]:
    """The stem's first paragraph where one line can hold it, and what follows."""
    first, gap, rest = item.stem.partition("\n\n")
    if "\n" in first or first != first.strip() or (gap and not rest):
        return "", item.stem
    return first, rest


def _options(item: Item) -> str:
    return "\n".join(line for option in item.options for line in _option(option))


def _option(option: Option) -> list[str]:
    first, *rest = split_lines(option.text)
    return [f"- [{'x' if option.right else ' '}] {first}", *_indented(rest, 4), *_feedback(option.feedback)]


def _feedback(text: str) -> list[str]:
    """Feedback as one nested item, or as the nested list it is."""
    if not text:
        return []
    lines = split_lines(text)
    if len([line for line in lines if line[:2] in {"- ", "* ", "+ "}]) > 1 and lines[0][:2] in {"- ", "* ", "+ "}:
        return _indented(lines, 4)
    return [f"    - {lines[0]}", *_indented(lines[1:], 8)]


def _indented(lines: list[str], depth: int) -> list[str]:
    return [" " * depth + line if line else "" for line in lines]


def _longest_mark(text: str) -> int:
    marks = (line.strip() for line in split_lines(text))
    return max((len(mark) - len(mark.lstrip("/")) for mark in marks if mark.startswith("///")), default=2)


def _read_back(source: str) -> Item | None:
    scanned = scan(source)
    if scanned.problems or len(scanned.blocks) != 1 or scanned.text.strip().count("\n"):
        return None
    return parse(scanned.blocks[0]).item
