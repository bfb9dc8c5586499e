"""The learner's home: the next best step, my programs, dates, certificates. Six statements, however many programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import format_date
from markupsafe import Markup

from lms.accounts.models import ClaimStatus
from lms.accounts.queries import ClaimFact, claim_facts, ids_of
from lms.accounts.rules import Viewer
from lms.catalog.models import EnrollmentStatus
from lms.credentials.queries import Entry, own_entries
from lms.credentials.rules import CertificateStatus
from lms.interop.words import gettext as _
from lms.live.queries import ComingClass, coming_classes
from lms.pathway.queries import EnrollmentRow, enrollment_rows
from lms.web import chrome
from lms.web.learning.pages.laps import drawn_lap, small_mark
from lms.web.learning.pages.steps import Step, step_of
from lms.web.wording import clock_time, day, percent, reader_zone, zone_name

MOST_DATES = 6
MOST_CERTIFICATES = 4
LOOK_AHEAD = timedelta(days=366)
LOOK_BACK = timedelta(days=60)


@dataclass(frozen=True)
class NextStep:
    """The panel on top: which program, what to do there, and its lap."""

    program: str
    program_url: str
    step: Step
    lap: Markup


@dataclass(frozen=True)
class ProgramRow:
    """One of my programs. `state` is the enrollment's where it is not active."""

    title: str
    url: str
    mark: Markup
    about: str
    share: str
    state: str


@dataclass(frozen=True)
class DateRow:
    """Something that happens on a day."""

    on: date
    number: str
    month: str
    title: str
    about: str
    url: str | None
    url_words: str = ""


@dataclass(frozen=True)
class CertificateRow:
    title: str
    url: str
    issued_on: date
    state: str


@dataclass(frozen=True)
class ToldRow:
    """What I told that is not settled: it is being checked, or the staff asked `question`, to be answered at `url`."""

    title: str
    since: datetime
    question: str = ""
    url: str | None = None


@dataclass(frozen=True)
class HomePage:
    """All that the home shows. `next_step` is None where nothing is enrolled in, or everything is finished.

    `untold` says whether age or membership were never told; `confirmed` whether the address is.
    """

    name: str
    confirmed: bool
    untold: bool
    told: tuple[ToldRow, ...]
    next_step: NextStep | None
    programs: tuple[ProgramRow, ...]
    dates: tuple[DateRow, ...]
    certificates: tuple[CertificateRow, ...]
    more_certificates: bool


def home_page(viewer: Viewer, *, now: datetime) -> HomePage:
    person_ids = ids_of(viewer.person_id)
    rows = newest_of_each(enrollment_rows([viewer.person_id]))
    certificates = own_entries(person_ids)
    today = now.astimezone(issuer_zone()).date()
    claims = claim_facts(person_ids)
    dates = [
        *(class_date(one) for one in coming_classes(viewer.person_id, since=now)),
        *membership_dates(claims, today),
        *expiry_dates(certificates, today),
    ]
    return HomePage(
        name=viewer.name,
        confirmed=viewer.verified,
        untold=not {claim.kind for claim in claims} >= {"membership", "birth_date"},
        told=tuple(told_row(claim) for claim in claims if claim.status is not ClaimStatus.APPROVED),
        next_step=next_step_of(rows),
        programs=tuple(program_row(row) for row in rows),
        dates=tuple(sorted(dates, key=lambda row: row.on)[:MOST_DATES]),
        certificates=tuple(certificate_row(one, today) for one in certificates[:MOST_CERTIFICATES]),
        more_certificates=len(certificates) > MOST_CERTIFICATES,
    )


def told_row(claim: ClaimFact) -> ToldRow:
    campus = chrome.campus()
    kind = campus.claim_kind(claim.kind, claim.subject) if campus else None
    title = kind.title if kind else claim.subject or claim.kind
    if claim.status is ClaimStatus.SUBMITTED or kind is None:
        return ToldRow(title, claim.recorded_at)
    url = url_for("accounts.new_claim", kind=claim.kind, subject=claim.subject or None)
    return ToldRow(title, claim.recorded_at, claim.told or _("Complete what you sent."), url)


def issuer_zone() -> ZoneInfo:
    """The zone of the frame's campus, which asks nothing of the database."""
    campus = chrome.campus()
    return ZoneInfo(campus.zone if campus else "UTC")


def newest_of_each(rows: Sequence[EnrollmentRow]) -> list[EnrollmentRow]:
    """One row for each program, the active one first; programs one has left are no longer mine."""
    mine: dict[str, EnrollmentRow] = {}
    for row in rows:
        if row.status is not EnrollmentStatus.WITHDRAWN:
            mine.setdefault(row.program_id, row)
    return list(mine.values())


def next_step_of(rows: Sequence[EnrollmentRow]) -> NextStep | None:
    """Of the active programs: one with something to do before one that waits, one begun before one not begun."""
    steps = [
        (row, step)
        for row in rows
        if row.status is EnrollmentStatus.ACTIVE and (step := step_of(row.program_id, row.summary["next"]))
    ]
    if not steps:
        return None
    row, step = max(steps, key=lambda pair: (pair[1].url is not None, pair[0].share > 0))
    url = url_for("learning.show_program", program_id=row.program_id)
    return NextStep(row.summary["program"], url, step, drawn_lap(row.summary, row.share, "home"))


def program_row(row: EnrollmentRow) -> ProgramRow:
    return ProgramRow(
        title=row.summary["program"],
        url=url_for("learning.show_program", program_id=row.program_id),
        mark=small_mark(row.summary),
        about=about_program(row),
        share=percent(row.share),
        state="" if row.status is EnrollmentStatus.ACTIVE else row.status.value,
    )


def about_program(row: EnrollmentRow) -> str:
    if row.status is EnrollmentStatus.COMPLETED:
        return str(_("Complete since %(day)s", day=day(row.closed_at)))
    if row.status is EnrollmentStatus.ENDED:
        return str(_("Ended on %(day)s", day=day(row.closed_at)))
    action = row.summary["next"]
    step = step_of(row.program_id, action)
    if step is None:
        return ""
    return f"{action['stage']} · {step.headline}" if action["stage"] else step.headline


def class_date(one: ComingClass) -> DateRow:
    about = _("%(time)s your time (%(zone)s)", time=clock_time(one.starts_at), zone=zone_name(at=one.starts_at))
    url = url_for("live.show_class", token=one.token)
    on = one.starts_at.astimezone(reader_zone()).date()
    return date_row(on, one.title, about, url, _("See the class"), month="MMM")


def membership_dates(claims: Sequence[ClaimFact], today: date) -> list[DateRow]:
    """The end of the membership that lasts longest, if it is near or not long past."""
    ends = [
        claim.valid_until
        for claim in claims
        if claim.kind == "membership" and claim.status is ClaimStatus.APPROVED and claim.valid_until
    ]
    if not ends or not is_near(max(ends), today):
        return []
    title = _("Your membership ends") if max(ends) >= today else _("Your membership has ended")
    about = _("Classes, exams and certificates ask for it.")
    return [date_row(max(ends), title, about, url_for("accounts.new_claim", kind="membership"), _("Renew it"))]


def expiry_dates(certificates: Sequence[Entry], today: date) -> list[DateRow]:
    valid = [one for one in certificates if one.status_on(today) is CertificateStatus.VALID]
    return [
        date_row(
            one.expires_on,
            _("Your certificate ends: %(title)s", title=one.snapshot["credential"]),
            _("This is its last day."),
            url_for("credentials.show_certificate", code=one.code),
            _("See it"),
        )
        for one in valid
        if one.expires_on and is_near(one.expires_on, today)
    ]


def is_near(on: date, today: date) -> bool:
    return today - LOOK_BACK <= on <= today + LOOK_AHEAD


def date_row(on: date, title: str, about: str, url: str | None, url_words: str, *, month: str = "MMM yyyy") -> DateRow:
    """With its year, unless `month` says otherwise: the end of a membership may lie in another."""
    return DateRow(on, str(on.day), str(format_date(on, month)), title, about, url, url_words)


def certificate_row(certificate: Entry, today: date) -> CertificateRow:
    track = certificate.snapshot["track"]
    title = certificate.snapshot["credential"] + (f", {track}" if track else "")
    url = url_for("credentials.show_certificate", code=certificate.code)
    return CertificateRow(title, url, certificate.issued_on, certificate.status_on(today).value)
