"""The editor's page: a text, its preview, its problems, and what became of publishing it."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import render_template, url_for
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from lms.content import queries as content
from lms.foundation.problems import Problem
from lms.interop.words import gettext
from lms.overviews.authoring import Text
from lms.overviews.paging import number_named
from lms.web.fields import one_line, plain_signs

if TYPE_CHECKING:
    from lms.content.compiling.preview import Preview

LONGEST_SOURCE = 500_000
LONGEST_MESSAGE = 200
CONTEXT_LINES = 3
MOST_COMPARED = 1_500  # lines that differ, on either side
MOST_MATCHES = 60_000  # pairs of equal lines among them: what the comparison looks at
NAMES = {"lesson": "lesson_id", "bank": "module_id", "exam_bank": "exam_id"}


def plain_lines(text: str | None) -> str:
    """The text with plain line ends: browsers send others than files have."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


class SourceForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    """`base` is the number of the release that the text was opened from."""

    base = HiddenField(lazy_gettext("Release"))
    source = TextAreaField(lazy_gettext("Source"), [Length(max=LONGEST_SOURCE), plain_signs], filters=[plain_lines])

    @property
    def typed(self) -> str:
        return self.source.data or ""

    @property
    def opened_from(self) -> int:
        return number_named(self.base.data or "") or 0


class PublicationForm(SourceForm):
    message = StringField(
        lazy_gettext("What changed, and why"),
        [DataRequired(lazy_gettext("Say in a line what changed.")), Length(max=LONGEST_MESSAGE), plain_signs],
        filters=[one_line],
        description=lazy_gettext("Stands in the list of releases."),
    )

    def validate_base(self, field: Field) -> None:
        if number_named(field.data or "") is None:
            raise ValidationError(gettext("Open the page anew; your text stays here."))


@dataclass(frozen=True)
class DiffLine:
    """A line of a comparison: in both, only in theirs (`-`), or only in yours (`+`); "…" stands for what is left out."""

    sign: str
    text: str


def compared(theirs: str, yours: str) -> list[DiffLine] | None:
    """Two texts line by line, with a few lines around each difference; None for more than can be compared at once.

    What both begin and end with is set aside first, so that only the changed part counts.
    """
    their_lines, your_lines = theirs.splitlines(), yours.splitlines()
    head = _shared(their_lines, your_lines)
    tail = _shared(their_lines[head:][::-1], your_lines[head:][::-1])
    before, after = max(0, head - CONTEXT_LINES), max(0, tail - CONTEXT_LINES)
    cut = (their_lines[before : len(their_lines) - after], your_lines[before : len(your_lines) - after])
    return list(_compared(*cut)) if _is_comparable(*cut) else None


def _shared(first: list[str], second: list[str]) -> int:
    """How many lines two texts begin with alike."""
    alike = (number for number, (one, other) in enumerate(zip(first, second, strict=False)) if one != other)
    return next(alike, min(len(first), len(second)))


def _is_comparable(theirs: list[str], yours: list[str]) -> bool:
    """Every pair of equal lines is looked at again in each part: many equal lines cost more than many lines."""
    if max(len(theirs), len(yours)) > MOST_COMPARED:
        return False
    known = Counter(theirs)
    return sum(known[line] for line in yours) <= MOST_MATCHES


def _compared(theirs: list[str], yours: list[str]) -> Iterator[DiffLine]:
    matcher = difflib.SequenceMatcher(a=theirs, b=yours, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT_LINES)):
        if number:
            yield DiffLine("…", "")
        for what, their_start, their_end, your_start, your_end in group:
            if what == "equal":
                yield from (DiffLine(" ", line) for line in theirs[their_start:their_end])
            else:
                yield from (DiffLine("-", line) for line in theirs[their_start:their_end])
                yield from (DiffLine("+", line) for line in yours[your_start:your_end])


def preview_of(text: Text, source: str) -> Preview:
    """The text as its page would show it. Certification items are not needed for a lesson, so they are not read."""
    # The compiler's libraries take a second to load, and few processes ever serve an author.
    from lms.content.compiling.preview import preview_bank, preview_lesson  # noqa: PLC0415  # the compiler is large, and previews are of authors alone

    tree = content.tree_of(text.release, with_secure=text.kind == "exam_bank")
    compile_text = preview_lesson if text.kind == "lesson" else preview_bank
    return compile_text(tree, text.path, source)


def addresses(text: Text) -> dict[str, str]:
    """Where this text is shown, previewed and published."""
    named: dict[str, Any] = {NAMES[text.kind]: text.id}
    return {
        "page_url": url_for(f"authoring.show_{text.kind}", **named),
        "preview_url": url_for(f"authoring.create_{text.kind}_preview", **named),
        "publication_url": url_for(f"authoring.create_{text.kind}_publication", **named),
    }


def editor_page(
    text: Text,
    form: SourceForm,
    preview: Preview,
    *,
    problems: tuple[Problem, ...] = (),
    hidden: int = 0,
    refusal: str = "",
) -> str:
    """The editor with what was typed. `problems` of other files stand after the text's own; `hidden` ones are counted."""
    view = content.release_view()
    module = view.modules.get(text.place_id) if text.kind != "exam_bank" else None
    return render_template(
        "authoring/editor.html",
        text=text,
        form=form,
        preview=preview,
        elsewhere=[problem for problem in problems if problem.path != text.path],
        hidden=hidden,
        refusal=refusal,
        module=module,
        errors=sum(problem.is_error for problem in preview.problems),
        **addresses(text),
    )
