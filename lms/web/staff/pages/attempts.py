"""The attempts at an exam: the page is drawn once for everybody who chose the same, and filled with the rows they see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import render_template, url_for
from markupsafe import Markup

from lms.assessment.models import AttemptStatus
from lms.content.documents import ExamDocument
from lms.interop.words import catalogue
from lms.interop.words import gettext as _
from lms.overviews.paging import Page
from lms.overviews.results import AttemptRow, Filter
from lms.requirements.same import Same
from lms.web import chrome, stencils
from lms.web.chrome import Look
from lms.web.lists import pages_around
from lms.web.stencils import Stencil, blank
from lms.web.templating import drawn
from lms.web.viewing import signed_in
from lms.web.wording import moment, percent

TEMPLATE, ROWS = "staff/attempts.html", "staff/_attempt_rows.html"
KEPT_STENCILS, KEPT_OUTCOMES = 64, 64
ANY_TOKEN = "-"  # noqa: S105  # a place to write one
LISTED_STATES = (
    AttemptStatus.IN_PROGRESS,
    AttemptStatus.SUBMITTED,
    AttemptStatus.GRADED,
    AttemptStatus.RELEASED,
    AttemptStatus.VOIDED,
)


@dataclass(frozen=True)
class Chosen:
    """What the page says to everybody who comes to it: the exam, what the list is narrowed to, and the forms to choose."""

    exam: Same[ExamDocument]
    asked: Filter
    forms: tuple[str, ...]


@dataclass(frozen=True)
class ShownAttempt:
    """An attempt in words; `outcome` is its state or its result, already drawn."""

    url: str
    person: str
    form: str
    number: int
    when: str
    percent: str
    outcome: Markup


def show_page(exam: ExamDocument, asked: Filter, forms: tuple[str, ...], page: Page[AttemptRow]) -> str:
    """The page of an exam's attempts, for the reader of this request."""
    chosen = Chosen(Same(exam), asked, forms)
    parts = {"rows": draw_rows(page.rows), **pages_around(page)}
    there = {name: part for name, part in parts.items() if part}
    if not stencils.can_be_filled():
        return render_template(TEMPLATE, **context(chosen, there))
    reader = signed_in()
    look = chrome.look_for(reader, chrome.campus())
    return stencils.fill(stencil(look, reader.locale, chosen, frozenset(there)), **there)


@lru_cache(maxsize=KEPT_STENCILS)
def stencil(look: Look, locale: str, chosen: Chosen, there: frozenset[str]) -> Stencil:  # noqa: ARG001  # the key of what is kept
    """The page with a blank for each part that is there: the rows, and the addresses of the pages around."""
    return stencils.draw(TEMPLATE, locale, **context(chosen, {name: blank(name) for name in there}))


def context(chosen: Chosen, there: Mapping[str, str]) -> dict[str, object]:
    return {
        "exam": chosen.exam.one,
        "asked": chosen.asked,
        "forms": chosen.forms,
        "states": LISTED_STATES,
        "parts": there,
    }


# --- rows ---


def draw_rows(rows: Iterable[AttemptRow]) -> Markup:
    """The rows of the table; empty where there are none."""
    listed = shown(rows)
    return drawn(ROWS, "attempt_rows", listed) if listed else Markup()


def shown(rows: Iterable[AttemptRow]) -> list[ShownAttempt]:
    words = Same(catalogue())
    before, _token, after = url_for("staff.show_attempt", token=ANY_TOKEN).rpartition(ANY_TOKEN)
    return [
        ShownAttempt(
            url=f"{before}{row.token}{after}",
            person=row.person,
            form=row.form,
            number=row.number,
            when=moment(row.closed_at) or _("since %(moment)s", moment=moment(row.started_at)),
            percent=percent(row.scaled),
            outcome=outcome(row.status, row.passed, words),
        )
        for row in rows
    ]


@lru_cache(maxsize=KEPT_OUTCOMES)
def outcome(status: AttemptStatus, passed: bool | None, _words: Same[Any]) -> Markup:
    return drawn(ROWS, "outcome", status, passed)
