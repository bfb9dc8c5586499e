"""Question blocks into item documents: parsed by `items`, their pieces rendered apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lms.content.compiling.compilation import Compilation, Document
from lms.content.markdown import render, render_inline
from lms.content.models import DocumentKind
from lms.foundation.messages import Message
from lms.items import Block, Item, lint, parse, public_form


def compile_items(run: Compilation, blocks: Sequence[Block], path: str, *, home: str, secure: bool) -> list[Item]:
    """The items of one file, in order; those with errors are left out. `home` says where they may be used."""
    items = []
    for block in blocks:
        parsed = parse(block)
        run.take(problem.at(path) for problem in parsed.problems)
        if parsed.item is None:
            continue
        item = replace(parsed.item, path=path, line=block.line)
        if not run.claim_id("item", item.id, path, block.line):
            continue
        run.items[item.id] = item
        run.item_homes[item.id] = home
        run.documents.append(item_document(item, path, secure=secure))
        items.append(item)
    run.take(problem.at(path) if not problem.path else problem for problem in lint(items))
    return items


def check_objectives(run: Compilation, items: Sequence[Item], allowed: frozenset[str] | None, path: str) -> None:
    """Every question asks about an objective that exists, in a module one of its own."""
    for item in items:
        known = run.objectives if allowed is None else allowed
        if item.objective not in known:
            said = Message("There is no objective “{id}” here.", {"id": item.objective})
            run.error("unknown-objective", said, path, item.line)


def item_document(item: Item, path: str, *, secure: bool) -> Document:
    """The item with its key, and its pieces as HTML. Only the room of assessment reads what it holds."""
    pieces = {
        "stem": render(item.stem).html,
        "options": {option.id: render_inline(option.text) for option in item.options},
        "feedback": {option.id: render_inline(option.feedback) for option in item.options if option.feedback},
        "explanation": render(item.explanation).html if item.explanation else "",
    }
    compiled = {"item": item.to_json(), "html": pieces}
    return Document(
        DocumentKind.ITEM,
        item.id,
        path,
        compiled,
        secure=secure,
        structure=item.type,
        assessment=compiled,
    )


def shown(item: Item) -> dict[str, Any]:
    """What a page may show of a check: no key, no feedback, no explanation."""
    form = public_form(item)
    return {
        "id": item.id,
        "type": item.type,
        "stem": render(item.stem).html,
        "options": [{"id": option.id, "html": render_inline(option.text)} for option in item.options],
        "shown": dict(form.shown),
    }
