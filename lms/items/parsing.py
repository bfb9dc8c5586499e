"""From a question block to an item, with everything that is wrong with it."""

from __future__ import annotations

from lms.foundation.messages import Message
from lms.items.findings import Findings, nearest
from lms.items.heads import Head, read_head
from lms.items.interface import Draft, ItemType
from lms.items.options import Body, WrittenOption, read_body
from lms.items.scanning import Block
from lms.items.types import TYPES, type_named
from lms.items.values import Item, Option, Parsed

COMMON_KEYS = frozenset({"id", "objective", "type", "fixed"})


def parse(block: Block) -> Parsed:
    """The item that `block` says, and all its problems at their lines and columns. Never raises."""
    findings = Findings()
    head = read_head(block.head, first_line=block.head_line, findings=findings)
    body = read_body(block.body, first_line=block.body_line, findings=findings)
    type_ = _type_of(head, body, block)
    if type_ is None or _lacks_head(block, findings):
        return Parsed(None, findings.in_order())
    head.refuse_unknown(COMMON_KEYS | type_.head_keys)
    draft = Draft(head, block.stem_line, body.options, block.line, findings)
    item = Item(
        id=head.identifier("id"),
        type=type_.name,
        objective=head.identifier("objective"),
        stem=_stem(draft, body, type_),
        options=_options(body),
        explanation=body.after if type_.takes_options else body.before,
        fixed=head.flag("fixed"),
        key=type_.parse(draft),
        line=block.line,
    )
    return Parsed(None if findings.found else item, findings.in_order())


def _type_of(head: Head, body: Body, block: Block) -> ItemType | None:
    """The type named in the head; without one a task list tells it: several marked are multiple, else single."""
    word = head.word("type")
    if word is not None:
        if word.text in TYPES:
            return type_named(word.text)
        head.findings.error(
            "question-type",
            Message("There is no question type “{type}”.", {"type": word.text[:64]}),
            word.line,
            word.column,
            Message("The nearest type is “{type}”.", {"type": nearest(word.text, TYPES)}),
        )
        return None
    if body.options:
        return type_named("multiple" if sum(option.right for option in body.options) > 1 else "single")
    if not head.complete:
        return None
    head.findings.error(
        "question-options",
        Message("This question has no options and names no type that does without."),
        block.line,
        mend=Message("Write options as “- [ ] text” and “- [x] text”, or name its type in the head."),
    )
    return None


def _lacks_head(block: Block, findings: Findings) -> bool:
    if block.head.strip():
        return False
    findings.error(
        "question-head",
        Message("This question has no head."),
        block.head_line,
        mend=Message("Right under the opening line write “id:” and “objective:”, indented by four spaces."),
    )
    return True


def _stem(draft: Draft, body: Body, type_: ItemType) -> str:
    if not type_.takes_options:
        _refuse_options(draft, body.options, type_)
        stem = draft.stem_line
    else:
        stem = "\n\n".join(part for part in (draft.stem_line, body.before) if part)
    if not stem.strip():
        message = Message("This question asks nothing.")
        mend = Message("Write “/// question | What is asked?”.")
        draft.findings.error("question-stem", message, draft.line, mend=mend)
    return stem


def _refuse_options(draft: Draft, options: tuple[WrittenOption, ...], type_: ItemType) -> None:
    if options:
        message = Message("A question of type {type} has no options.", {"type": type_.name})
        draft.findings.error("question-options", message, options[0].line)


def _options(body: Body) -> tuple[Option, ...]:
    return tuple(
        Option(f"o{number}", option.text, option.feedback, option.right)
        for number, option in enumerate(body.options, start=1)
    )
