"""A program as a track: the lap, and under it the stages with what is done, what is open, and what opens the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import url_for
from markupsafe import Markup

from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.content import queries as content
from lms.content.documents import ExamDocument
from lms.credentials.models import Certificate
from lms.credentials.queries import issued_in
from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.pathway.deciding import issue_decision, pinned_program, standing_of, throughout_decision
from lms.pathway.gathering import gather
from lms.pathway.index import summary_of
from lms.requirements import Decision, PartStanding, Program, ProgramStanding, Stage, StageStanding
from lms.web.drawing.rail import rail
from lms.web.learning.pages.laps import drawn_lap, lap_key, modules_done
from lms.web.learning.pages.steps import Step, step_of
from lms.web.wording import label, listed, minutes

FORMATS = {"zoom": "Zoom", "in_person": "in person"}


@dataclass(frozen=True)
class ModuleRow:
    """A module in its stage. `state`: complete, here, in_progress, open or shut; a shut one has no address."""

    title: str
    state: Literal["complete", "here", "in_progress", "open", "shut"]
    word: str
    url: str | None


@dataclass(frozen=True)
class Opener:
    """One stage that must be complete before another opens: how far it is, and where to go on."""

    asked: str
    found: str
    url: str | None = None
    url_words: str = ""


@dataclass(frozen=True)
class StageRow:
    """One stage. `openers` or `opens` say what opens a shut one; `lasts` what its door asks on the day."""

    title: str
    state: str
    word: str
    rail: Markup
    about: str
    note: str
    modules: tuple[ModuleRow, ...]
    openers: tuple[Opener, ...] = ()
    opens: Decision | None = None
    lasts: Decision | None = None
    url: str | None = None
    url_words: str = ""


@dataclass(frozen=True)
class TrackPage:
    """The page of one enrollment. `waits_for` holds what a certificate still waits for once all stages are complete."""

    program: Program
    track: str
    subtitle: str
    lap_page: Markup
    lap_phone: Markup
    key: Markup
    step: Step | None
    stages: tuple[StageRow, ...]
    finish: Markup
    award: str
    certificate: Certificate | None
    waits_for: Decision | None
    is_active: bool
    ended: str


def track_page(enrollment: Enrollment, *, now: datetime) -> TrackPage:
    program = pinned_program(enrollment)
    facts = gather(enrollment.person_id, enrollment, now=now)
    found = standing_of(enrollment, now=now, facts=facts)
    summary = summary_of(program, found)
    is_active = enrollment.status is EnrollmentStatus.ACTIVE
    lasts = throughout_decision(enrollment, facts, now=now)
    issue = issue_decision(enrollment, facts, found, now=now) if is_active and found.complete else None
    step = step_of(program.id, summary["next"]) if is_active and not found.complete else None
    return TrackPage(
        program=program,
        track=next((track.title for track in program.tracks if track.id == enrollment.track), ""),
        subtitle=subtitle_of(program),
        lap_page=drawn_lap(summary, found.share, "page", raised=bool(step and step.url)),
        lap_phone=drawn_lap(summary, found.share, "phone", raised=bool(step and step.url)),
        key=lap_key(),
        step=step,
        stages=tuple(
            stage_row(
                program, found, number, summary["next"], lasts, is_active=is_active, release_id=enrollment.release_id
            )
            for number in range(len(found.stages))
        ),
        finish=rail("open", number=len(found.stages) + 1, finish=True),
        award=credential_title(program),
        certificate=None if is_active else issued_in(enrollment.id),
        waits_for=issue if issue is not None and not issue.met else None,
        is_active=is_active,
        ended=enrollment.close_reason if enrollment.status is EnrollmentStatus.ENDED else "",
    )


def subtitle_of(program: Program) -> str:
    parts = [label(program.delivery)]
    if program.hours:
        parts.append(_("%(hours)s hours", hours=f"{program.hours:g}"))
    if title := credential_title(program):
        parts.append(_("leads to the certificate %(title)s", title=title))
    return " · ".join(parts)


def credential_title(program: Program) -> str:
    credential = content.campus().credential(program.award.credential) if program.award else None
    return credential.title if credential else ""


def stage_row(
    program: Program,
    found: ProgramStanding,
    index: int,
    action: dict[str, Any] | None,
    lasts: Decision,
    *,
    is_active: bool,
    release_id: int,
) -> StageRow:
    stage, its = program.stages[index], found.stages[index]
    here = is_active and action is not None and action["stage_id"] == stage.id
    is_shut = its.state == "shut" and stage.available
    url, words = stage_link(program, its, stage) if its.is_reachable and stage.available and is_active else (None, "")
    is_door = stage.kind in {"class", "exam"} and its.state != "complete" and stage.available
    return StageRow(
        title=stage.title,
        state=state_of(its),
        word=word_of(its),
        rail=rail(its.state, share_of(its), number=index + 1, here=here),
        about=about_of(stage, release_id),
        note=stage.note,
        modules=tuple(module_row(program, its, part, action if here else None) for part in its.parts),
        openers=openers_of(program, found, index) if is_shut and stage.opens is None else (),
        opens=its.opens if is_shut and stage.opens is not None else None,
        lasts=lasts if is_door and lasts.leaves() and (is_shut or not lasts.met) else None,
        url=url,
        url_words=words,
    )


def state_of(its: StageStanding) -> str:
    return its.state if its.available or its.state == "complete" else "shut"


def word_of(its: StageStanding) -> str:
    if its.state == "complete":
        return _("Counts as done") if its.credited_by else label("complete")
    if not its.available:
        return str(_("Not published yet"))
    if its.parts and its.is_reachable:
        done = sum(part.state == "complete" for part in its.parts)
        return str(_("Open · %(modules)s", modules=modules_done(done, len(its.parts))))
    return label("open" if its.state == "in_progress" else its.state)


def share_of(its: StageStanding) -> float:
    return its.minutes_done / its.minutes if its.minutes else 0.0


def about_of(stage: Stage, release_id: int) -> str:
    exam = content.exam(release_id, stage.ref) if stage.kind == "exam" and stage.available and stage.ref else None
    if exam is not None:
        return exam_words(exam)
    words = []
    if stage.parts:
        words.append(str(ngettext("%(num)s module", "%(num)s modules", len(stage.parts))))
    if stage.formats:
        ways = listed([_(FORMATS[format_]) for format_ in stage.formats])
        words.append(ways[:1].upper() + ways[1:])
    if stage.length_minutes:
        words.append(minutes(stage.length_minutes))
    return " · ".join(words)


def exam_words(exam: ExamDocument) -> str:
    """How long it is, what passes, and until when it can be taken."""
    words = [str(ngettext("%(num)s item", "%(num)s items", exam.count))]
    if exam.minutes:
        words.append(str(ngettext("%(num)s minute", "%(num)s minutes", exam.minutes)))
    words.append(str(_("pass mark %(mark)s %%", mark=exam.pass_mark)))
    if exam.window_from == "attended" and exam.window_days:
        words.append(
            str(
                ngettext(
                    "open for %(num)s day after the class", "open for %(num)s days after the class", exam.window_days
                )
            )
        )
    return " · ".join(words)


def module_row(program: Program, its: StageStanding, part: PartStanding, action: dict[str, Any] | None) -> ModuleRow:
    url = url_for("learning.show_module", program_id=program.id, module_id=part.id)
    if part.state == "complete":
        return ModuleRow(part.title, "complete", _("Done"), url)
    if its.state == "shut" or not its.available:
        return ModuleRow(part.title, "shut", minutes(part.minutes), None)
    if action is not None and action["part_id"] == part.id:
        return ModuleRow(part.title, "here", _("You are here"), url)
    if part.lessons_done:
        lessons = ngettext(
            "%(done)s of %(num)s lesson", "%(done)s of %(num)s lessons", part.lessons_total, done=part.lessons_done
        )
        return ModuleRow(part.title, "in_progress", lessons, url)
    return ModuleRow(part.title, "open", minutes(part.minutes), url)


def openers_of(program: Program, found: ProgramStanding, index: int) -> tuple[Opener, ...]:
    """The earlier stages that are still to do: those done say so themselves, further up the page."""
    left = [stage for stage in found.stages[:index] if stage.state != "complete"]
    return tuple(opener(program, stage) for stage in left)


def opener(program: Program, its: StageStanding) -> Opener:
    left = [part for part in its.parts if part.state != "complete"]
    if not its.parts:
        return Opener(unmet_sentence(its), "")
    asked = ngettext(
        "%(stage)s: the one module still to do",
        "%(stage)s: %(left)s of %(num)s modules still to do",
        len(its.parts),
        stage=its.title,
        left=len(left),
    )
    time = _("About %(time)s.", time=minutes(sum(part.minutes - part.minutes_done for part in left)))
    if its.state == "shut":
        return Opener(asked, time)
    begun = next((part for part in left if part.state == "in_progress"), left[0])
    url = url_for("learning.show_module", program_id=program.id, module_id=begun.id)
    return Opener(asked, time, url, _("Go on with %(module)s", module=begun.title))


def unmet_sentence(its: StageStanding) -> str:
    if its.kind == "class":
        return str(_("%(stage)s: attend all of it", stage=its.title))
    if its.kind == "exam":
        return str(_("%(stage)s: pass it", stage=its.title))
    return str(_("%(stage)s: complete it", stage=its.title))


def stage_link(program: Program, its: StageStanding, stage: Stage) -> tuple[str | None, str]:
    if stage.kind == "class":
        words = _("See my class") if its.state == "in_progress" else _("See the classes and book a seat")
        return url_for("live.list_classes", stage=stage.id), words
    if stage.kind == "exam":
        url = url_for("assessment.show_exam", program_id=program.id, exam_id=stage.ref)
        return url, _("Read the rules and start")
    return None, ""
