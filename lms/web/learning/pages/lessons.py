"""A lesson between its neighbours: text and checks in order, what is done, where it goes on.

Almost everybody sees the page of its stencil. It is drawn whole for who must be told more than that: what the
last action did, or why something could not be taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from flask import render_template
from markupsafe import Markup

from lms.content import queries as content
from lms.content.documents import ItemDocument, LessonView, ModuleView
from lms.interop.words import catalogue
from lms.learning.queries import LastAnswer, LessonFacts
from lms.learning.rules import CompletionRule
from lms.pathway.queries import LessonDoor
from lms.requirements import Program
from lms.requirements.same import Same
from lms.web import chrome, stencils
from lms.web.chrome import Look
from lms.web.drawing.straights import lane
from lms.web.learning.pages.checks import CheckForm, check_form
from lms.web.learning.pages.printed import Entry, Printed, printed
from lms.web.stencils import Stencil, blank
from lms.web.templating import drawn
from lms.web.viewing import signed_in

TEMPLATE = "learning/lesson.html"
KEPT_STENCILS, KEPT_PANELS, KEPT_LISTS = 256, 4_096, 2_048


@dataclass(frozen=True)
class Opened:
    """A lesson, its module and its program, as the enrollment behind `door` has them."""

    door: LessonDoor
    program: Program
    module: ModuleView
    lesson: LessonView

    @property
    def can_answer(self) -> bool:
        return self.door.is_active and self.door.is_open


@dataclass(frozen=True)
class LessonRow:
    """A lesson in the list of its module; `length` is its time in words."""

    title: str
    length: str
    url: str
    done: bool
    here: bool = False


@dataclass(frozen=True)
class LessonPage:
    """What the page of a lesson shows: what it says to everybody, and what is one reader's, already drawn.

    `can_mark`: it is open, not done, and the enrollment is active. `missing` are the checks that stand in the way.
    """

    same: Printed
    can_mark: bool
    lessons: Markup
    lane: Markup
    panels: tuple[Markup, ...]
    missing: tuple[CheckForm, ...] = ()


def show_page(opened: Opened, facts: LessonFacts) -> str:
    """The page of a lesson, for the reader of this request."""
    page = lesson_page(opened, facts)
    if not stencils.can_be_filled():
        return render_template(TEMPLATE, page=page, refused="")
    reader = signed_in()
    look = chrome.look_for(reader, chrome.campus())
    panels = {name_of(index): panel for index, panel in enumerate(page.panels)}
    stencil = lesson_stencil(look, reader.locale, Same(page.same), page.can_mark)
    return stencils.fill(stencil, lessons=page.lessons, lane=page.lane, **panels)


def show_refusal(opened: Opened, facts: LessonFacts, problems: Mapping[str, str], refused: str) -> str:
    """The page with what stands in the way. `problems` are sentences by check: why what was sent there was not taken."""
    page = lesson_page(opened, facts)
    forms = check_forms(opened, page.same, facts, problems)
    rule = CompletionRule.from_json(dict(opened.lesson.completion))
    missing = rule.missing(opened.lesson.check_ids, facts.answered_rightly)
    panels = tuple(draw_panel(form, len(forms)) for form in forms)
    page = replace(page, panels=panels, missing=tuple(form for form in forms if form.item_id in missing))
    return render_template(TEMPLATE, page=page, refused=refused)


def lesson_page(opened: Opened, facts: LessonFacts) -> LessonPage:
    words = Same(catalogue())
    same = printed(opened.program, opened.module, opened.lesson, words)
    done = facts.done & {entry.id for entry in same.entries}
    is_done = opened.lesson.id in done
    return LessonPage(
        same=same,
        can_mark=opened.can_answer and not is_done,
        lessons=lesson_list(Same(same), done, words),
        lane=lane(len(done), len(same.entries), None if is_done else float(same.place)),
        panels=panels_of(opened, same, facts, words),
    )


@lru_cache(maxsize=KEPT_STENCILS)
def lesson_stencil(look: Look, locale: str, same: Same[Printed], can_mark: bool) -> Stencil:  # noqa: ARG001  # the key of what is kept
    panels = tuple(blank(name_of(index)) for index in range(len(same.one.checks)))
    page = LessonPage(same.one, can_mark, blank("lessons"), blank("lane"), panels)
    return stencils.draw(TEMPLATE, locale, page=page, refused="")


def name_of(index: int) -> str:
    return f"check_{index}"


@lru_cache(maxsize=KEPT_LISTS)
def lesson_list(same: Same[Printed], done: frozenset[str], _words: Same[Any]) -> Markup:
    here = same.one.lesson.id
    return drawn("learning/_lessons.html", "lesson_list", lesson_rows(same.one.entries, done, here=here))


def lesson_rows(entries: Iterable[Entry], done: frozenset[str], *, here: str | None = None) -> tuple[LessonRow, ...]:
    return tuple(
        LessonRow(entry.title, entry.length, entry.url, entry.id in done, entry.id == here) for entry in entries
    )


# --- checks ---


def panels_of(opened: Opened, same: Printed, facts: LessonFacts, words: Same[Any]) -> tuple[Markup, ...]:
    """What stands in the forms of the checks: kept by what was ticked, drawn anew where something was typed."""
    key = Same(same)
    panels = []
    for index, item_id in enumerate(opened.lesson.check_ids):
        answer = facts.answers.get(item_id)
        if answer is None:
            panels.append(fresh_panel(key, index, opened.can_answer, words))
        elif answer.response.get("text"):
            panels.append(answered_panel(same, index, answer, is_open=opened.can_answer))
        else:
            ticked = frozenset(answer.response.get("options", ()))
            panels.append(ticked_panel(key, index, answer.revision_id, answer.right, ticked, opened.can_answer, words))
    return tuple(panels)


@lru_cache(maxsize=KEPT_PANELS)
def fresh_panel(same: Same[Printed], index: int, is_open: bool, _words: Same[Any]) -> Markup:
    return draw_panel(form_at(same.one, index, is_open=is_open), len(same.one.checks))


@lru_cache(maxsize=KEPT_PANELS)
def ticked_panel(
    same: Same[Printed],
    index: int,
    revision_id: int,
    right: bool,
    ticked: frozenset[str],
    is_open: bool,
    _words: Same[Any],
) -> Markup:
    answer = LastAnswer(right, {"options": sorted(ticked)}, revision_id)
    return answered_panel(same.one, index, answer, is_open=is_open)


def answered_panel(same: Printed, index: int, answer: LastAnswer, *, is_open: bool) -> Markup:
    document = content.items([answer.revision_id])[answer.revision_id]
    return draw_panel(form_at(same, index, answer, document, is_open=is_open), len(same.checks))


def check_forms(
    opened: Opened, same: Printed, facts: LessonFacts, problems: Mapping[str, str]
) -> tuple[CheckForm, ...]:
    """The checks with what was answered last; keys are read of answered checks alone."""
    documents = content.items([answer.revision_id for answer in facts.answers.values()]) if facts.answers else {}
    forms = []
    for index, item_id in enumerate(opened.lesson.check_ids):
        answer = facts.answers.get(item_id)
        document = documents[answer.revision_id] if answer else None
        problem = problems.get(item_id, "")
        forms.append(form_at(same, index, answer, document, problem=problem, is_open=opened.can_answer))
    return tuple(forms)


def form_at(
    same: Printed,
    index: int,
    answer: LastAnswer | None = None,
    document: ItemDocument | None = None,
    *,
    problem: str = "",
    is_open: bool,
) -> CheckForm:
    return check_form(
        same.lesson.checks[index],
        number=index + 1,
        url=same.checks[index].url,
        answer=answer,
        document=document,
        problem=problem,
        is_open=is_open,
    )


def draw_panel(check: CheckForm, total: int) -> Markup:
    """What stands in the form of a check, but for its token. It holds no name."""
    return drawn("learning/_check.html", "check_panel", check, total)
