"""One program: what it is, what it asks and where the reader stands, what is in it, and how to enter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from lms.accounts.models import ClaimStatus
from lms.accounts.queries import claim_facts, ids_of
from lms.accounts.rules import Viewer
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.catalog.queries import enrollment_of
from lms.content import queries as content
from lms.content.documents import ModuleView
from lms.foundation.messages import Message
from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.live.queries import ListedClass, listed
from lms.pathway.deciding import enrol_decision
from lms.requirements import Action, Decision, Program, Stage, say_lines
from lms.usecases.enrolling import why_not_offered
from lms.web.catalog.pages.listing import credential_title, length_of, price_of
from lms.web.catalog.pages.standings import is_under_review
from lms.web.wording import label, minutes
from lms.web.wording import listed as joined

FORMATS = {"zoom": "Zoom", "in_person": "in person"}
MOST_CLASSES = 3


@dataclass(frozen=True)
class StageOutline:
    """A stage as the catalogue shows it: its modules with their lessons, or what kind of thing it is."""

    title: str
    about: str
    note: str
    available: bool
    modules: tuple[ModuleView, ...]


@dataclass(frozen=True)
class ProgramPage:
    """`decision` is the reader's own; signed out it is None, and `lines` say what is asked of anyone."""

    program: Program
    facts: tuple[tuple[str, str], ...]
    lines: tuple[Message, ...]
    throughout: tuple[Message, ...]
    renewal: tuple[Message, ...]
    decision: Decision | None
    missing: tuple[Decision, ...]
    questions: tuple[str, ...]
    not_offered: Message | None
    enrollment: Enrollment | None
    stages: tuple[StageOutline, ...]
    selection: str
    classes: tuple[ListedClass, ...]
    is_signed_in: bool

    @property
    def waits_for_staff(self) -> bool:
        """Whether all that is missing was told, and is being checked."""
        return bool(self.missing) and all(is_under_review(leaf) for leaf in self.missing)

    @property
    def is_enrolled(self) -> bool:
        return self.enrollment is not None and self.enrollment.status is EnrollmentStatus.ACTIVE

    @property
    def is_completed(self) -> bool:
        return self.enrollment is not None and self.enrollment.status is EnrollmentStatus.COMPLETED

    @property
    def can_enrol(self) -> bool:
        """Whether the button is offered. The same decision is made again when it is pressed."""
        return self.not_offered is None and self.decision is not None and self.decision.met and not self.is_enrolled


def program_page(
    program: Program, viewer: Viewer | None, *, now: datetime, refused: Decision | None = None
) -> ProgramPage:
    """`refused` is the decision with which an enrolment was just refused; it is shown as it was made."""
    today, world = content.today(now), content.world(now)
    decision = refused or (enrol_decision(viewer.person_id, program, now=now) if viewer else None)
    return ProgramPage(
        program=program,
        facts=tuple((name, value) for name, value in facts_of(program) if value),
        lines=say_lines(program.requirements.rule_at(today), world),
        throughout=say_lines(program.throughout.rule_at(today), world),
        renewal=say_lines(program.renewal.requires.rule_at(today), world) if program.renewal else (),
        decision=decision,
        missing=decision.missing() if decision else (),
        questions=questions_about(viewer, decision) if viewer and decision else (),
        not_offered=why_not_offered(program),
        enrollment=enrollment_of(viewer.person_id, program.id) if viewer else None,
        stages=tuple(outline_of(stage) for stage in program.stages) if program.family != "partner" else (),
        selection=selection_of(program),
        classes=next_classes(program, now),
        is_signed_in=viewer is not None,
    )


def questions_about(viewer: Viewer, decision: Decision) -> tuple[str, ...]:
    """What the staff asked about claims that this program waits for; nothing is read where they asked nothing."""
    targets = {leaf.remedy.target for leaf in decision.missing() if leaf.remedy and leaf.remedy.action is Action.ANSWER}
    if not targets:
        return ()
    asked = [one for one in claim_facts(ids_of(viewer.person_id)) if one.status is ClaimStatus.NEEDS_MORE and one.told]
    return tuple(one.told for one in asked if {one.kind, f"{one.kind}:{one.subject}"} & targets)


def facts_of(program: Program) -> list[tuple[str, str]]:
    renews = [credential_title(credential) for credential in program.renewal_credit]
    return [
        (_("Format"), label(program.delivery)),
        (_("Length"), length_of(program)),
        (_("Price"), price_of(program)),
        (_("Leads to"), credential_title(program.award.credential) if program.award else ""),
        (_("Counts for renewing"), joined([title for title in renews if title])),
        (_("Provider"), program.provider),
        (_("Platform"), program.platform if program.provider else ""),
        (_("Place"), program.site),
    ]


def selection_of(program: Program) -> str:
    """Plainly, where what is published is less than the whole."""
    if not program.selection or not program.hours:
        return ""
    published = minutes(sum(stage.length_minutes for stage in program.stages if stage.parts))
    return str(
        _(
            "The online modules published so far are a selection: %(published)s of study, in a program of %(hours)s hours in full.",
            published=published,
            hours=f"{program.hours:g}",
        )
    )


def outline_of(stage: Stage) -> StageOutline:
    modules = content.release_view().modules
    return StageOutline(
        title=stage.title,
        about=about_of(stage),
        note=stage.note,
        available=stage.available,
        modules=tuple(modules[part.id] for part in stage.parts if part.id in modules),
    )


def about_of(stage: Stage) -> str:
    words = [str(_(KINDS[stage.kind]))]
    if stage.parts:
        words = [str(ngettext("%(num)s module", "%(num)s modules", len(stage.parts)))]
    if stage.formats:
        words.append(joined([_(FORMATS[format_]) for format_ in stage.formats]))
    if stage.length_minutes:
        words.append(minutes(stage.length_minutes))
    return " · ".join(words)


KINDS = {
    "module_set": "Online modules",
    "class": "Live class",
    "exam": "Exam",
    "assignment": "Written work",
    "capstone": "Capstone project",
    "observed_teaching": "Observed teaching",
    "partner_course": "Course of a partner",
}


def next_classes(program: Program, now: datetime) -> tuple[ListedClass, ...]:
    stages = [stage.id for stage in program.stages if stage.kind == "class" and stage.available]
    return tuple(listed(now, stage_ids=stages, limit=MOST_CLASSES)) if stages else ()


def sign_in_url(program: Program) -> str:
    return url_for("accounts.sign_in", next=url_for("catalog.show_program", program_id=program.id))
