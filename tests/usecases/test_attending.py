"""Attendance: what an instructor saw, what is refused, and what follows from it."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts.rules import Viewer
from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.content import queries as content
from lms.credentials.queries import own_certificates
from lms.foundation import outbox
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.errors import Forbidden, NotFound
from lms.live import services
from lms.live.models import AttendanceMark, Mark, Offering, Seat, SeatStatus
from lms.live.services import NotYet
from lms.notices.letters import Sender, letter_of
from lms.pathway.deciding import NotReady, exam_decision
from lms.usecases import attending, booking
from lms.usecases.attending import Marked, Seen
from tests.support.cast import Cast, Member
from tests.support.classes import COACH_CLASS, announce, end_membership, enrol, make_ready, seat_of, told
from tests.support.moments import DAY, HOUR, MINUTE, NOON

CLASS_AT = NOON + 10 * DAY
SECOND_DAY = CLASS_AT + DAY
SETTLING = 4  # colons in the key of a letter that says how a seat was settled


def arrange(cast: Cast, *, sessions: int = 2) -> tuple[Offering, Seat]:
    """A class of `coach` in ten days, with the learner in it."""
    make_ready(cast.learner)
    offering = announce(cast.instructor, stage=COACH_CLASS, starts_at=CLASS_AT, sessions=sessions)
    return offering, booking.book(cast.learner.person_id, offering.token, now=NOON)


def mark(
    cast: Cast,
    offering: Offering,
    seat: Seat,
    number: int,
    seen: Mark,
    *,
    by: Viewer | None = None,
    now: datetime | None = None,
) -> Marked:
    at = now or CLASS_AT + (number - 1) * DAY + HOUR
    return attending.mark(
        by or cast.instructor.viewer(), offering.token, seat.token, number, seen, "seen at the door", now=at
    )


def exam_is_open(seat: Seat, now: datetime) -> bool:
    enrollment = db.session.get_one(Enrollment, seat.enrollment_id)
    exam = content.exam(enrollment.release_id, "coach-exam")
    assert exam is not None
    return exam_decision(enrollment, exam, now=now).decision.met


def mark_count() -> int:
    return db.session.scalar(select(func.count()).select_from(AttendanceMark)) or 0


# ---- marking


def test_attending_every_session_opens_the_exam(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast)
    before = exam_is_open(seat, SECOND_DAY + HOUR)

    first = mark(cast, offering, seat, 1, Mark.PRESENT)
    second = mark(cast, offering, seat, 2, Mark.LATE)

    assert (first.since, first.settled) == (SeatStatus.CONFIRMED, False)
    assert (second.since, second.settled) == (SeatStatus.ATTENDED, True)
    assert (before, exam_is_open(seat, SECOND_DAY + 3 * HOUR)) == (False, True)
    assert told(cast.learner.person_id)[-1] == "seat_attended"


def test_attending_the_last_stage_completes_the_program(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner.person_id)
    offering = announce(cast.instructor, starts_at=CLASS_AT, sessions=1)
    seat = booking.book(cast.learner.person_id, offering.token, now=NOON)

    mark(cast, offering, seat, 1, Mark.PRESENT, now=CLASS_AT + 3 * HOUR)

    assert enrollment.status is EnrollmentStatus.COMPLETED
    assert len(own_certificates([cast.learner.person_id])) == 1


def test_a_later_change_is_a_new_line_and_settles_the_seat_anew(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast)
    for number in (1, 2):
        mark(cast, offering, seat, number, Mark.PRESENT)

    corrected = mark(cast, offering, seat, 2, Mark.LEFT_EARLY, now=SECOND_DAY + 5 * HOUR)

    assert (corrected.before, corrected.since) == (SeatStatus.ATTENDED, SeatStatus.PARTLY)
    assert mark_count() == 3
    assert not exam_is_open(seat, SECOND_DAY + 5 * HOUR)
    assert told(cast.learner.person_id)[-2:] == ["seat_attended", "seat_partly"]


def test_who_made_a_mark_is_on_record(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast)

    mark(cast, offering, seat, 1, Mark.PRESENT)

    line = db.session.scalars(select(AttendanceMark)).one()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "mark")).one()
    assert (line.marked_by, line.note) == (cast.instructor.person_id, "seen at the door")
    assert (entry.actor_id, entry.object_id, entry.details) == (
        cast.instructor.person_id,
        str(seat.id),
        {"session": 1, "mark": "present"},
    )


# ---- what people are mailed


def letters_at(now: datetime) -> list[str]:
    """The subjects of what the worker would mail then, in order."""
    sender = Sender("Campus <campus@example.org>", "https://campus.example.org")
    settling = [row for row in outbox.due(now) if row.key.startswith("mail:seat:") and row.key.count(":") == SETTLING]
    written = [letter_of(row.payload, key=row.key, written_at=now, sender=sender) for row in settling]
    return [letter.subject for letter in written if letter is not None]


def test_a_letter_about_attendance_waits_and_a_correction_takes_its_place(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast, sessions=1)
    at = CLASS_AT + HOUR
    mark(cast, offering, seat, 1, Mark.ABSENT, now=at)
    mark(cast, offering, seat, 1, Mark.PRESENT, now=at + 2 * MINUTE)

    early, due = letters_at(at + 9 * MINUTE), letters_at(at + 12 * MINUTE)

    assert early == []
    assert due == ["You attended “January class”: your attendance is confirmed"]


def test_a_letter_that_nothing_replaced_is_mailed(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast, sessions=1)

    mark(cast, offering, seat, 1, Mark.LEFT_EARLY, now=CLASS_AT + HOUR)

    assert letters_at(CLASS_AT + HOUR + 10 * MINUTE) == ["You attended a part of “January class”"]


# ---- check-in decides again


def test_who_is_no_longer_ready_is_not_checked_in(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast)
    end_membership(cast.learner, (CLASS_AT - DAY).date())

    for seen in (Mark.PRESENT, Mark.LATE):
        with pytest.raises(NotReady) as refused:
            mark(cast, offering, seat, 1, seen)
        [missing] = refused.value.decision.missing()
        assert missing.remedy is not None

    assert mark_count() == 0
    assert seat.status is SeatStatus.CONFIRMED


def test_absence_is_noted_of_anybody(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast, sessions=1)
    end_membership(cast.learner, (CLASS_AT - DAY).date())

    absent = mark(cast, offering, seat, 1, Mark.ABSENT)

    assert absent.since is SeatStatus.ABSENT


def test_each_session_is_decided_for_its_own_day(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast)
    end_membership(cast.learner, CLASS_AT.date())

    mark(cast, offering, seat, 1, Mark.PRESENT)

    with pytest.raises(NotReady):
        mark(cast, offering, seat, 2, Mark.PRESENT)


def test_one_refusal_keeps_nobody_else_back(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast, sessions=1)
    make_ready(cast.stranger)
    other = booking.book(cast.stranger.person_id, offering.token, now=NOON)
    end_membership(cast.learner, (CLASS_AT - DAY).date())
    everyone = {seat.token: Seen(Mark.PRESENT), other.token: Seen(Mark.PRESENT)}

    done = attending.mark_session(cast.instructor.viewer(), offering.token, 1, everyone, now=CLASS_AT + HOUR)

    assert [one.seat_token for one in done.marked] == [other.token]
    assert [one.seat_token for one in done.refused] == [seat.token]
    assert isinstance(done.refused[0].why, NotReady)


def test_a_session_is_not_marked_before_check_in_opens(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast)

    with pytest.raises(NotYet):
        mark(cast, offering, seat, 1, Mark.PRESENT, now=NOON)


# ---- who may


def test_staff_who_run_classes_may_mark(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast)

    assert mark(cast, offering, seat, 1, Mark.PRESENT, by=cast.staff.viewer()).since is SeatStatus.CONFIRMED


@pytest.mark.parametrize("who", ["learner", "stranger", "author"])
def test_for_anybody_else_the_class_does_not_exist(app: Flask, cast: Cast, who: str) -> None:
    offering, seat = arrange(cast)
    member: Member = getattr(cast, who)

    with pytest.raises(NotFound):
        mark(cast, offering, seat, 1, Mark.PRESENT, by=member.viewer())


def test_an_instructor_of_another_class_may_not_mark(app: Flask, cast: Cast) -> None:
    _offering, _seat = arrange(cast)
    others = announce(cast.staff, stage=COACH_CLASS, starts_at=CLASS_AT + 5 * DAY)
    seat = booking.book(cast.learner.person_id, others.token, now=NOON)

    with pytest.raises(NotFound):
        mark(cast, others, seat, 1, Mark.PRESENT)


def test_a_seat_of_another_class_is_not_marked_through_mine(app: Flask, cast: Cast) -> None:
    offering, _seat = arrange(cast)
    others = announce(cast.staff, stage=COACH_CLASS, starts_at=CLASS_AT + 5 * DAY)
    seat = booking.book(cast.learner.person_id, others.token, now=NOON)

    with pytest.raises(NotFound):
        mark(cast, offering, seat, 1, Mark.PRESENT)

    assert mark_count() == 0


def test_a_session_the_class_does_not_have_is_not_marked(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast)

    with pytest.raises(NotFound):
        mark(cast, offering, seat, 3, Mark.PRESENT)


def test_nobody_marks_their_own_attendance(app: Flask, cast: Cast) -> None:
    make_ready(cast.instructor)
    offering = announce(cast.instructor, stage=COACH_CLASS, starts_at=CLASS_AT)
    booking.book(cast.instructor.person_id, offering.token, now=NOON)

    with pytest.raises(Forbidden):
        mark(cast, offering, seat_of(cast.instructor, offering), 1, Mark.PRESENT)


def test_a_seat_given_back_is_not_marked(app: Flask, cast: Cast) -> None:
    offering, seat = arrange(cast)
    services.cancel(seat, offering, now=CLASS_AT - HOUR)

    with pytest.raises(NotFound):
        mark(cast, offering, seat, 1, Mark.PRESENT)
