"""Finding right and wrong answers to what a page asks, from the released content: pages never say which is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from lms.content import queries as content
from lms.content.documents import ItemDocument
from lms.content.models import DocumentKind, ReleaseDocument
from lms.foundation.database import db
from lms.items import type_named
from tests.support.markup import Form, words_of


@dataclass(frozen=True)
class AnswerKey:
    """Every question of the current release by the words of its stem."""

    by_stem: Mapping[str, tuple[ItemDocument, ...]]

    def values(self, form: Form, *, right: bool = True) -> list[str]:
        """What the field `answer` of this form holds when its question is answered rightly, or wrongly."""
        document = self.question(form)
        response = type_named(document.item.type).right_response(document.item)
        if "text" in response:
            return [response["text"] if right else "0"]
        chosen = set(response["options"])
        if not right:
            chosen = {next(option.id for option in document.item.options if not option.right)}
        wanted = {words_of(document.option_html[option]) for option in chosen}
        values = [choice.value for choice in form.choices["answer"] if choice.words in wanted]
        assert len(values) == len(wanted), f"{document.id}: {wanted} among {form.choices['answer']}"
        return values

    def question(self, form: Form) -> ItemDocument:
        stem = form.element.all(where=lambda one: one.has_class("stem"))[0].text()
        asked = self.by_stem.get(stem, ())
        if len(asked) > 1:
            shown = {choice.words for choice in form.choices["answer"]}
            asked = tuple(each for each in asked if {words_of(html) for html in each.option_html.values()} == shown)
        assert len(asked) == 1, f"{len(asked)} questions ask “{stem}”"
        return asked[0]


def answer_key(app: Flask) -> AnswerKey:
    with app.app_context():
        head = content.current_release_id()
        revisions = db.session.scalars(
            select(ReleaseDocument.revision_id).where(
                ReleaseDocument.release_id == head, ReleaseDocument.kind == DocumentKind.ITEM
            )
        ).all()
        documents = content.items(revisions).values()
        db.session.remove()
    return AnswerKey(_by_stem(documents))


def _by_stem(documents: Iterable[ItemDocument]) -> dict[str, tuple[ItemDocument, ...]]:
    found: dict[str, tuple[ItemDocument, ...]] = {}
    for document in documents:
        stem = words_of(document.stem_html)
        found[stem] = (*found.get(stem, ()), document)
    return found
