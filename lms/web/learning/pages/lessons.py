"""A lesson between its neighbours: text and checks in order, what is done, where it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, repeat

from markupsafe import Markup

from lms.content import queries as content
from lms.content.documents import LessonView, ModuleView
from lms.learning.queries import LessonFacts
from lms.learning.rules import CompletionRule
from lms.pathway.queries import LessonDoor
from lms.requirements import Program
from lms.web.drawing.straights import lane
from lms.web.learning.pages.checks import CheckForm, check_form
from lms.web.learning.pages.printed import Entry, Link, Printed, panel, printed


@dataclass(frozen=True)
class Opened:
    """A lesson, its module and its program, as the enrollment behind `door` has them."""

    door: LessonDoor
    program: Program
    module: ModuleView
    lesson: LessonView


@dataclass(frozen=True)
class LessonRow:
    """A lesson in the list of its module; `length` is its time in words."""

    title: str
    length: str
    url: str
    done: bool
    here: bool = False


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and the check that follows it, if one does, with what stands in its form."""

    html: Markup
    check: CheckForm | None
    panel: Markup | None


@dataclass(frozen=True)
class LessonPage:
    """What the page of a lesson shows. `can_mark`: it is open, not done, and the enrollment is active."""

    lesson: LessonView
    module: Link
    program: Link
    place: int
    places: int
    lane: Markup
    rows: tuple[LessonRow, ...]
    goals: str
    pieces: tuple[Piece, ...]
    missing: tuple[CheckForm, ...]
    previous: Link
    following: Link
    done: bool
    can_mark: bool
    completion_url: str


def lesson_page(opened: Opened, facts: LessonFacts, problems: Mapping[str, str]) -> LessonPage:
    """`problems` are sentences by check: why what was just sent there could not be taken."""
    lesson = opened.lesson
    same = printed(opened.program, opened.module, lesson)
    rows = lesson_rows(same.entries, facts.done, here=lesson.id)
    checks = check_forms(opened, same, facts, problems)
    rule = CompletionRule.from_json(dict(lesson.completion))
    missing = rule.missing(lesson.check_ids, facts.answered_rightly)
    done = lesson.id in facts.done
    count = sum(row.done for row in rows)
    return LessonPage(
        lesson=lesson,
        module=same.module,
        program=same.program,
        place=same.place + 1,
        places=len(rows),
        lane=lane(count, len(rows), None if done else float(same.place)),
        rows=rows,
        goals=same.goals,
        pieces=pieces_of(same, checks),
        missing=tuple(check for check in checks if check.item_id in missing),
        previous=same.previous,
        following=same.following,
        done=done,
        can_mark=opened.door.is_active and opened.door.is_open and not done,
        completion_url=same.completion_url,
    )


def lesson_rows(entries: Iterable[Entry], done: frozenset[str], *, here: str | None = None) -> tuple[LessonRow, ...]:
    return tuple(
        LessonRow(entry.title, entry.length, entry.url, entry.id in done, entry.id == here) for entry in entries
    )


def check_forms(
    opened: Opened, same: Printed, facts: LessonFacts, problems: Mapping[str, str]
) -> tuple[CheckForm, ...]:
    """The checks with what was answered last; keys are read of answered checks alone."""
    answered = {item_id: answer.revision_id for item_id, answer in facts.answers.items()}
    documents = content.items(answered.values()) if answered else {}
    forms = []
    for index, public in enumerate(opened.lesson.checks):
        answer = facts.answers.get(public["id"])
        forms.append(
            check_form(
                public,
                number=index + 1,
                url=same.check_urls[index],
                answer=answer,
                document=documents[answer.revision_id] if answer else None,
                problem=problems.get(public["id"], ""),
                is_open=opened.door.is_active and opened.door.is_open,
            )
        )
    return tuple(forms)


def pieces_of(same: Printed, checks: tuple[CheckForm, ...]) -> tuple[Piece, ...]:
    after = chain(((check, panel(check, len(checks))) for check in checks), repeat((None, None)))
    return tuple(Piece(html, check, shown) for html, (check, shown) in zip(same.texts, after, strict=False))
