"""Values into words, in the reader's language and zone: the only place where a sentence is finished.

Pages, letters and certificates share it. A request knows its reader through flask-babel's
selectors; whoever writes outside a request says who will read: `with reading_as("en", "Europe/Vienna"):`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_name
from flask_babel import force_locale, format_decimal, get_locale, get_timezone, get_translations

from lms.foundation.messages import Message, Span, Value
from lms.interop.words import gettext

MINUTES_IN_HOUR = 60
KEPT_DAYS, KEPT_ZONES = 4_096, 1_024
DAY, SHORT_DAY, DAY_OF_WEEK = "d MMMM yyyy", "d MMM", "EEEE d MMMM yyyy"
_forced_zone: ContextVar[ZoneInfo | None] = ContextVar("zone_of_reader", default=None)


@contextmanager
def reading_as(locale: str, zone: str) -> Iterator[None]:
    """Say everything meanwhile as this reader would read it."""
    token = _forced_zone.set(ZoneInfo(zone))
    try:
        with force_locale(locale):
            yield
    finally:
        _forced_zone.reset(token)


def say(message: Message | None) -> str:
    """A message as a sentence. Its text is plain: templates escape it like any other."""
    if message is None:
        return ""
    values = {name: word(value) for name, value in message.values.items()}
    count = message.values.get("n")
    if message.plural is not None and isinstance(count, int):
        # Not flask-babel's ngettext, which formats with % and would trip over a percent sign of ours.
        return str(get_translations().ungettext(message.key, message.plural, count)).format(**values)
    return str(gettext(message.key)).format(**values)


def word(value: Value) -> str:
    if isinstance(value, Message):
        return say(value)
    if isinstance(value, tuple):
        return listed([word(part) for part in value])
    if isinstance(value, Span):
        return span(value)
    if isinstance(value, date):
        return moment(value) if isinstance(value, datetime) else day(value)
    if isinstance(value, Decimal | float):
        return str(format_decimal(value))
    return str(value)


def listed(words: list[str]) -> str:
    """ "a, b and c" """
    if len(words) < 2:
        return "".join(words)
    return str(gettext("%(first)s and %(last)s", first=", ".join(words[:-1]), last=words[-1]))


def reader_zone() -> tzinfo:
    """The reader's own zone; the issuer's where nobody is signed in."""
    zone: tzinfo = _forced_zone.get() or get_timezone()
    return zone


def day(value: date | datetime | None) -> str:
    """ "31 December 2026"; a moment is read in the reader's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(reader_zone()).date()
    return _day_as(DAY, value)


def short_day(value: date | datetime) -> str:
    """ "31 Dec" """
    if isinstance(value, datetime):
        value = value.astimezone(reader_zone()).date()
    return _day_as(SHORT_DAY, value)


def moment(value: datetime | None, zone: str | None = None) -> str:
    """ "9 January 2027, 10:00" in `zone`, or else in the reader's."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone) if zone else reader_zone())
    return f"{_day_as(DAY, local.date())}, {local:%H:%M}"


def span(value: Span) -> str:
    """ "Saturday 9 January 2027, 10:00–12:30 (Eastern Time)" """
    zone = value.zone or None
    begins, ends = (
        one.astimezone(ZoneInfo(zone) if zone else reader_zone()) for one in (value.starts_at, value.ends_at)
    )
    first = f"{_day_as(DAY_OF_WEEK, begins.date())}, {begins:%H:%M}"
    day_of_end = "" if begins.date() == ends.date() else f"{_day_as(DAY_OF_WEEK, ends.date())}, "
    return f"{first}–{day_of_end}{ends:%H:%M} ({zone_name(zone)})"


def clock_time(value: datetime, zone: str | None = None) -> str:
    return f"{value.astimezone(ZoneInfo(zone) if zone else reader_zone()):%H:%M}"


def _day_as(pattern: str, value: date) -> str:
    return _day_in(get_locale(), pattern, value)


@lru_cache(maxsize=KEPT_DAYS)
def _day_in(locale: Locale | None, pattern: str, value: date) -> str:
    """Kept, since lists say the same few days over and over, and Babel takes each pattern apart anew."""
    return str(format_date(value, pattern, locale=locale))


def zone_name(zone: str | None = None, at: datetime | None = None) -> str:
    """ "Eastern Time": the zone's name as people say it."""
    chosen = ZoneInfo(zone) if zone else reader_zone()
    if at is None:
        return _zone_in(get_locale(), chosen)
    return str(get_timezone_name(at.astimezone(chosen), width="short", locale=get_locale()))


@lru_cache(maxsize=KEPT_ZONES)
def _zone_in(locale: Locale | None, zone: tzinfo) -> str:
    """Its name without a moment is the same in summer and winter."""
    return str(get_timezone_name(zone, width="long", locale=locale))


def minutes(value: int | float) -> str:
    """ "45 min", "1 h", "8 h 25 min" """
    hours, rest = divmod(round(value), MINUTES_IN_HOUR)
    if not hours:
        return str(gettext("%(minutes)s min", minutes=rest))
    if not rest:
        return str(gettext("%(hours)s h", hours=hours))
    return str(gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=f"{rest:02}"))


def duration(value: timedelta) -> str:
    return minutes(value.total_seconds() / 60)


def percent(value: Decimal | float | None) -> str:
    """A share from 0 to 1 as "38 %", rounded down, so that 99.6 % is never read as done."""
    if value is None:
        return ""
    return f"{int(Decimal(value) * 100)} %"


def label(value: Enum | str) -> str:
    """The word people read for a state."""
    text = str(value.value if isinstance(value, Enum) else value)
    return str(gettext(LABELS.get(text, text.replace("_", " ").capitalize())))


def _(text: str) -> str:
    return text


LABELS = {
    "active": _("Active"),
    "completed": _("Completed"),
    "withdrawn": _("Withdrawn"),
    "ended": _("Ended"),
    "in_progress": _("In progress"),
    "overdue": _("Overdue"),
    "submitted": _("Submitted"),
    "graded": _("Graded"),
    "released": _("Released"),
    "abandoned": _("Abandoned"),
    "voided": _("Voided"),
    "approved": _("Approved"),
    "rejected": _("Rejected"),
    "needs_more": _("More is needed"),
    "replaced": _("Replaced"),
    "expired": _("Expired"),
    "draft": _("Draft"),
    "open": _("Open"),
    "shut": _("Shut"),
    "complete": _("Complete"),
    "closed": _("Closed"),
    "held": _("Held"),
    "cancelled": _("Cancelled"),
    "confirmed": _("Confirmed"),
    "waitlisted": _("On the waiting list"),
    "offered": _("Offered to you"),
    "lapsed": _("Lapsed"),
    "attended": _("Attended"),
    "partly": _("Attended in part"),
    "absent": _("Absent"),
    "transferred": _("Transferred"),
    "cleared": _("Not marked"),
    "present": _("Present"),
    "late": _("Late"),
    "left_early": _("Left early"),
    "zoom": _("Zoom"),
    "in_person": _("In person"),
    "online": _("Online"),
    "blended": _("Blended"),
    "pathway": _("Professional pathway"),
    "specialist": _("Specialist courses"),
    "continuing": _("Continuing education"),
    "partner": _("Partner courses"),
    "valid": _("Valid"),
    "revoked": _("Revoked"),
    "superseded": _("Superseded"),
    "suspended": _("Suspended"),
    "met": _("Met"),
    "unmet": _("Missing"),
    "unknown": _("Being checked"),
    "self_declared": _("stated by the person"),
    "evidence": _("evidence"),
    "staff": _("staff"),
    "import": _("import"),
    "membership_service": _("membership service"),
    "instructor": _("Instructor"),
    "author": _("Author"),
    "administrator": _("Administrator"),
    # What happened, as the audit trail calls it; and to what.
    "activate": _("Opened for new sittings"),
    "book": _("Seat booked"),
    "cancel": _("Given back"),
    "change_password": _("Password changed"),
    "change_profile": _("Profile changed"),
    "claim": _("Claim"),
    "class_cancelled": _("Class cancelled"),
    "class_changed": _("Class changed"),
    "class_closed": _("Booking closed"),
    "class_drafted": _("Class drafted"),
    "class_opened": _("Class opened for booking"),
    "complete_lesson": _("Lesson completed"),
    "credit": _("Credited"),
    "decide": _("Decided"),
    "decide_again": _("Decided again"),
    "enrol": _("Enrolled"),
    "issue": _("Issued"),
    "mark": _("Attendance marked"),
    "publish": _("Published"),
    "release": _("Release"),
    "request_reset": _("New password asked for"),
    "role_granted": _("Role granted"),
    "role_withdrawn": _("Role withdrawn"),
    "see_notices": _("Notices seen"),
    "send_verification": _("Confirmation letter asked for"),
    "sign_in": _("Signed in"),
    "sign_out": _("Signed out"),
    "sign_out_others": _("Signed out elsewhere"),
    "sign_up": _("Signed up"),
    "sign_up_again": _("Signed up again"),
    "start": _("Started"),
    "submit": _("Submitted"),
    "verify_address": _("Address confirmed"),
    "restore": _("Taken up again"),
    "withdraw": _("Withdrawn"),
    "account": _("Account"),
    "attempt": _("Attempt"),
    "certificate": _("Certificate"),
    "enrollment": _("Enrollment"),
    "form": _("Exam form"),
    "form_activation": _("Exam form"),
    "lesson_completion": _("Lesson"),
    "offering": _("Class"),
    "person": _("Person"),
    "seat": _("Seat"),
    "sign_in_session": _("Session"),
    # The kinds of documents that content consists of.
    "campus": _("Campus"),
    "exam": _("Exam"),
    "file": _("File"),
    "item": _("Question"),
    "lesson": _("Lesson"),
    "module": _("Module"),
    "module_set": _("Module set"),
    "persona": _("Persona"),
    "program": _("Program"),
}
