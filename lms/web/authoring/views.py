"""What authors do: look through the tree, edit a text beside its preview, publish it, look back at releases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.accounts.rules import Capability
from lms.content import queries as content
from lms.content.models import ChangeClass
from lms.content.services import StoreMovedOn
from lms.foundation import clock, unit_of_work
from lms.foundation.database import db
from lms.foundation.errors import Forbidden
from lms.foundation.problems import Problem
from lms.interop.csv_tables import Cell
from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.overviews import authoring as overview
from lms.overviews.authoring import Text
from lms.usecases import publishing
from lms.usecases.publishing import HasErrors, Published
from lms.web.authoring.editing import (
    PublicationForm,
    SourceForm,
    addresses,
    compared,
    editor_page,
    preview_of,
)
from lms.web.lists import asked_place, csv_answer, pages_around, wants_csv
from lms.web.viewing import reads_first, reads_only, require, signed_in
from lms.web.wording import label, say

bp = Blueprint("authoring", __name__)
bp.before_request(require(Capability.AUTHOR_LESSONS))

PART_OF_ADDRESS = re.compile(r"[A-Za-z0-9_-]{1,100}")
LARGEST_NUMBER = 2**31
Found = Callable[[], Text | None]


@bp.url_value_preprocessor
def refuse_odd_names(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What can be no id is never asked of the database, which may stumble over it."""
    if any(not PART_OF_ADDRESS.fullmatch(str(value)) for value in (values or {}).values()):
        abort(404)


@bp.get("/author")
def list_modules() -> ResponseReturnValue:
    reader = signed_in()
    return render_template(
        "authoring/modules.html",
        sets=overview.tree(reader),
        exams=overview.exam_banks(reader),
        release=content.current_release_id(),
    )


@bp.get("/author/lessons/<lesson_id>")
def show_lesson(lesson_id: str) -> ResponseReturnValue:
    return opened(lambda: overview.lesson_text(signed_in(), lesson_id))


@bp.post("/author/lessons/<lesson_id>/preview")
@reads_only
def create_lesson_preview(lesson_id: str) -> ResponseReturnValue:
    return previewed(lambda: overview.lesson_text(signed_in(), lesson_id))


@bp.post("/author/lessons/<lesson_id>/publication")
@reads_first
def create_lesson_publication(lesson_id: str) -> ResponseReturnValue:
    return published(lambda: overview.lesson_text(signed_in(), lesson_id))


@bp.get("/author/modules/<module_id>/bank")
def show_bank(module_id: str) -> ResponseReturnValue:
    return opened(lambda: overview.bank_text(signed_in(), module_id))


@bp.post("/author/modules/<module_id>/bank/preview")
@reads_only
def create_bank_preview(module_id: str) -> ResponseReturnValue:
    return previewed(lambda: overview.bank_text(signed_in(), module_id))


@bp.post("/author/modules/<module_id>/bank/publication")
@reads_first
def create_bank_publication(module_id: str) -> ResponseReturnValue:
    return published(lambda: overview.bank_text(signed_in(), module_id))


@bp.get("/author/exams/<exam_id>/bank")
def show_exam_bank(exam_id: str) -> ResponseReturnValue:
    return opened(lambda: overview.exam_bank_text(signed_in(), exam_id))


@bp.post("/author/exams/<exam_id>/bank/preview")
@reads_only
def create_exam_bank_preview(exam_id: str) -> ResponseReturnValue:
    return previewed(lambda: overview.exam_bank_text(signed_in(), exam_id))


@bp.post("/author/exams/<exam_id>/bank/publication")
@reads_first
def create_exam_bank_publication(exam_id: str) -> ResponseReturnValue:
    return published(lambda: overview.exam_bank_text(signed_in(), exam_id))


@bp.get("/author/releases")
def list_releases() -> ResponseReturnValue:
    page = overview.release_list(signed_in(), place=asked_place())
    if wants_csv():
        header = [_("Release"), _("Published at"), _("By"), _("Message"), *(label(one) for one in CLASSES)]
        rows: Iterable[list[Cell]] = (
            [line.number, line.published_at, line.by, line.message, *(line.counts.get(one, 0) for one in CLASSES)]
            for line in page.rows
        )
        return csv_answer("releases", header, rows)
    return render_template("authoring/releases.html", page=page, reach_of=reach_of, **pages_around(page))


@bp.get("/author/releases/<int:number>")
def show_release(number: int) -> ResponseReturnValue:
    case = overview.release_case(signed_in(), number) if number < LARGEST_NUMBER else None
    return render_template("authoring/release.html", case=case or abort(404), reach_of=reach_of, classes=CLASSES)


CLASSES = (ChangeClass.EDITORIAL, ChangeClass.ASSESSMENT, ChangeClass.STRUCTURAL)


def reach_of(change: ChangeClass) -> str:
    """Whom a change of this class reaches."""
    said = {
        ChangeClass.NONE: _("Nothing changed."),
        ChangeClass.EDITORIAL: _("Words: everyone reads them at once."),
        ChangeClass.ASSESSMENT: _("Questions: new attempts get them; attempts that have begun keep theirs."),
        ChangeClass.STRUCTURAL: _("Structure: new enrolments get it; enrolments made before keep theirs."),
    }
    return str(said[change])


def found_or_404(find: Found) -> Text:
    """A text that the reader may edit; certification items look to others as if they did not exist."""
    return find() or abort(404)


def opened(find: Found) -> ResponseReturnValue:
    text = found_or_404(find)
    form = PublicationForm(formdata=None, data={"source": text.source, "base": str(text.release)})
    return editor_page(text, form, preview_of(text, text.source))


def previewed(find: Found) -> ResponseReturnValue:
    """Check what was typed and show it. Nothing is stored."""
    text, form = found_or_404(find), PublicationForm()
    source_only = SourceForm()
    if not source_only.validate_on_submit():
        return editor_page(text, form, preview_of(text, text.source)), 422
    return editor_page(text, form, preview_of(text, form.typed))


def published(find: Found) -> ResponseReturnValue:
    """Publish what was typed on top of the release it was opened from; whatever stands in the way, the text is kept."""
    with unit_of_work.reading(db.session):
        text, form = found_or_404(find), PublicationForm()
        if not form.validate_on_submit():
            return editor_page(text, form, preview_of(text, form.typed)), 422
        if form.opened_from != text.release:
            return moved_on(text, form)
        tree = content.tree_of(text.release, with_secure=True).with_file(text.path, form.typed.encode())
    try:
        done = publishing.publish(
            tree, message=form.message.data or "", base_id=text.release, by=signed_in(), now=clock.now
        )
    except HasErrors as refusal:
        return stopped(find, form, refusal)
    except StoreMovedOn:
        return moved_on_since(find, form)
    except Forbidden as refusal:
        return forbidden(find, form, refusal)
    return told(text, done)


def stopped(find: Found, form: PublicationForm, refusal: HasErrors) -> ResponseReturnValue:
    """The errors of the whole tree; those in files that the reader may not see are counted alone."""
    with unit_of_work.reading(db.session):
        text = found_or_404(find)
        errors = tuple(problem for problem in refusal.problems if problem.is_error)
        shown = tuple(problem for problem in errors if may_read(problem))
        page = editor_page(
            text,
            form,
            preview_of(text, form.typed),
            problems=shown,
            hidden=len(errors) - len(shown),
            refusal=f"{say(refusal.message)} {say(refusal.kept)}",
        )
        return page, 422


def may_read(problem: Problem) -> bool:
    return signed_in().can(Capability.SECURE_ITEMS) or not problem.path.startswith("exams/")


def forbidden(find: Found, form: PublicationForm, refusal: Forbidden) -> ResponseReturnValue:
    with unit_of_work.reading(db.session):
        text = found_or_404(find)
        said = f"{say(refusal.message)} {say(refusal.kept)}"
        return editor_page(text, form, preview_of(text, form.typed), refusal=said), 403


def moved_on_since(find: Found, form: PublicationForm) -> ResponseReturnValue:
    with unit_of_work.reading(db.session):
        return moved_on(found_or_404(find), form)


def moved_on(text: Text, form: PublicationForm) -> ResponseReturnValue:
    """Somebody published meanwhile: both texts, compared, and yours ready to be published on top of theirs."""
    opened_from = form.opened_from
    form.base.data = str(text.release)
    page = render_template(
        "authoring/moved_on.html",
        text=text,
        form=form,
        opened_from=opened_from,
        release=content.release(text.release),
        difference=compared(text.source, form.typed),
        **addresses(text),
    )
    return page, 409


def told(text: Text, done: Published) -> ResponseReturnValue:
    """Say how far the change reaches, and go to the release; back to the text where nothing had changed."""
    if done.release is None:
        flash(_("Nothing had changed, so nothing was published."), "info")
        return redirect(addresses(text)["page_url"], 303)
    change = publishing.class_of(done.changes)
    concerned = ngettext(
        "%(num)s active enrollment has this module.", "%(num)s active enrolments have this module.", text.learners
    )
    flash(_("Release %(n)s is published.", n=done.release.id) + f" {reach_of(change)} {concerned}", "ok")
    return redirect(url_for(".show_release", number=done.release.id), 303)
