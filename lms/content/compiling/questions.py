"""Question blocks into item documents: parsed by `items`, their pieces rendered apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from lms.content.compiled import Document
from lms.content.compiling.compilation import Compilation
from lms.content.compiling.pieces import Page
from lms.content.models import DocumentKind
from lms.foundation.messages import Message
from lms.items import Block, Item, lint, parse, public_form


def compile_items(page: Page, blocks: Sequence[Block], *, home: str, secure: bool) -> list[Item]:
    """The items of one file, in order; those with errors are left out. `home` says where they may be used."""
    run, path, items = page.run, page.path, []
    for block in blocks:
        parsed = _parsed(block)
        run.take(problem.at(path) for problem in parsed.problems)
        if parsed.item is None:
            continue
        item = replace(parsed.item, path=path, line=block.line)
        if not run.claim_id("item", item.id, path, block.line):
            continue
        run.items[item.id] = item
        run.item_homes[item.id] = home
        run.item_documents[item.id] = item_document(page, item, secure=secure)
        items.append(item)
    run.documents.extend(run.item_documents[item.id] for item in items)
    run.take(problem.at(path) if not problem.path else problem for problem in lint(items))
    return items


_parsed = lru_cache(maxsize=4_096)(parse)  # most questions come again unchanged while somebody edits one


def check_objectives(run: Compilation, items: Sequence[Item], allowed: frozenset[str] | None, path: str) -> None:
    """Every question asks about an objective that exists, in a module one of its own."""
    for item in items:
        known = run.objectives if allowed is None else allowed
        if item.objective not in known:
            said = Message("There is no objective “{id}” here.", {"id": item.objective})
            run.error("unknown-objective", said, path, item.line)


def item_document(page: Page, item: Item, *, secure: bool) -> Document:
    """The item with its key, and its pieces as HTML. Only the room of assessment reads what it holds."""

    def html(piece: str, name: str, *, inline: bool = False) -> str:
        return page.render(piece, scope=f"{item.id}-{name}", line=item.line, inline=inline).html

    feedback = {option.id: option.feedback for option in item.options if option.feedback}
    pieces = {
        "stem": html(item.stem, "stem"),
        "options": {option.id: html(option.text, option.id, inline=True) for option in item.options},
        "feedback": {key: html(text, f"feedback-{key}", inline=True) for key, text in feedback.items()},
        "explanation": html(item.explanation, "explanation") if item.explanation else "",
    }
    compiled = {"item": item.to_json(), "html": pieces}
    return Document(
        DocumentKind.ITEM,
        item.id,
        page.path,
        compiled,
        secure=secure,
        structure=item.type,
        assessment=compiled,
    )


def shown(item: Item, document: Document) -> dict[str, Any]:
    """What a page may show of a check: no key, no feedback, no explanation."""
    html = document.compiled["html"]
    return {
        "id": item.id,
        "type": item.type,
        "stem": html["stem"],
        "options": [{"id": option.id, "html": html["options"][option.id]} for option in item.options],
        "shown": dict(public_form(item).shown),
    }
