"""The instructors' door: their classes, rosters, attendance, and the roster as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from lms.accounts.models import Person, Role, ScopeKind
from lms.accounts.services import grant_role
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.errors import Busy
from lms.live import queries, services
from lms.live.models import AttendanceMark, Mark, Offering, OfferingStatus, Seat, SeatStatus
from lms.usecases import attending
from tests.support.browser import Browser
from tests.support.cast import Cast, Member
from tests.support.classes import COACH_CLASS, announce, end_membership, enrol, make_ready, people, ready_enrollment
from tests.support.markup import forms_of, read
from tests.support.moments import DAY, HOUR, MINUTE
from tests.support.statements import statements


def under_way() -> datetime:
    return clock.now().replace(microsecond=0) - 30 * MINUTE


def seated(offering: Offering, person_id: int, enrollment_id: int) -> Seat:
    return services.book(offering.id, person_id=person_id, enrollment_id=enrollment_id, now=offering.starts_at)


def ready_class(cast: Cast, *members: Member, sessions: int = 1) -> tuple[str, list[str]]:
    """A class of `coach` that has just begun, with these members in it: its token and theirs."""
    offering = announce(cast.instructor, stage=COACH_CLASS, starts_at=under_way(), sessions=sessions)
    seats = [seated(offering, member.person_id, make_ready(member).id) for member in members]
    return offering.token, [seat.token for seat in seats]


def statuses(token: str) -> list[SeatStatus]:
    offering = queries.announced(token)
    assert offering is not None
    return [line.seat.status for line in queries.roster(offering.id)]


def mark_count() -> int:
    return db.session.scalar(select(func.count()).select_from(AttendanceMark)) or 0


def as_shown(token: str, browser: Browser) -> dict[str, str]:
    """What the page of this class sends along: each seat with the mark that it showed."""
    forms = forms_of(read(browser.get(f"/teach/classes/{token}").text))
    fields = next(form.fields for form in forms if form.action == attendance(token))
    return {name: value for name, [value] in fields.items() if name.startswith("shown-")}


def attendance(token: str, session: int = 1) -> str:
    return f"/teach/classes/{token}/sessions/{session}/attendance"


# ---- my classes


def test_an_empty_page_says_what_will_be_here(as_instructor: Browser) -> None:
    answer = as_instructor.get("/teach")

    assert "You teach no classes yet" in answer.text


def test_my_classes_stand_by_today_coming_and_past(as_instructor: Browser, cast: Cast) -> None:
    announce(cast.instructor, title="The running one", starts_at=clock.now() - MINUTE)
    announce(cast.instructor, title="The next one", starts_at=clock.now() + 9 * DAY)
    announce(cast.instructor, title="The old one", starts_at=clock.now() - 9 * DAY)
    announce(cast.staff, title="Another's", starts_at=clock.now() + DAY)

    text = as_instructor.get("/teach").text

    places = [
        text.index(word) for word in ("Today", "The running one", "Coming", "The next one", "Past", "The old one")
    ]
    assert places == sorted(places)
    assert "Another&#39;s" not in text


def test_past_classes_are_paged(as_instructor: Browser, cast: Cast) -> None:
    for number in range(22):
        announce(cast.instructor, title=f"Past {number:02}", starts_at=clock.now() - (number + 3) * DAY)
    first = as_instructor.get("/teach").text
    address = first.split('rel="next" href="')[1].split('"')[0]

    rest = as_instructor.get(address).text

    assert "Past 19" in first
    assert "Past 20" not in first
    assert "Past 20" in rest
    assert "Past 21" in rest


# ---- who may enter


@pytest.mark.parametrize("who", ["as_learner", "as_author"])
def test_for_others_the_door_does_not_exist(request: pytest.FixtureRequest, cast: Cast, who: str) -> None:
    browser: Browser = request.getfixturevalue(who)
    token, [seat] = ready_class(cast, cast.stranger)

    for address in ("/teach", f"/teach/classes/{token}", f"/teach/classes/{token}/roster.csv"):
        assert browser.get(address).status_code == 404
    assert browser.post_form(attendance(token), {f"mark-{seat}": "present"}).status_code == 404
    assert mark_count() == 0


@pytest.mark.parametrize("who", ["as_staff", "as_administrator"])
def test_who_runs_classes_may_look_into_one_and_mark_it(request: pytest.FixtureRequest, cast: Cast, who: str) -> None:
    browser: Browser = request.getfixturevalue(who)
    token, [seat] = ready_class(cast, cast.stranger)

    page = browser.get(f"/teach/classes/{token}").text
    browser.post_form(attendance(token), {f"mark-{seat}": "present"})

    assert browser.get("/teach").status_code == 404
    assert f'href="/staff/classes/{token}"' in page
    assert 'href="/teach"' not in page
    assert browser.get(f"/teach/classes/{token}/roster.csv").status_code == 200
    assert statuses(token) == [SeatStatus.ATTENDED]


@pytest.mark.parametrize(("program", "answer"), [("coach", 200), ("judge", 404)])
def test_staff_of_one_program_mark_its_classes_alone(app: Flask, cast: Cast, program: str, answer: int) -> None:
    token, [seat] = ready_class(cast, cast.learner)
    grant_role(
        cast.stranger.person_id, Role.STAFF, scope_kind=ScopeKind.PROGRAM, scope_id=program, by=None, now=clock.now()
    )
    db.session.commit()
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in(cast.stranger)

    browser.post_form(attendance(token), {f"mark-{seat}": "present"})

    assert browser.get(f"/teach/classes/{token}").status_code == answer
    assert browser.get(f"/teach/classes/{token}/roster.csv").status_code == answer
    assert mark_count() == (answer == 200)


def test_a_draft_is_marked_by_nobody_but_its_instructor(as_staff: Browser, cast: Cast) -> None:
    token, _seats = ready_class(cast)
    offering = queries.announced(token)
    assert offering is not None
    offering.status = OfferingStatus.DRAFT

    assert as_staff.get(f"/teach/classes/{token}").status_code == 404


def test_strangers_are_sent_to_sign_in(client: Browser, cast: Cast) -> None:
    assert "/signin" in client.get("/teach").location


def test_anothers_class_looks_like_none(as_instructor: Browser, cast: Cast) -> None:
    others = announce(cast.staff, starts_at=under_way())
    seat = seated(others, cast.learner.person_id, enrol(cast.learner.person_id).id)
    token, seat_token = others.token, seat.token

    for name in (token, "unknown"):
        assert as_instructor.get(f"/teach/classes/{name}").status_code == 404
        assert as_instructor.get(f"/teach/classes/{name}/roster.csv").status_code == 404
        assert as_instructor.post_form(attendance(name), {f"mark-{seat_token}": "present"}).status_code == 404
    assert mark_count() == 0


# ---- the roster


def test_the_roster_shows_who_is_not_ready_and_why(as_instructor: Browser, cast: Cast) -> None:
    token, _seats = ready_class(cast, cast.learner, cast.stranger)
    end_membership(cast.stranger, (clock.now() - 3 * DAY).date())

    text = as_instructor.get(f"/teach/classes/{token}").text

    assert "1 person is not ready for this session" in text
    assert f'href="/teach/classes/{token}/roster.csv?session=1"' in text
    assert "/account/claims" not in text  # a remedy is the learner's to take, so it is no link here
    assert text.count('data-verdict="unmet"') == 1
    assert cast.learner.name in text


def test_a_session_that_does_not_exist_is_not_found(as_instructor: Browser, cast: Cast) -> None:
    token, _seats = ready_class(cast, cast.learner)

    assert as_instructor.get(f"/teach/classes/{token}?session=9").status_code == 404


def test_the_form_opens_with_check_in(as_instructor: Browser, cast: Cast) -> None:
    token, [seat] = ready_class(cast, cast.learner, sessions=2)

    today, tomorrow = (as_instructor.get(f"/teach/classes/{token}?session={number}").text for number in (1, 2))

    assert f'name="mark-{seat}"' in today
    assert f'name="mark-{seat}"' not in tomorrow
    assert "Check-in opens two hours before the session" in tomorrow


def test_an_empty_class_says_so(as_instructor: Browser, cast: Cast) -> None:
    token, _seats = ready_class(cast)

    assert "Nobody has booked yet" in as_instructor.get(f"/teach/classes/{token}").text


# ---- attendance


def test_marks_of_one_session_are_saved_at_once(as_instructor: Browser, cast: Cast) -> None:
    token, [first, second] = ready_class(cast, cast.learner, cast.stranger)

    answer = as_instructor.post_form(
        attendance(token), {f"mark-{first}": "present", f"mark-{second}": "absent", f"note-{second}": "Wrote a mail."}
    )

    assert (answer.status_code, answer.location) == (303, f"/teach/classes/{token}?session=1")
    text = as_instructor.get(answer.location).text
    assert "2 marks are saved." in text
    assert f"Attended: {cast.learner.name}." in text
    assert f"Absent: {cast.stranger.name}." in text
    assert statuses(token) == [SeatStatus.ATTENDED, SeatStatus.ABSENT]


def test_everyone_without_a_mark_is_present_at_one_press(as_instructor: Browser, cast: Cast) -> None:
    token, [first, _second] = ready_class(cast, cast.learner, cast.stranger)

    shown = as_shown(token, as_instructor)

    as_instructor.post_form(attendance(token), {**shown, f"mark-{first}": "left_early", "rest": "present"})

    assert statuses(token) == [SeatStatus.PARTLY, SeatStatus.ATTENDED]


def test_who_books_after_the_page_was_opened_is_not_among_the_rest(as_instructor: Browser, cast: Cast) -> None:
    token, _seats = ready_class(cast, cast.learner)
    shown = as_shown(token, as_instructor)
    offering = queries.announced(token)
    assert offering is not None
    seated(offering, cast.stranger.person_id, make_ready(cast.stranger).id)

    as_instructor.post_form(attendance(token), {**shown, "rest": "present"})

    assert statuses(token) == [SeatStatus.ATTENDED, SeatStatus.CONFIRMED]


def test_a_page_that_was_left_open_takes_back_no_mark_of_a_colleague(as_instructor: Browser, cast: Cast) -> None:
    token, [seat, other] = ready_class(cast, cast.learner, cast.stranger)
    as_instructor.post_form(attendance(token), {f"mark-{seat}": "present"})
    shown = as_shown(token, as_instructor)
    as_instructor.post_form(attendance(token), {f"mark-{seat}": "absent", f"mark-{other}": "late"})

    as_instructor.post_form(attendance(token), {**shown, f"mark-{seat}": "present", "rest": "present"})

    marks = list(db.session.scalars(select(AttendanceMark.mark).order_by(AttendanceMark.id)))
    assert marks == [Mark.PRESENT, Mark.ABSENT, Mark.LATE]


def test_who_is_refused_is_named_with_the_reason_and_nobody_else_waits(as_instructor: Browser, cast: Cast) -> None:
    token, [first, second] = ready_class(cast, cast.learner, cast.stranger)
    end_membership(cast.stranger, (clock.now() - 3 * DAY).date())

    answer = as_instructor.post_form(attendance(token), {f"mark-{first}": "present", f"mark-{second}": "present"})

    text = as_instructor.get(answer.location).text
    assert f"{cast.stranger.name} was not marked. Missing:" in text
    assert statuses(token) == [SeatStatus.ATTENDED, SeatStatus.CONFIRMED]


def test_an_unchanged_mark_adds_no_line_and_a_changed_one_does(as_instructor: Browser, cast: Cast) -> None:
    token, [seat] = ready_class(cast, cast.learner)
    for mark in ("present", "present", "absent"):
        as_instructor.post_form(attendance(token), {f"mark-{seat}": mark})

    marks = list(db.session.scalars(select(AttendanceMark.mark).order_by(AttendanceMark.id)))

    assert marks == [Mark.PRESENT, Mark.ABSENT]
    assert statuses(token) == [SeatStatus.ABSENT]


def test_a_mark_there_is_not_and_a_note_too_long_come_back_with_a_summary(as_instructor: Browser, cast: Cast) -> None:
    token, [first, second] = ready_class(cast, cast.learner, cast.stranger)

    answer = as_instructor.post_form(
        attendance(token), {f"mark-{first}": "asleep", f"mark-{second}": "late", f"note-{second}": "x" * 501}
    )

    assert answer.status_code == 422
    assert 'class="error-summary"' in answer.text
    assert "x" * 501 in answer.text
    assert mark_count() == 0


def test_a_note_that_nobody_can_read_is_refused(as_instructor: Browser, cast: Cast) -> None:
    token, [seat] = ready_class(cast, cast.learner)

    answer = as_instructor.post_form(attendance(token), {f"mark-{seat}": "late", f"note-{seat}": "a\0b"})

    assert answer.status_code == 422


def test_a_seat_of_another_class_in_the_form_is_nobody(as_instructor: Browser, cast: Cast) -> None:
    token, _seats = ready_class(cast, cast.learner)
    others = announce(cast.staff, stage=COACH_CLASS, starts_at=under_way() - DAY, sessions=1)
    theirs = seated(others, cast.stranger.person_id, make_ready(cast.stranger).id).token

    as_instructor.post_form(attendance(token), {f"mark-{theirs}": "present"})

    assert mark_count() == 0


def test_a_mark_is_cleared_and_the_session_counts_as_unmarked_again(
    as_instructor: Browser, as_staff: Browser, cast: Cast
) -> None:
    token, [seat, other] = ready_class(cast, cast.learner, cast.stranger)
    as_instructor.post_form(attendance(token), {f"mark-{seat}": "absent", f"mark-{other}": "present"})
    page = as_instructor.get(f"/teach/classes/{token}").text
    done = as_staff.get("/staff").text

    as_instructor.post_form(attendance(token), {**as_shown(token, as_instructor), f"mark-{seat}": "cleared"})

    marks = list(db.session.scalars(select(AttendanceMark.mark).order_by(AttendanceMark.id)))
    assert page.count('value="cleared"') == 2
    assert marks == [Mark.ABSENT, Mark.PRESENT, Mark.CLEARED]
    assert statuses(token) == [SeatStatus.CONFIRMED, SeatStatus.ATTENDED]
    assert as_instructor.get(f"/teach/classes/{token}").text.count('value="cleared"') == 1
    assert "1 of 2 marked" in as_instructor.get(f"/teach/classes/{token}").text
    assert ('class="big">1<' in done, 'class="big">1<' in as_staff.get("/staff").text) == (False, True)


def test_what_was_never_marked_can_not_be_cleared(as_instructor: Browser, cast: Cast) -> None:
    token, [seat] = ready_class(cast, cast.learner)

    answer = as_instructor.post_form(attendance(token), {f"mark-{seat}": "cleared"})

    assert answer.status_code == 422
    assert mark_count() == 0


def test_nothing_chosen_changes_nothing_and_says_so(as_instructor: Browser, cast: Cast) -> None:
    token, _seats = ready_class(cast, cast.learner)

    answer = as_instructor.post_form(attendance(token))

    assert "Nothing was changed" in as_instructor.get(answer.location).text


def test_a_form_without_its_token_marks_nobody(as_instructor: Browser, cast: Cast) -> None:
    token, [seat] = ready_class(cast, cast.learner)

    assert as_instructor.post(attendance(token), data={f"mark-{seat}": "present"}).status_code == 400
    assert mark_count() == 0


def test_what_is_said_of_many_fits_into_a_cookie(as_instructor: Browser, cast: Cast) -> None:
    offering = announce(cast.instructor, stage=COACH_CLASS, starts_at=under_way(), sessions=1, capacity=40)
    for number, person_id in enumerate(people(40)):
        db.session.get_one(Person, person_id).name = f"Person {number} " + "ä" * 100
        seated(offering, person_id, enrol(person_id, "coach").id)
    token = offering.token

    answer = as_instructor.post_form(attendance(token), {**as_shown(token, as_instructor), "rest": "present"})

    assert len(answer.headers["Set-Cookie"]) < 4093
    assert "Not marked either" in as_instructor.get(answer.location).text
    assert mark_count() == 0


# ---- the file


def test_the_roster_is_a_table_that_no_spreadsheet_runs(as_instructor: Browser, cast: Cast) -> None:
    token, _seats = ready_class(cast, cast.learner, cast.stranger)
    db.session.get_one(Person, cast.stranger.person_id).name = "=HYPERLINK(1)"
    end_membership(cast.stranger, (clock.now() - 3 * DAY).date())

    answer = as_instructor.get(f"/teach/classes/{token}/roster.csv")

    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert answer.content_type == "text/csv; charset=utf-8"
    assert rows[0] == ["place", "name", "seat", "missing", "session 1"]
    assert rows[1] == ["1", cast.learner.name, "Confirmed", "", ""]
    assert rows[2][1] == "'=HYPERLINK(1)"
    assert rows[2][3]


def test_looking_writes_nothing(app: Flask, as_instructor: Browser, cast: Cast) -> None:
    token, _seats = ready_class(cast, cast.learner)
    announce(cast.instructor, starts_at=clock.now() + HOUR)

    with statements(app) as sent:
        for address in ("/teach", f"/teach/classes/{token}", f"/teach/classes/{token}/roster.csv"):
            assert as_instructor.get(address).status_code == 200

    assert not [statement for statement in sent if not statement.lstrip().upper().startswith(("SELECT", "WITH"))]


# ---- much of it at once


def full_class(cast: Cast, count: int) -> tuple[str, list[str]]:
    """A class of `coach` that has just begun, with so many people who are ready: its token and theirs."""
    offering = announce(cast.instructor, stage=COACH_CLASS, starts_at=under_way(), sessions=1, capacity=count)
    seats = [seated(offering, one, ready_enrollment(one).id) for one in people(count)]
    return offering.token, [seat.token for seat in seats]


@pytest.mark.parametrize("page", ["", "/roster.csv"])
def test_a_long_roster_costs_no_more_statements_than_a_short_one(
    app: Flask, as_instructor: Browser, cast: Cast, page: str
) -> None:
    counted = {}
    for count in (5, 50):
        token, _seats = full_class(cast, count)
        with statements(app) as sent:
            assert as_instructor.get(f"/teach/classes/{token}{page}").status_code == 200
        counted[count] = len(sent)

    assert counted[50] <= counted[5] < 30


def test_many_marks_are_saved_some_at_a_time(app: Flask, as_instructor: Browser, cast: Cast) -> None:
    token, seats = full_class(cast, 23)
    marks: list[int] = [0]

    def count(*told: Any) -> None:
        marks[-1] += is_a_mark(told[2])

    shown = as_shown(token, as_instructor)
    with on_each(app, "before_cursor_execute", count), on_each(app, "commit", lambda _connection: marks.append(0)):
        answer = as_instructor.post_form(attendance(token), {**shown, "rest": "present"})

    assert [count for count in marks if count] == [10, 10, 3]
    assert "23 marks are saved." in as_instructor.get(answer.location).text
    assert statuses(token) == [SeatStatus.ATTENDED] * len(seats)


def test_what_was_kept_before_the_database_was_busy_is_said_and_stands(
    monkeypatch: pytest.MonkeyPatch, as_instructor: Browser, cast: Cast
) -> None:
    token, seats = full_class(cast, 12)
    shown = as_shown(token, as_instructor)
    mark_session, turns = attending.mark_session, iter([True, False])

    def busy_at_last(*given: Any, **named: Any) -> attending.SessionMarked:
        if not next(turns):
            raise Busy
        return mark_session(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(attending, "mark_session", busy_at_last)
        busy = as_instructor.post_form(attendance(token), {**shown, "rest": "present"})
    kept = mark_count()
    as_instructor.post_form(attendance(token), {**shown, "rest": "present"})

    assert busy.status_code == 503
    assert "10 marks were saved before." in busy.text
    assert (kept, mark_count()) == (10, 12)
    assert statuses(token) == [SeatStatus.ATTENDED] * len(seats)


def is_a_mark(statement: str) -> bool:
    return statement.lstrip().upper().startswith("INSERT INTO ATTENDANCE_MARK")


@contextmanager
def on_each(app: Flask, happening: str, do: Callable[..., object]) -> Iterator[None]:
    with app.app_context():
        engine = db.engine
    event.listen(engine, happening, do)
    try:
        yield
    finally:
        event.remove(engine, happening, do)
