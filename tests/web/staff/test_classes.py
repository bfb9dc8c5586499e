"""Classes as staff make, open and cancel them, and the queues."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lms.accounts.models import Person, Role, RoleGrant
from lms.catalog.models import Enrollment
from lms.content import queries as content
from lms.credentials.models import Certificate
from lms.foundation import clock
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from lms.foundation.outbox import OutboxRow
from lms.live import services
from lms.live.models import ClassFormat, LiveSession, Mark, Offering, OfferingStatus, Seat, SeatStatus, Teaching
from lms.notices.models import Notice
from lms.overviews.queues import queues
from lms.usecases import attending, booking
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.claims import queue_of
from tests.support.classes import COACH_CLASS, LINK, announce, enrol, make_ready, people, seat_of
from tests.support.moments import DAY, HOUR, MINUTE
from tests.support.statements import statements


def in_days(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def new_class(**changes: object) -> dict[str, object]:
    return {
        "stage": "workshop-class",
        "title": "March workshop",
        "format": "zoom",
        "zone": "Europe/Vienna",
        "place": "",
        "join_link": "https://meet.example.org/j/1",
        "capacity": "20",
        "minimum": "4",
        "sessions-0-day": in_days(30),
        "sessions-0-starts": "10:00",
        "sessions-0-ends": "12:00",
        "sessions-1-day": in_days(31),
        "sessions-1-starts": "10:00",
        "sessions-1-ends": "12:30",
        "sessions-1-title": "Practice",
        **changes,
    }


def offerings() -> list[Offering]:
    db.session.expire_all()
    return list(db.session.scalars(select(Offering).order_by(Offering.id)))


def draft(cast: Cast) -> Offering:
    offering = announce(cast.instructor)
    offering.status = OfferingStatus.DRAFT
    db.session.flush()
    return offering


def seated(cast: Cast, offering: Offering) -> Seat:
    enrol(cast.learner.person_id, "workshop")
    return booking.book(cast.learner.person_id, offering.token, now=clock.now())


# ---- making


def test_a_new_class_is_a_draft_with_its_sessions_and_instructors(cast: Cast, as_staff: Browser) -> None:
    instructor = db.session.get_one(Person, cast.instructor.person_id).token

    answer = as_staff.post_form("/staff/classes/new", new_class(instructors=[instructor]))

    [offering] = offerings()
    sessions = db.session.scalars(select(LiveSession).order_by(LiveSession.number)).all()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/staff/classes/{offering.token}")
    assert (offering.status, offering.capacity, offering.zone) == (OfferingStatus.DRAFT, 20, "Europe/Vienna")
    assert [(one.number, one.title) for one in sessions] == [(1, ""), (2, "Practice")]
    assert sessions[0].starts_at.astimezone(ZoneInfo("Europe/Vienna")).strftime("%H:%M") == "10:00"
    assert db.session.scalars(select(Teaching.person_id)).all() == [cast.instructor.person_id]
    assert "class_drafted" in db.session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "  "}, "Give the class a title."),
        ({"stage": "coach-basics"}, "Not a valid choice"),
        ({"format": "by-post"}, "Not a valid choice"),
        ({"format": "in_person"}, "Say where people meet."),
        ({"zone": "Europe/Nowhere"}, "Not a valid choice"),
        ({"join_link": "javascript:alert(1)"}, "Enter an address that begins with https://."),
        ({"capacity": "0"}, "Number must be between 1 and 500"),
        ({"capacity": "many"}, "Not a valid integer"),
        ({"minimum": "21"}, "The minimum is more than there are places."),
        ({"sessions-0-ends": "09:00"}, "A session ends after it begins."),
        ({"sessions-0-ends": ""}, "Each session needs its day"),
        ({"sessions-0-day": "2027-02-30"}, "Enter a day of the calendar."),
        ({"sessions-1-day": in_days(30)}, "can&#39;t meet at the same time"),
        ({"sessions-0-day": "2024-01-01"}, "A class begins in the future."),
        ({"sessions-0-day": "9999-12-31"}, "A session lies within the next five years."),
        ({"sessions-0-day": "0001-01-01"}, "A session lies within the next five years."),
        ({"instructors": ["nobody"]}, "is not a valid choice"),
    ],
)
def test_what_can_be_no_class_keeps_what_was_typed(as_staff: Browser, changes: dict[str, object], said: str) -> None:
    answer = as_staff.post_form("/staff/classes/new", new_class(**changes))

    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;choice&#39;", "")
    assert "Practice" in answer.text
    assert offerings() == []


def test_a_class_without_a_session_is_none(as_staff: Browser) -> None:
    empty = {name: "" for name in new_class() if name.startswith("sessions-")}

    answer = as_staff.post_form("/staff/classes/new", new_class(**empty))

    assert "A class has at least one session." in answer.text


def test_a_time_that_the_clocks_skip_is_refused(as_staff: Browser) -> None:
    skipped = {"zone": "America/New_York", "sessions-0-day": "2027-03-14", "sessions-0-starts": "02:30"}

    answer = as_staff.post_form("/staff/classes/new", new_class(**skipped, **{"sessions-0-ends": "04:00"}))

    assert "skip a time you entered" in answer.text


def test_staff_of_one_program_make_classes_of_it_alone(cast: Cast, as_staff_of_judges: Browser) -> None:
    announced = announce(cast.instructor)

    answer = as_staff_of_judges.post_form("/staff/classes/new", new_class())

    assert answer.status_code == 422
    assert as_staff_of_judges.get(f"/staff/classes/{announced.token}").status_code == 404
    assert "January class" not in as_staff_of_judges.get("/staff/classes").text


# ---- opening


def test_a_draft_is_opened_for_booking(cast: Cast, as_staff: Browser) -> None:
    offering = draft(cast)

    answer = as_staff.post_form(f"/staff/classes/{offering.token}/opening", {})

    assert answer.status_code == 303
    assert offerings()[0].status is OfferingStatus.OPEN


def test_what_is_open_is_not_opened_again(cast: Cast, as_staff: Browser) -> None:
    offering = announce(cast.instructor)

    as_staff.post_form(f"/staff/classes/{offering.token}/opening", {})

    assert (
        "Only a draft, or a class whose booking is closed, can be opened"
        in as_staff.get(f"/staff/classes/{offering.token}").text
    )


def test_a_draft_whose_day_has_come_stays_shut(cast: Cast, as_staff: Browser) -> None:
    offering = draft(cast)
    offering.starts_at = clock.now() - HOUR

    as_staff.post_form(f"/staff/classes/{offering.token}/opening", {})

    assert offerings()[0].status is OfferingStatus.DRAFT


@pytest.mark.parametrize(
    ("format_", "place", "link", "taught", "missing"),
    [
        (ClassFormat.ZOOM, "", "", True, "the link to join"),
        (ClassFormat.IN_PERSON, "", "", True, "the place where people meet"),
        (ClassFormat.ZOOM, "", "https://meet.example.org/j/1", False, "somebody who teaches it"),
    ],
)
def test_a_draft_that_lacks_what_people_count_on_stays_shut_and_says_why(
    cast: Cast, as_staff: Browser, format_: ClassFormat, place: str, link: str, taught: bool, missing: str
) -> None:
    offering = announce(*([cast.instructor] if taught else []), format=format_, place=place)
    offering.status, offering.join_link = OfferingStatus.DRAFT, link
    address = f"/staff/classes/{offering.token}"

    before = as_staff.get(address).text
    as_staff.post_form(f"{address}/opening", {})

    assert f"Still missing: {missing}." in before
    assert f"Still missing: {missing}." in as_staff.get(address).text.split('role="status"')[1]
    assert offerings()[0].status is OfferingStatus.DRAFT


# ---- closing and opening again


def test_booking_is_closed_and_opened_again(cast: Cast, as_staff: Browser, as_learner: Browser) -> None:
    offering = announce(cast.instructor)
    enrol(cast.learner.person_id, "workshop")
    address = f"/staff/classes/{offering.token}"

    as_staff.post_form(f"{address}/closing", {})
    closed = as_learner.post_form(f"/classes/{offering.token}/seat", {})
    twice = as_staff.post_form(f"{address}/closing", {})
    as_staff.post_form(f"{address}/opening", {})
    again = as_learner.post_form(f"/classes/{offering.token}/seat", {})

    assert (closed.status_code, twice.status_code, again.status_code) == (409, 303, 303)
    assert offerings()[0].status is OfferingStatus.OPEN


# ---- changing


def test_a_draft_is_changed_with_its_days_and_shows_what_it_was(cast: Cast, as_staff: Browser) -> None:
    as_staff.post_form("/staff/classes/new", new_class())
    [offering] = offerings()
    address = f"/staff/classes/{offering.token}/change"
    instructor = db.session.get_one(Person, cast.instructor.person_id).token
    moved = {"sessions-0-day": in_days(40), "sessions-1-day": "", "sessions-1-starts": "", "sessions-1-ends": ""}

    page = as_staff.get(address).text
    answer = as_staff.post_form(
        address, new_class(title="April workshop", instructors=[instructor], **moved, **{"sessions-1-title": ""})
    )

    [changed] = offerings()
    sessions = db.session.scalars(select(LiveSession).order_by(LiveSession.number)).all()
    assert ('value="March workshop"' in page, 'value="10:00' in page, 'value="Practice"' in page) == (True, True, True)
    assert answer.status_code == 303
    assert (changed.title, changed.status) == ("April workshop", OfferingStatus.DRAFT)
    assert [one.starts_at.date().isoformat() for one in sessions] == [in_days(40)]
    assert (changed.starts_at, changed.ends_at) == (sessions[0].starts_at, sessions[0].ends_at)
    assert db.session.scalars(select(Teaching.person_id)).all() == [cast.instructor.person_id]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "class_changed")).one()
    assert entry.details == {"what": "title, sessions, instructors"}


def changes(**others: object) -> dict[str, object]:
    kept = {"title": "January class", "join_link": LINK, "capacity": "10", "minimum": "1", "place": ""}
    return {**kept, **others}


def changing(cast: Cast, browser: Browser, offering: Offering, **others: object) -> TestResponse:
    token = db.session.get_one(Person, cast.instructor.person_id).token
    return browser.post_form(f"/staff/classes/{offering.token}/change", changes(instructors=[token], **others))


def news() -> list[str]:
    return [str(one.message) for one in db.session.scalars(select(Notice).where(Notice.kind == "class_changed"))]


def test_who_has_a_seat_is_told_of_another_link_once_and_not_which(cast: Cast, as_staff: Browser) -> None:
    offering = announce(cast.instructor)
    seated(cast, offering)

    for _time in range(2):
        answer = changing(cast, as_staff, offering, join_link="https://meet.example.org/j/new")

    [told] = news()
    assert answer.status_code == 303
    assert "has a new link to join" in told
    assert "j/new" not in told
    assert (offerings()[0].join_link, offerings()[0].sequence) == ("https://meet.example.org/j/new", 1)
    assert db.session.scalars(select(OutboxRow.key).where(OutboxRow.key.like("mail:class-changed:%"))).one()


def test_who_has_a_seat_is_told_of_another_place(cast: Cast, as_staff: Browser) -> None:
    offering = announce(cast.instructor, format=ClassFormat.IN_PERSON, place="Track 1")
    seated(cast, offering)

    changing(cast, as_staff, offering, join_link="", place="Track 2")
    changing(cast, as_staff, offering, join_link="", place="Track 2", title="Another name")

    [told] = news()
    assert "Track 2" in told
    assert offerings()[0].title == "Another name"


def test_once_somebody_has_a_seat_the_days_stay(cast: Cast, as_staff: Browser) -> None:
    offering = announce(cast.instructor)
    began = offering.starts_at
    seated(cast, offering)

    page = as_staff.get(f"/staff/classes/{offering.token}/change").text
    changing(cast, as_staff, offering, **{"sessions-0-day": in_days(50), "zone": "Asia/Tokyo"})

    assert "1 person has a seat" in page
    assert "sessions-0-day" not in page
    assert (offerings()[0].starts_at, offerings()[0].zone) == (began, "America/Chicago")


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"join_link": ""}, "Still missing: the link to join."),
        ({"instructors": []}, "Still missing: somebody who teaches it."),
        ({"capacity": "1"}, "Place 2 is taken, so the class has at least 2 places."),
        ({"minimum": "11"}, "The minimum is more than there are places."),
        ({"title": ""}, "Give the class a title."),
    ],
)
def test_what_an_open_class_can_not_become_is_refused(
    cast: Cast, as_staff: Browser, others: dict[str, object], said: str
) -> None:
    offering = announce(cast.instructor)
    for person_id in people(2):
        services.book(offering.id, person_id=person_id, enrollment_id=enrol(person_id).id, now=offering.starts_at - DAY)
    token = db.session.get_one(Person, cast.instructor.person_id).token

    answer = as_staff.post_form(
        f"/staff/classes/{offering.token}/change", changes(**{"instructors": [token], **others})
    )

    assert answer.status_code == 422
    assert said in answer.text
    assert (offerings()[0].join_link, offerings()[0].capacity, offerings()[0].title) == (LINK, 10, "January class")
    assert news() == []


def test_a_class_that_was_cancelled_or_is_over_is_not_changed(cast: Cast, as_staff: Browser) -> None:
    cancelled, over = announce(cast.instructor), announce(cast.instructor, starts_at=clock.now() - 9 * DAY)
    cancelled.status = OfferingStatus.CANCELLED
    [person_id] = people(1)
    services.book(over.id, person_id=person_id, enrollment_id=enrol(person_id).id, now=over.starts_at)

    assert as_staff.get(f"/staff/classes/{cancelled.token}/change").status_code == 404
    assert changing(cast, as_staff, cancelled).status_code == 404
    answer = changing(cast, as_staff, over, title="Another name")
    assert (answer.status_code, "This class is over" in answer.text) == (422, True)


def test_where_nobody_may_teach_the_new_class_says_how_somebody_may(cast: Cast, as_staff: Browser) -> None:
    db.session.execute(update(RoleGrant).where(RoleGrant.role == Role.INSTRUCTOR).values(withdrawn_at=clock.now()))

    assert "lms admin grant EMAIL instructor" in as_staff.get("/staff/classes/new").text


# ---- cancelling


def test_cancelling_asks_first_and_says_whom_it_concerns(cast: Cast, as_staff: Browser) -> None:
    offering = announce(cast.instructor)
    seated(cast, offering)

    page = as_staff.get(f"/staff/classes/{offering.token}/cancellation").text

    assert "1 person has a seat" in page
    assert offerings()[0].status is OfferingStatus.OPEN


def test_cancelling_gives_seats_back_and_tells_their_holders(cast: Cast, as_staff: Browser) -> None:
    offering = announce(cast.instructor)
    seat_id = seated(cast, offering).id

    answer = as_staff.post_form(f"/staff/classes/{offering.token}/cancellation", {"reason": "The hall is flooded."})

    assert answer.status_code == 303
    assert (offerings()[0].status, offerings()[0].sequence) == (OfferingStatus.CANCELLED, 1)
    assert db.session.get_one(Seat, seat_id).status is SeatStatus.CANCELLED
    notice = db.session.scalars(select(Notice).where(Notice.kind == "class_cancelled")).one()
    assert (notice.person_id, "The hall is flooded." in str(notice.message)) == (cast.learner.person_id, True)
    assert db.session.scalars(select(OutboxRow.key).where(OutboxRow.key == f"mail:{notice.key}")).one()


def test_a_class_in_which_nobody_has_a_seat_is_cancelled_without_counting(cast: Cast, as_staff: Browser) -> None:
    address = f"/staff/classes/{announce(cast.instructor).token}"

    asked = as_staff.get(f"{address}/cancellation").text
    as_staff.post_form(f"{address}/cancellation", {"reason": "Snow"})

    assert "Nobody has a seat yet." in asked
    assert "The class is cancelled. Nobody had a seat in it." in as_staff.get(address).text


def test_cancelling_needs_a_reason(cast: Cast, as_staff: Browser) -> None:
    offering = announce(cast.instructor)

    answer = as_staff.post_form(f"/staff/classes/{offering.token}/cancellation", {"reason": ""})

    assert answer.status_code == 422
    assert offerings()[0].status is OfferingStatus.OPEN


def test_a_class_is_cancelled_once_and_not_after_it_began(cast: Cast, as_staff: Browser) -> None:
    cancelled, begun = announce(cast.instructor), announce(cast.instructor, starts_at=clock.now() - MINUTE)
    as_staff.post_form(f"/staff/classes/{cancelled.token}/cancellation", {"reason": "Snow"})

    twice = as_staff.post_form(f"/staff/classes/{cancelled.token}/cancellation", {"reason": "Snow"})
    late = as_staff.post_form(f"/staff/classes/{begun.token}/cancellation", {"reason": "Snow"})

    assert (twice.status_code, late.status_code) == (409, 409)
    assert "Snow" in twice.text
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "class_cancelled")).all()) == 1


# ---- who is coming


def test_staff_see_who_has_a_seat_what_is_missing_and_who_was_there(cast: Cast, as_staff: Browser) -> None:
    offering = announce(cast.instructor, stage=COACH_CLASS, starts_at=clock.now() - MINUTE, sessions=1)
    ready, unready = make_ready(cast.learner), enrol(cast.stranger.person_id, "coach")
    for enrollment in (ready, unready):
        services.book(offering.id, person_id=enrollment.person_id, enrollment_id=enrollment.id, now=clock.now())
    attending.mark(
        cast.instructor.viewer(),
        offering.token,
        seat_of(cast.learner, offering).token,
        1,
        Mark.LATE,
        "",
        now=clock.now(),
    )

    page = as_staff.get(f"/staff/classes/{offering.token}").text

    assert (cast.learner.name in page, cast.stranger.name in page) == (True, True)
    assert ("Session 1: Late" in page, "Not ready" in page) == (True, True)
    assert f'href="/teach/classes/{offering.token}"' in page
    assert 'type="radio"' not in page


def test_a_draft_has_no_roster_to_mark(cast: Cast, as_staff: Browser) -> None:
    offering = draft(cast)

    page = as_staff.get(f"/staff/classes/{offering.token}").text

    assert "Nobody has booked yet." in page
    assert "/teach/" not in page


def test_the_queue_of_attendance_leads_to_the_classes_of_today(cast: Cast, as_staff: Browser) -> None:
    noon = clock.now().astimezone(content.issuer_zone()).replace(hour=12, minute=0)
    announce(cast.instructor, title="A second day today", starts_at=noon - DAY, sessions=2)
    announce(cast.instructor, title="Over yesterday", starts_at=noon - DAY, sessions=1)
    announce(cast.instructor, title="Begins tomorrow", starts_at=noon + DAY, sessions=1)

    queues = as_staff.get("/staff").text
    today = as_staff.get("/staff/classes?when=today").text

    assert 'href="/staff/classes?when=today"' in queues
    assert "A second day today" in today
    assert ("Over yesterday" in today, "Begins tomorrow" in today) == (False, False)


# ---- attendance undone after a certificate


def certified_class(cast: Cast) -> tuple[Offering, Seat]:
    """A class of yesterday that completed the learner's program."""
    offering = announce(cast.instructor, starts_at=clock.now() - DAY, sessions=1)
    seat = services.book(
        offering.id,
        person_id=cast.learner.person_id,
        enrollment_id=enrol(cast.learner.person_id).id,
        now=offering.starts_at - DAY,
    )
    mark_as(cast, offering, seat, Mark.PRESENT, minutes_ago=60)
    return offering, seat


def mark_as(cast: Cast, offering: Offering, seat: Seat, mark: Mark, *, minutes_ago: int) -> None:
    at = clock.now() - minutes_ago * MINUTE
    attending.mark(cast.instructor.viewer(), offering.token, seat.token, 1, mark, "", now=at)
    db.session.commit()


def test_attendance_undone_after_the_certificate_waits_for_staff_until_it_is_mended(
    cast: Cast, as_staff: Browser
) -> None:
    offering, seat = certified_class(cast)
    before = as_staff.get("/staff/attendance").text
    mark_as(cast, offering, seat, Mark.ABSENT, minutes_ago=30)

    waiting, queues = as_staff.get("/staff/attendance").text, as_staff.get("/staff").text
    mark_as(cast, offering, seat, Mark.PRESENT, minutes_ago=5)

    certificate = db.session.scalars(select(Certificate)).one()
    assert cast.learner.name not in before
    assert (cast.learner.name in waiting, certificate.code in waiting, cast.instructor.name in waiting) == (True,) * 3
    assert "Attendance changed after a certificate" in queues
    assert 'class="big">1<' in queues
    assert certificate.ended_at is None
    assert cast.learner.name not in as_staff.get("/staff/attendance").text


def test_staff_of_other_programs_see_none_of_it(cast: Cast, as_staff_of_judges: Browser) -> None:
    offering, seat = certified_class(cast)
    mark_as(cast, offering, seat, Mark.ABSENT, minutes_ago=30)

    assert cast.learner.name not in as_staff_of_judges.get("/staff/attendance").text


def test_the_instructor_reads_it_before_saving(cast: Cast, as_instructor: Browser) -> None:
    offering, _seat = certified_class(cast)

    assert "A certificate rests on this attendance." in as_instructor.get(f"/teach/classes/{offering.token}").text


# ---- the list and the queues


def test_the_list_shows_drafts_and_narrows_to_a_state(cast: Cast, as_staff: Browser) -> None:
    announce(cast.instructor, title="Open class")
    draft(cast).title = "Drafted class"

    everything = as_staff.get("/staff/classes").text
    drafts = as_staff.get("/staff/classes?status=draft").text

    assert ("Open class" in everything, "Drafted class" in everything) == (True, True)
    assert ("Open class" in drafts, "Drafted class" in drafts) == (False, True)


def test_the_list_costs_the_same_with_five_classes_and_with_fifty(app: Flask, cast: Cast, as_staff: Browser) -> None:
    for number in range(5):
        announce(cast.instructor, title=f"Class {number}")
    as_staff.get("/staff/classes")
    with statements(app) as few:
        as_staff.get("/staff/classes")
    for number in range(45):
        announce(cast.instructor, title=f"Class {number}")
    with statements(app) as many:
        as_staff.get("/staff/classes")

    assert len(many) == len(few)


def test_a_class_that_runs_over_midnight_still_waits_for_its_marks(app: Flask, cast: Cast) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=content.issuer_zone())
    offering = announce(cast.instructor, starts_at=midnight - 30 * MINUTE, sessions=1)
    [person_id] = people(1)
    services.book(offering.id, person_id=person_id, enrollment_id=enrol(person_id).id, now=midnight - DAY)

    waiting = {
        minutes: next(
            one.count for one in queues(cast.staff.viewer(), midnight + minutes * MINUTE) if one.name == "attendance"
        )
        for minutes in (-40, -10, 10, 24 * 60 + 10)
    }

    assert waiting == {-40: 0, -10: 1, 10: 1, 24 * 60 + 10: 0}


def test_the_queues_count_what_waits(app: Flask, cast: Cast, as_staff: Browser) -> None:
    queue_of(3)
    offering = announce(cast.instructor, starts_at=clock.now() - MINUTE, sessions=1)
    [person_id] = people(1)
    enrollment: Enrollment = enrol(person_id)
    services.book(offering.id, person_id=person_id, enrollment_id=enrollment.id, now=clock.now() - DAY)
    failed = OutboxRow(topic="mail", key="mail:x", payload={}, created_at=clock.now(), available_at=clock.now())
    db.session.add(failed)
    db.session.flush()
    failed.give_up("no such address", at=clock.now())

    page = as_staff.get("/staff").text
    numbers = [part.partition("<")[0] for part in page.split('<span class="big">')[1:]]

    assert numbers == ["3", "6", "1", "1"]
    assert "The oldest has waited" in page
