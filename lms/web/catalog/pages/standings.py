"""In a word, how a program stands to the reader. From facts gathered once, however many programs there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lms.accounts.rules import Viewer
from lms.catalog.models import EnrollmentStatus
from lms.content import queries as content
from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.pathway.deciding import enrol_decisions
from lms.pathway.queries import EnrollmentRow, enrollment_rows
from lms.requirements import Action, Decision, Program, Verdict, say_lines
from lms.usecases.enrolling import why_not_offered
from lms.web.wording import percent


@dataclass(frozen=True)
class Own:
    """How a program stands to the reader: the sign, its word, and whether it could be entered now."""

    state: str
    word: str
    is_open: bool = False


def owns(viewer: Viewer | None, programs: tuple[Program, ...], *, now: datetime) -> Mapping[str, Own]:
    if viewer is None:
        return {program.id: for_anyone(program, now) for program in programs}
    decisions = enrol_decisions(viewer.person_id, programs, now=now)
    rows: dict[str, EnrollmentRow] = {}
    for row in enrollment_rows([viewer.person_id]):
        rows.setdefault(row.program_id, row)
    return {program.id: own(program, rows.get(program.id), decisions[program.id]) for program in programs}


def own(program: Program, row: EnrollmentRow | None, decision: Decision) -> Own:
    if row is not None and row.status is EnrollmentStatus.ACTIVE:
        return Own("here", _("%(share)s done", share=percent(row.share)))
    if row is not None and row.status is EnrollmentStatus.COMPLETED:
        return Own("complete", _("Done"))
    if program.family == "partner":
        return Own("info", _("With the partner"))
    return missing_of(decision) or offer_of(program)


def missing_of(decision: Decision) -> Own | None:
    missing = decision.missing()
    if not missing:
        return None
    if all(is_under_review(leaf) for leaf in missing):
        return Own("unknown", _("Being checked"))
    return Own("shut", ngettext("%(num)s thing missing", "%(num)s things missing", len(missing)))


def is_under_review(leaf: Decision) -> bool:
    """Whether it waits for us, not for the person: what nobody told us yet is unknown, too."""
    return leaf.verdict is Verdict.UNKNOWN and (leaf.remedy is None or leaf.remedy.action is Action.WAIT)


def offer_of(program: Program) -> Own:
    if why_not_offered(program) is None:
        return Own("met", _("Open to you"), is_open=True)
    return Own("info", _("By application") if program.application else _("Not open yet"))


def for_anyone(program: Program, now: datetime) -> Own:
    """For who is not signed in: how much it asks."""
    if program.family == "partner":
        return Own("info", _("With the partner"))
    at = content.at_issuer(now)
    lines = say_lines(program.requirements.rule_at(at.date()), content.world(now))
    return Own("info", ngettext("Asks for %(num)s thing", "Asks for %(num)s things", len(lines)))
