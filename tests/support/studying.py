"""Learners for tests: enrolled, with claims, lessons read and quizzes passed, as people do it."""

from __future__ import annotations

from datetime import date, datetime

from lms.accounts import services as accounts
from lms.accounts.models import ClaimSource, ClaimStatus
from lms.assessment.models import Attempt
from lms.catalog.models import Enrollment
from lms.content import queries as content
from lms.foundation.database import db
from lms.learning import services as learning
from lms.learning.rules import ChecksRule, CompletionRule
from lms.usecases import advancing, enrolling, starting, submitting
from tests.support.cast import Member
from tests.support.moments import BORN, LONG_AGO, NOON
from tests.support.sittings import answer_all

NO_CHECKS = CompletionRule(ChecksRule.NONE)
FIRST_MODULE, SECOND_MODULE = "warming-up", "throwing-safely"
LESSON = "/learn/starter/warming-up/warm-up-order"


def enrolled(member: Member, program_id: str = "starter", *, now: datetime = LONG_AGO) -> Enrollment:
    """Enrol somebody through the door, with all it asks."""
    enrollment = enrolling.enrol(member.person_id, program_id, track="", now=now)
    db.session.commit()
    return enrollment


def tell(
    member: Member, kind: str, value: str, *, since: date | None = None, until: date | None = None, subject: str = ""
) -> None:
    """A claim that was approved."""
    accounts.record_claim(
        member.person_id,
        kind,
        subject,
        value,
        note="",
        source=ClaimSource.STAFF,
        status=ClaimStatus.APPROVED,
        valid_from=since,
        valid_until=until,
        by=None,
        now=LONG_AGO,
    )
    db.session.flush()


def be_member_of_age(member: Member, *, until: date = date(2099, 12, 31)) -> None:
    tell(member, "birth_date", BORN.isoformat())
    tell(member, "membership", "4417", until=until)


def read(enrollment: Enrollment, *lesson_ids: str, now: datetime = NOON) -> None:
    """Mark lessons as done, whatever their checks ask, and move the person on."""
    for lesson_id in lesson_ids:
        lesson = content.lesson(enrollment.release_id, lesson_id)
        assert lesson is not None
        learning.complete_lesson(
            enrollment_id=enrollment.id,
            person_id=enrollment.person_id,
            lesson_id=lesson_id,
            revision_id=lesson.revision_id,
            rule=NO_CHECKS,
            checks=(),
            now=now,
        )
    advancing.advance(enrollment.person_id, now=now)
    db.session.commit()


def pass_quiz(enrollment: Enrollment, module_id: str, *, right: int | None = None, now: datetime = NOON) -> Attempt:
    """Sit a module's quiz: all items right, or the first `right` of them."""
    attempt = starting.start(enrollment.person_id, enrollment.program_id, f"{module_id}-quiz", now=now)
    db.session.commit()
    answer_all(attempt, right=right, now=now)
    submitting.submit(attempt, now=now)
    db.session.commit()
    return attempt


def pass_modules(enrollment: Enrollment, *, now: datetime = NOON) -> None:
    """All of the test campus's module set."""
    read(enrollment, "warm-up-order", "warm-up-time", "clear-sector", now=now)
    pass_quiz(enrollment, FIRST_MODULE, now=now)
    pass_quiz(enrollment, SECOND_MODULE, now=now)
