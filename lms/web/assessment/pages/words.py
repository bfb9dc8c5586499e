"""Words that several pages of this door share."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from lms.content.documents import ExamDocument
from lms.interop.words import gettext as _
from lms.web.wording import minutes

SECONDS_IN_MINUTE, SECONDS_IN_HOUR = 60, 3600


def exam_title(exam: ExamDocument) -> str:
    """A quiz carries its module's title, so it says that it is a quiz."""
    return str(_("Quiz: %(module)s", module=exam.title)) if exam.kind == "quiz" else exam.title


def clock_face(left: timedelta) -> str:
    """ "1:12:46" """
    seconds = int(left.total_seconds())
    hours, rest = divmod(seconds, SECONDS_IN_HOUR)
    return f"{hours}:{rest // SECONDS_IN_MINUTE:02}:{rest % SECONDS_IN_MINUTE:02}"


def points(raw: Decimal, maximum: Decimal) -> str:
    """ "33 of 40" """
    return str(_("%(raw)s of %(maximum)s", raw=f"{raw.normalize():f}", maximum=f"{maximum.normalize():f}"))


def time_taken(taken: timedelta, limit: int | None) -> str:
    """ "1 h 31 min of 2 h", or how long it took where there is no limit."""
    took = minutes(max(taken.total_seconds() / SECONDS_IN_MINUTE, 1))
    return took if limit is None else str(_("%(took)s of %(limit)s", took=took, limit=minutes(limit)))


def ordinal(number: int) -> str:
    """Which attempt it was."""
    named = {1: _("first attempt"), 2: _("second attempt"), 3: _("third attempt")}
    return str(named.get(number) or _("attempt %(number)s", number=number))
