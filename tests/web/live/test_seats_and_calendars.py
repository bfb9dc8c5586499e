"""Booking and giving back on the pages, and the calendar of a seat."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Flask
from icalendar import Calendar
from werkzeug.test import TestResponse

from lms.accounts.models import Account
from lms.foundation import clock
from lms.foundation.database import db
from lms.live import queries
from lms.live.models import Offering, OfferingStatus, Seat, SeatStatus
from lms.usecases import booking
from tests.support.browser import Browser
from tests.support.cast import Cast, Member
from tests.support.classes import COACH_CLASS, LINK, announce, enrol, seat_of
from tests.support.moments import DAY, HOUR


def soon() -> datetime:
    return clock.now().replace(microsecond=0) + 20 * DAY


def seats(offering_token: str) -> list[SeatStatus]:
    offering = queries.announced(offering_token)
    assert offering is not None
    return [line.seat.status for line in queries.roster(offering.id)]


def workshop(*members: Member, capacity: int = 10) -> Offering:
    for member in members:
        enrol(member.person_id)
    return announce(starts_at=soon(), capacity=capacity)


def book(member: Member, offering: Offering) -> Seat:
    return booking.book(member.person_id, offering.token, now=clock.now())


# ---- booking


def test_booking_leads_back_to_the_class_with_my_seat(as_learner: Browser, cast: Cast) -> None:
    token = workshop(cast.learner).token

    answer = as_learner.post_form(f"/classes/{token}/seat")

    assert (answer.status_code, answer.location) == (303, f"/classes/{token}")
    text = as_learner.get(answer.location).text
    assert "You have place 1." in text
    assert "You have a seat." in text


def test_who_is_not_ready_gets_the_page_with_everything_missing(as_learner: Browser, cast: Cast) -> None:
    enrol(cast.learner.person_id, "coach")
    token = announce(stage=COACH_CLASS, starts_at=soon()).token

    answer = as_learner.post_form(f"/classes/{token}/seat")

    assert answer.status_code == 409
    assert "You can&#39;t book this class yet." in answer.text
    assert answer.text.count('data-verdict="unmet"') >= 2
    assert seats(token) == []


def test_much_to_study_is_counted_and_leads_on(as_learner: Browser, cast: Cast) -> None:
    enrol(cast.learner.person_id, "coach")
    token = announce(stage=COACH_CLASS, starts_at=soon()).token

    page = as_learner.get(f"/classes/{token}").text

    assert re.search(r"<a class=\"button wide\" href=\"/learn/[^\"]+\">Go on studying", page)
    assert re.search(r"<button class=\"button plain wide\" type=\"button\" disabled", page)


def test_programs_get_the_refusal_as_json(as_learner: Browser, cast: Cast) -> None:
    token = announce(starts_at=soon()).token

    answer = as_learner.post_json(f"/classes/{token}/seat", {})

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "not-enrolled"


def test_the_last_seat_taken_meanwhile_is_said_on_the_page(as_learner: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner, cast.stranger, capacity=1)
    token = offering.token
    book(cast.stranger, offering)

    answer = as_learner.post_form(f"/classes/{token}/seat")

    assert answer.status_code == 409
    assert "The last seat of this class is taken." in answer.text
    assert len(seats(token)) == 1


def test_a_stranger_at_the_door_is_sent_to_sign_in(client: Browser, cast: Cast) -> None:
    token = workshop().token

    for address in (f"/classes/{token}/seat", f"/classes/{token}/cancellation"):
        answer = client.post_form(address)
        assert answer.status_code in {302, 303}
        assert "/signin" in answer.location

    assert seats(token) == []


def test_a_form_without_its_token_books_nothing(as_learner: Browser, cast: Cast) -> None:
    token = workshop(cast.learner).token

    answer = as_learner.post(f"/classes/{token}/seat")

    assert answer.status_code == 400
    assert seats(token) == []


def test_what_else_a_form_says_changes_nothing(as_learner: Browser, cast: Cast) -> None:
    token = workshop(cast.learner).token

    as_learner.post_form(
        f"/classes/{token}/seat", {"person_id": cast.stranger.person_id, "status": "attended", "place": "9"}
    )

    offering = queries.announced(token)
    assert offering is not None
    seat = seat_of(cast.learner, offering)
    assert (seat.status, seat.place) == (SeatStatus.CONFIRMED, 1)
    assert queries.own_seat(cast.stranger.person_id, offering.id) is None


def test_an_unknown_class_is_not_found(as_learner: Browser, cast: Cast) -> None:
    for address in ("/classes/unknown/seat", "/classes/unknown/cancellation"):
        assert as_learner.post_form(address).status_code == 404


# ---- giving back


def test_giving_back_asks_first_and_can_be_undone(as_learner: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner)
    token = offering.token
    book(cast.learner, offering)

    asked = as_learner.get(f"/classes/{token}/cancellation")
    answer = as_learner.post_form(f"/classes/{token}/cancellation")
    after = as_learner.get(answer.location)

    assert "Give your seat back?" in asked.text
    assert answer.status_code == 303
    assert "you can book it again" in after.text
    assert f'action="/classes/{token}/seat"' in after.text
    assert seats(token) == []


def test_there_is_nothing_to_give_back_without_a_seat(as_stranger: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner)
    token = offering.token
    book(cast.learner, offering)

    assert as_stranger.get(f"/classes/{token}/cancellation").status_code == 404
    assert as_stranger.post_form(f"/classes/{token}/cancellation").status_code == 404
    assert len(seats(token)) == 1


def test_a_class_that_has_begun_keeps_its_seats(as_learner: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner)
    token = offering.token
    book(cast.learner, offering)
    offering.starts_at = clock.now() - HOUR

    asked = as_learner.get(f"/classes/{token}/cancellation")
    answer = as_learner.post_form(f"/classes/{token}/cancellation")

    assert "This class has begun" in asked.text
    assert answer.status_code == 409
    assert seats(token) == [SeatStatus.CONFIRMED]


# ---- the calendar


def feed(browser: Browser, token: str) -> TestResponse:
    return browser.get(f"/calendar/{token}.ics")


def events(answer: TestResponse) -> list[dict[str, str]]:
    calendar = Calendar.from_ical(answer.get_data())
    names = ("UID", "SEQUENCE", "STATUS", "SUMMARY", "URL")
    return [{name: str(event.get(name)) for name in names} for event in calendar.walk("VEVENT")]


def test_the_calendar_holds_every_session_and_leads_to_the_page(client: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner)
    page = f"http://campus.example.org/classes/{offering.token}"
    seat = book(cast.learner, offering)

    answer = feed(client, seat.token)

    assert answer.content_type == "text/calendar; charset=utf-8"
    assert [event["SUMMARY"] for event in events(answer)] == ["January class: Part 1", "January class: Part 2"]
    assert {event["URL"] for event in events(answer)} == {page}


def test_the_calendar_never_holds_the_way_in_nor_its_own_secret(client: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner)
    token = book(cast.learner, offering).token
    offering.starts_at = clock.now()

    text = feed(client, token).text.replace("\r\n ", "")

    assert LINK not in text
    assert token not in text


def test_a_changed_class_keeps_its_uids_and_raises_the_sequence(client: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner)
    token = book(cast.learner, offering).token
    before = events(feed(client, token))
    changed = queries.announced(re.split("/", before[0]["URL"])[-1])
    assert changed is not None
    changed.sequence += 1

    after = events(feed(client, token))

    assert [event["UID"] for event in after] == [event["UID"] for event in before]
    assert [int(event["SEQUENCE"]) for event in after] == [int(event["SEQUENCE"]) + 1 for event in before]
    assert len({event["UID"] for event in after}) == 2


def test_a_seat_given_back_is_cancelled_in_the_calendar(client: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner)
    token = book(cast.learner, offering).token
    first = events(feed(client, token))[0]
    booking.cancel(cast.learner.person_id, first["URL"].rpartition("/")[2], now=clock.now())

    [one, _two] = events(feed(client, token))

    assert (one["UID"], one["STATUS"]) == (first["UID"], "CANCELLED")
    assert int(one["SEQUENCE"]) > int(first["SEQUENCE"])


def test_a_cancelled_class_is_cancelled_in_the_calendar(client: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner)
    token = book(cast.learner, offering).token
    offering.status = OfferingStatus.CANCELLED

    assert {event["STATUS"] for event in events(feed(client, token))} == {"CANCELLED"}


def test_the_feed_of_a_suspended_account_is_shut(app: Flask, client: Browser, cast: Cast) -> None:
    token = book(cast.learner, workshop(cast.learner)).token
    db.session.get_one(Account, cast.learner.account_id).suspended_at = clock.now()

    assert feed(client, token).status_code == 404


def test_no_other_token_opens_a_calendar(client: Browser, cast: Cast) -> None:
    offering = workshop(cast.learner)
    book(cast.learner, offering)

    for token in (offering.token, "unknown", "%00"):
        assert feed(client, token).status_code == 404
