"""The list of classes, and the page of one class, as different people see them."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask import Flask

from lms.foundation import clock
from lms.foundation.database import db
from lms.live.models import ClassFormat, Mark, Offering, OfferingStatus
from lms.usecases import attending, booking
from tests.support.browser import Browser
from tests.support.cast import Cast, Member
from tests.support.classes import COACH_CLASS, LINK, announce, end_membership, enrol, make_ready, seat_of
from tests.support.moments import DAY, HOUR, MINUTE
from tests.support.statements import statements

SIX = 6


def soon(**later: object) -> datetime:
    return clock.now().replace(microsecond=0) + 20 * DAY


def page(browser: Browser, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status
    return answer.text


def titles(text: str) -> list[str]:
    return re.findall(r'<p class="row-title"><a href="/classes/[^"]+">([^<]+)</a>', text)


def book(member: Member, offering: Offering) -> None:
    booking.book(member.person_id, offering.token, now=clock.now())


# ---- the list


def test_an_empty_list_says_what_will_be_here_and_how_to_begin(client: Browser) -> None:
    text = page(client, "/classes")

    assert "No classes are announced now" in text
    assert 'class="empty"' in text


def test_classes_stand_soonest_first(client: Browser, cast: Cast) -> None:
    announce(title="The later", starts_at=soon() + DAY)
    announce(title="The sooner", starts_at=soon())

    assert titles(page(client, "/classes")) == ["The sooner", "The later"]


def test_classes_of_my_programs_stand_first(as_learner: Browser, cast: Cast) -> None:
    enrol(cast.learner.person_id, "coach")
    announce(title="Another's", starts_at=soon())
    announce(title="Mine", stage=COACH_CLASS, starts_at=soon() + DAY)

    text = page(as_learner, "/classes")

    assert titles(text) == ["Mine", "Another&#39;s"]
    assert "For your programs" in text


def test_the_format_filters_and_is_counted(client: Browser, cast: Cast) -> None:
    announce(title="By video", starts_at=soon())
    announce(title="On site", format=ClassFormat.IN_PERSON, place="Eugene, Oregon", starts_at=soon())

    text = page(client, "/classes?format=in_person")

    assert titles(text) == ["On site"]
    assert "All 2" in text
    assert "Zoom 1" in text


def test_the_stage_filters(client: Browser, cast: Cast) -> None:
    announce(title="For coaches", stage=COACH_CLASS, starts_at=soon())
    announce(title="A workshop", starts_at=soon())

    text = page(client, f"/classes?stage={COACH_CLASS}")

    assert titles(text) == ["For coaches"]
    assert "Live classes: Live class" in text


@pytest.mark.parametrize(
    "asked",
    ["format=yacht", "stage=nowhere", "after=1", "after=0~2027-99-99T00:00:00+00:00~x", "stage=%00", "after=%00"],
)
def test_what_there_is_not_is_not_found(client: Browser, cast: Cast, asked: str) -> None:
    page(client, f"/classes?{asked}", 404)


def test_the_list_goes_on_where_its_address_says(client: Browser, cast: Cast) -> None:
    for number in range(23):
        announce(title=f"Class {number:02}", starts_at=soon() + number * DAY)
    first = page(client, "/classes")
    [address] = re.findall(r'rel="next" href="([^"]+)"', first)

    rest = page(client, address.replace("&amp;", "&"))

    assert titles(first) + titles(rest) == [f"Class {number:02}" for number in range(23)]
    assert 'rel="next"' not in rest


def test_seats_left_and_my_own_are_shown(as_learner: Browser, cast: Cast) -> None:
    enrol(cast.learner.person_id)
    book(cast.learner, announce(starts_at=soon(), capacity=10))

    text = page(as_learner, "/classes")

    assert "<b>9</b> of 10 left" in text
    assert 'data-state="mine"' in text


def test_my_time_stands_beside_that_of_the_class(as_learner: Browser, cast: Cast) -> None:
    starts_at = soon().replace(hour=18, minute=0, second=0)
    announce(starts_at=starts_at, zone="America/Los_Angeles")

    text = page(as_learner, "/classes")

    gap = re.findall(r"(\d\d):00–(\d\d):00", text)
    assert int(gap[0][0]) - int(gap[1][0]) == 3  # New York first, then Los Angeles
    assert "Pacific Time" in text


@pytest.mark.parametrize("count", [3, 18])
def test_the_list_costs_six_statements_however_long_it_is(
    app: Flask, as_learner: Browser, cast: Cast, count: int
) -> None:
    enrol(cast.learner.person_id)
    for number in range(count):
        book(cast.learner, announce(starts_at=soon() + 3 * number * DAY))
    page(as_learner, "/classes")

    with statements(app) as sent:
        page(as_learner, "/classes")

    assert len(sent) <= SIX


# ---- one class


def test_anybody_may_look_and_is_asked_to_sign_in(client: Browser, cast: Cast) -> None:
    offering = announce(cast.instructor, starts_at=soon())

    text = page(client, f"/classes/{offering.token}")

    assert cast.instructor.name in text
    assert f"next=/classes/{offering.token}" in text.replace("%2F", "/")
    assert LINK not in text


def test_who_is_ready_finds_the_button(as_learner: Browser, cast: Cast) -> None:
    make_ready(cast.learner)
    offering = announce(stage=COACH_CLASS, starts_at=soon())

    text = page(as_learner, f"/classes/{offering.token}")

    assert f'action="/classes/{offering.token}/seat"' in text
    assert 'data-verdict="unmet"' not in text


def test_a_seat_in_a_class_that_has_begun_is_not_said_to_be_given_back(as_learner: Browser, cast: Cast) -> None:
    make_ready(cast.learner)
    coming = announce(stage=COACH_CLASS, starts_at=soon())
    begun = announce(stage=COACH_CLASS, starts_at=clock.now() - HOUR)

    assert "You can give yours back until the class begins." in page(as_learner, f"/classes/{coming.token}")
    assert "The class has begun: a seat in it can’t be given back." in page(as_learner, f"/classes/{begun.token}")


def test_attendance_noted_at_the_door_says_when_it_counts(as_learner: Browser, cast: Cast) -> None:
    make_ready(cast.learner)
    offering = announce(cast.instructor, stage=COACH_CLASS, starts_at=clock.now() + HOUR, sessions=1)
    book(cast.learner, offering)
    seat = seat_of(cast.learner, offering)
    attending.mark(cast.instructor.viewer(), offering.token, seat.token, 1, Mark.PRESENT, "", now=clock.now())

    before = page(as_learner, f"/classes/{offering.token}")
    move(offering, clock.now() - HOUR)
    during = page(as_learner, f"/classes/{offering.token}")

    assert "Your attendance is confirmed. It counts from" in before
    assert "Your attendance is confirmed." in during
    assert "It counts from" not in during


def test_a_class_in_person_leads_with_the_clocks_of_its_place(as_learner: Browser, cast: Cast) -> None:
    starts_at = soon().replace(hour=18, minute=0, second=0)
    offering = announce(starts_at=starts_at, zone="America/Los_Angeles", format=ClassFormat.IN_PERSON, place="Eugene")

    texts = page(as_learner, "/classes"), page(as_learner, f"/classes/{offering.token}")

    for text in texts:
        [first, second] = [match.start() for match in re.finditer(r"1[03]:00–1[25]:00", text)][:2]
        assert text[first : first + 5] == "10:00"
        assert "Pacific Time" in text[first:second]
        assert "small" in text[first:second]
        assert text[second : second + 5] == "13:00"


def test_a_class_that_has_begun_is_marked_in_the_list(as_learner: Browser, cast: Cast) -> None:
    announce(starts_at=soon(), title="Coming")
    before = page(as_learner, "/classes")
    announce(starts_at=clock.now() - HOUR, title="Running")

    assert ("Under way" in before, "Under way" in page(as_learner, "/classes")) == (False, True)


def test_a_second_seat_for_the_same_stage_asks_first(as_learner: Browser, cast: Cast) -> None:
    make_ready(cast.learner)
    held = announce(stage=COACH_CLASS, starts_at=soon(), title="The one held")
    other = announce(stage=COACH_CLASS, starts_at=soon() + 9 * DAY, title="Another")
    book(cast.learner, held)
    address = f"/classes/{other.token}"

    shown = page(as_learner, address)
    unasked = as_learner.post_form(f"{address}/seat", {})
    asked = as_learner.post_form(f"{address}/seat", {"beside": "yes"})

    assert "You have a seat for the same stage" in shown
    assert f"/classes/{held.token}" in shown
    assert (unasked.status_code, asked.status_code) == (409, 303)
    assert "which is for the same stage" in unasked.text


def test_who_is_not_ready_finds_every_reason_and_remedy_and_no_button(as_learner: Browser, cast: Cast) -> None:
    make_ready(cast.learner)
    end_membership(cast.learner, clock.now().date())
    offering = announce(stage=COACH_CLASS, starts_at=soon())

    text = page(as_learner, f"/classes/{offering.token}")

    assert text.count('data-verdict="unmet"') == 1
    assert "Opens when everything above is met." in text
    assert f'action="/classes/{offering.token}/seat"' not in text


def test_who_is_not_enrolled_is_shown_the_programs(as_stranger: Browser, cast: Cast) -> None:
    offering = announce(starts_at=soon())

    text = page(as_stranger, f"/classes/{offering.token}")

    assert "in which you are not enrolled" in text
    assert "Workshop" in text


def test_a_full_class_says_so_plainly(as_learner: Browser, cast: Cast) -> None:
    for member in (cast.learner, cast.stranger):
        enrol(member.person_id)
    offering = announce(starts_at=soon(), capacity=1)
    book(cast.stranger, offering)

    text = page(as_learner, f"/classes/{offering.token}")

    assert "This class is full" in text
    assert "No seat is left." in text


def test_another_class_at_that_time_is_named(as_learner: Browser, cast: Cast) -> None:
    enrol(cast.learner.person_id)
    book(cast.learner, announce(title="The first one", starts_at=soon()))
    other = announce(starts_at=soon())

    text = page(as_learner, f"/classes/{other.token}")

    assert "You are in another class at that time" in text
    assert "The first one" in text


@pytest.mark.parametrize(
    ("away", "shown"), [(-31 * MINUTE, False), (-29 * MINUTE, True), (HOUR, True), (2 * HOUR + MINUTE, False)]
)
def test_the_link_is_shown_to_who_holds_a_seat_near_the_time_alone(
    as_learner: Browser, as_stranger: Browser, cast: Cast, away: object, shown: bool
) -> None:
    enrol(cast.learner.person_id)
    offering = announce(starts_at=soon())
    book(cast.learner, offering)
    move(offering, clock.now() - away)  # type: ignore[operator]  # a timedelta

    mine, others = (page(one, f"/classes/{offering.token}") for one in (as_learner, as_stranger))

    assert (LINK in mine) is shown
    assert LINK not in others


def move(offering: Offering, starts_at: datetime) -> None:
    """Let the class begin at another time: the clock of pages is the real one."""
    from lms.live import queries

    shift = starts_at - offering.starts_at
    offering.starts_at += shift
    offering.ends_at += shift
    for session in queries.sessions_of([offering.id])[offering.id]:
        session.starts_at += shift
        session.ends_at += shift
    db.session.flush()


def test_a_cancelled_class_says_so(as_learner: Browser, cast: Cast) -> None:
    enrol(cast.learner.person_id)
    offering = announce(starts_at=soon())
    book(cast.learner, offering)
    offering.status = OfferingStatus.CANCELLED

    text = page(as_learner, f"/classes/{offering.token}")

    assert "This class is cancelled" in text
    assert "None: this class is cancelled" in text
    assert " left" not in text


def test_drafts_and_odd_tokens_are_not_found(as_staff: Browser, cast: Cast) -> None:
    draft = announce(starts_at=soon())
    draft.status = OfferingStatus.DRAFT

    for token in (draft.token, "unknown", "%00", "a" * 300, "..%2Fetc"):
        page(as_staff, f"/classes/{token}", 404)


def test_what_a_title_holds_is_text(as_learner: Browser, cast: Cast) -> None:
    offering = announce(title="<script>alert(1)</script>", starts_at=soon())

    for address in ("/classes", f"/classes/{offering.token}"):
        assert "<script>alert" not in page(as_learner, address)


def test_nothing_is_written_by_looking(app: Flask, as_learner: Browser, cast: Cast) -> None:
    make_ready(cast.learner)
    offering = announce(stage=COACH_CLASS, starts_at=soon())
    book(cast.learner, offering)
    seat = seat_of(cast.learner, offering)
    addresses = ["/classes", f"/classes/{offering.token}", f"/classes/{offering.token}/cancellation"]

    with statements(app) as sent:
        for address in [*addresses, f"/calendar/{seat.token}.ics"]:
            page(as_learner, address)

    assert not [statement for statement in sent if not statement.lstrip().upper().startswith(("SELECT", "WITH"))]
