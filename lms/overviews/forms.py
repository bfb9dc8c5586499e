"""Exams' forms: what each holds, who reviewed it, and whether somebody else has opened it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Person, RoleGrant
from lms.accounts.rules import Capability, Viewer
from lms.assessment.models import FormActivation
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.foundation.database import db
from lms.overviews.reach import carriers, reach


@dataclass(frozen=True)
class FormRow:
    """One form as it stands in the current release. Without `active_since` it waits.

    `was_shut` if somebody shut it as it stands; `was_active` if an earlier text of it was open.
    """

    form: str
    items: int
    cut: int
    reviewer_named: str
    reviewed_by: str
    active_since: datetime | None
    activated_by: str
    was_shut: bool
    was_active: bool

    @property
    def active(self) -> bool:
        return self.active_since is not None


@dataclass(frozen=True)
class ExamForms:
    """An exam with its forms, in its order."""

    exam: ExamDocument
    forms: tuple[FormRow, ...]


@dataclass(frozen=True)
class Reviewer:
    """Somebody who may see certification items, and so may have reviewed a form."""

    person_id: int
    token: str
    name: str


def exam_forms(viewer: Viewer) -> list[ExamForms]:
    """Every exam within reach with its forms."""
    exams = _exams(viewer)
    standing: dict[tuple[str, str], list[tuple[FormActivation, str, str]]] = {}
    for activation, reviewer, activator in _activations([exam.id for exam in exams]):
        standing.setdefault((activation.exam_id, activation.form), []).append((activation, reviewer, activator))
    return [
        ExamForms(exam, tuple(_row(exam, form, standing.get((exam.id, form), [])) for form in exam.forms))
        for exam in exams
    ]


def awaiting(viewer: Viewer) -> list[tuple[str, str]]:
    """The forms (exam, form) that nobody has opened as they stand now."""
    return [(one.exam.id, row.form) for one in exam_forms(viewer) for row in one.forms if not row.active]


def exam_within(viewer: Viewer, exam_id: str) -> ExamDocument | None:
    """An exam of the current release that the viewer may open forms of."""
    return next((exam for exam in _exams(viewer) if exam.id == exam_id), None)


def reviewers(viewer: Viewer) -> list[Reviewer]:
    """Who may have reviewed a form: whoever may see certification items, but not the viewer."""
    rows = db.session.execute(
        select(Person.id, Person.token, Person.name)
        .where(Person.id != viewer.person_id, holds(Capability.SECURE_ITEMS))
        .order_by(Person.name, Person.id)
    )
    return [Reviewer(*row) for row in rows]


def holds(capability: Capability) -> ColumnElement[bool]:
    """Which people of the surrounding statement hold a capability now."""
    return (
        select(RoleGrant.id)
        .where(
            RoleGrant.person_id == Person.id,
            RoleGrant.role.in_(carriers(capability)),
            RoleGrant.withdrawn_at.is_(None),
        )
        .exists()
    )


def _exams(viewer: Viewer) -> list[ExamDocument]:
    within = reach(viewer, Capability.ACTIVATE_FORMS)
    exams = content.exams_of_release()
    if within.everywhere:
        return exams
    named = {
        stage.ref
        for program in content.programs()
        if program.id in within.programs
        for stage in program.stages
        if stage.kind == "exam"
    }
    return [exam for exam in exams if exam.id in named]


def _activations(exam_ids: Sequence[str]) -> list[tuple[FormActivation, str, str]]:
    reviewer, activator = aliased(Person), aliased(Person)
    rows = db.session.execute(
        select(FormActivation, reviewer.name, activator.name)
        .join(reviewer, reviewer.id == FormActivation.reviewed_by)
        .join(activator, activator.id == FormActivation.activated_by)
        .where(FormActivation.exam_id.in_(exam_ids))
        .order_by(FormActivation.id)
    )
    return [(activation, reviewed, activated) for activation, reviewed, activated in rows]


def _row(exam: ExamDocument, form: str, standing: Sequence[tuple[FormActivation, str, str]]) -> FormRow:
    as_it_stands = [one for one in standing if one[0].form_hash == exam.form_hashes[form]]
    current = next((one for one in as_it_stands if one[0].withdrawn_at is None), None)
    return FormRow(
        form=form,
        items=len(exam.forms[form]),
        cut=exam.cut(form),
        reviewer_named=exam.reviewed_by.get(form, ""),
        reviewed_by=current[1] if current else "",
        active_since=current[0].activated_at if current else None,
        activated_by=current[2] if current else "",
        was_shut=bool(as_it_stands) and current is None,
        was_active=bool(standing) and not as_it_stands,
    )
