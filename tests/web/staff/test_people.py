"""Finding people, and a person's dossier."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts import services
from lms.accounts.models import ClaimStatus, Person, PersonAlias
from lms.credentials.models import Certificate
from lms.credentials.rules import written_code
from lms.foundation.database import db
from lms.live.models import Mark
from lms.usecases import advancing, attending, booking, claiming
from tests.support.browser import Browser
from tests.support.cast import ZONE, Cast
from tests.support.claims import say_again, state
from tests.support.classes import announce, enrol, make_ready
from tests.support.moments import DAY, LONG_AGO, NOON
from tests.support.sittings import enrol as enrol_through_the_door
from tests.support.statements import rows_fetched, statements


def address_of(person_id: int) -> str:
    return f"/staff/people/{db.session.get_one(Person, person_id).token}"


def crowd(count: int, *, name: str = "Crowd") -> None:
    for number in range(count):
        services.create_person(f"{name} {number:03}", zone=ZONE, now=LONG_AGO)
    db.session.flush()


# ---- the list


def test_people_are_found_by_how_a_name_or_an_address_begins(as_staff: Browser) -> None:
    pages = [as_staff.get(f"/staff/people?q={typed}").text for typed in ("lindq", "LENA L", "learner@", "indqvist")]

    assert ["Lena Lindqvist" in page for page in pages] == [True, True, True, False]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Siobhán O’Neil", "oneil"),
        ("Siobhán O’Neil", "O'Neil"),
        ("Siobhán O’Neil", "siobhan"),
        ("Łukasz Żak", "lukasz zak"),
        ("Ærø Çelik", "celik"),
        ("D'Angelo Muñoz", "DAngelo"),
        ("Anna-Lena Östlund", "ÖSTLUND"),
    ],
)
def test_people_are_found_without_accents_and_apostrophes(as_staff: Browser, name: str, typed: str) -> None:
    person = services.create_person(name, zone=ZONE, now=LONG_AGO)
    db.session.flush()

    assert f"/staff/people/{person.token}" in as_staff.get("/staff/people", query_string={"q": typed}).text


def test_people_are_found_by_what_callers_give(cast: Cast, as_staff: Browser) -> None:
    make_ready(cast.learner)
    enrol(cast.stranger.person_id)
    offering = announce(cast.instructor, starts_at=NOON - DAY, sessions=1)
    seat = booking.book(cast.stranger.person_id, offering.token, now=NOON - 9 * DAY)
    attending.mark(cast.instructor.viewer(), offering.token, seat.token, 1, Mark.PRESENT, "", now=NOON)
    code = db.session.scalars(select(Certificate.code)).one()

    by_number, by_part, by_code = (
        as_staff.get("/staff/people", query_string={"q": typed}).text
        for typed in ("4417", "441", written_code(code).lower())
    )

    assert (cast.learner.name in by_number, cast.stranger.name in by_number) == (True, False)
    assert cast.learner.name not in by_part
    assert (cast.learner.name in by_code, cast.stranger.name in by_code) == (False, True)


def test_signs_with_a_meaning_for_the_database_are_letters_like_others(as_staff: Browser) -> None:
    pages = [as_staff.get(f"/staff/people?q={typed}") for typed in ("%25", "_", "%27%20OR%201=1--")]

    assert [page.status_code for page in pages] == [200] * 3
    assert "Lena" not in pages[0].text


def test_nobody_found_says_what_to_try(as_staff: Browser) -> None:
    assert "Nobody found" in as_staff.get("/staff/people?q=zzz").text


def test_people_are_paged_by_name(as_staff: Browser) -> None:
    crowd(40)

    first = as_staff.get("/staff/people?q=crowd").text
    link = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = as_staff.get(link).text

    assert "q=crowd" in link
    assert ("Crowd 024" in first, "Crowd 025" in first) == (True, False)
    assert ("Crowd 025" in second, "Crowd 039" in second, "Crowd 024" in second) == (True, True, False)


def test_the_list_costs_the_same_with_five_people_and_with_fifty(app: Flask, as_staff: Browser) -> None:
    crowd(5)
    as_staff.get("/staff/people")
    with statements(app) as few:
        as_staff.get("/staff/people")
    crowd(45, name="More")
    with statements(app) as many:
        as_staff.get("/staff/people")

    assert len(many) == len(few)


def test_a_merged_row_is_read_through_the_person_it_belongs_to(cast: Cast, as_staff: Browser) -> None:
    twin = services.create_person("Lena Twin", zone=ZONE, now=LONG_AGO)
    claim = state(twin.id, value="9981")
    db.session.add(
        PersonAlias(
            person_id=twin.id, into_id=cast.learner.person_id, merged_at=LONG_AGO, merged_by=cast.staff.person_id
        )
    )
    db.session.flush()

    page = as_staff.get(address_of(cast.learner.person_id)).text

    assert as_staff.get(address_of(twin.id)).status_code == 404
    assert claim.value in page


# ---- the dossier


def test_my_own_dossier_does_not_exist_here(cast: Cast, as_staff: Browser) -> None:
    assert as_staff.get(address_of(cast.staff.person_id)).status_code == 404


def test_staff_of_one_program_find_its_people_alone(cast: Cast, as_staff_of_judges: Browser) -> None:
    enrol_through_the_door(cast.learner, "judge")
    enrol(cast.learner.person_id, "workshop")

    page = as_staff_of_judges.get(address_of(cast.learner.person_id)).text

    assert ("Judge" in page, "Workshop" in page) == (True, False)
    assert as_staff_of_judges.get(address_of(cast.author.person_id)).status_code == 404
    assert "Ayo" not in as_staff_of_judges.get("/staff/people").text


def test_a_dossier_of_somebody_new_says_that_there_is_nothing(cast: Cast, as_staff: Browser) -> None:
    page = as_staff.get(address_of(cast.stranger.person_id)).text

    assert "Not enrolled in any program." in page
    assert "Nothing was claimed." in page


def test_facts_stand_with_source_verifier_and_days(cast: Cast, as_staff: Browser) -> None:
    claim = state(cast.learner.person_id)
    claiming.decide(claim, cast.staff2.viewer(), ClaimStatus.APPROVED, "Seen the card", now=NOON)

    page = as_staff.get(address_of(cast.learner.person_id)).text

    for words in ("Membership", "4417", "evidence", cast.staff2.name, "Seen the card", "23 November 2027"):
        assert words in page


def test_the_tree_shows_every_node_with_its_verdict_fact_and_remedy(cast: Cast, as_staff: Browser) -> None:
    make_ready(cast.learner, until=(NOON + 3650 * DAY).date())
    advancing.advance(cast.learner.person_id, now=NOON)

    page = as_staff.get(address_of(cast.learner.person_id)).text

    assert "Coach Program: why it stands so" in page
    assert 'data-verdict="met"' in page
    assert 'data-verdict="unmet"' in page
    for words in ("What opens it", "What completes it", "The award", "Remedy:", "Claim: Membership", "Credited"):
        assert words in page


def test_another_enrolment_can_be_chosen(cast: Cast, as_staff: Browser) -> None:
    enrol_through_the_door(cast.learner, "judge")
    other = enrol_through_the_door(cast.learner, "workshop")

    page = as_staff.get(f"{address_of(cast.learner.person_id)}?enrollment={other.token}").text

    assert "Workshop: why it stands so" in page


def test_seats_notices_and_the_record_stand_there(cast: Cast, as_staff: Browser) -> None:
    offering = announce(cast.instructor)
    enrol(cast.learner.person_id, "workshop")
    booking.book(cast.learner.person_id, offering.token, now=NOON)

    page = as_staff.get(address_of(cast.learner.person_id)).text

    for words in ("January class", "You have a seat in", "Book"):
        assert words in page


def test_hostile_names_and_notes_are_shown_as_text(cast: Cast, as_staff: Browser) -> None:
    state(cast.learner.person_id, value="<b onclick=alert(1)>", note="<script>alert(2)</script>")
    db.session.get_one(Person, cast.learner.person_id).name = "<script>alert(3)</script>"

    pages = [as_staff.get(address_of(cast.learner.person_id)).text, as_staff.get("/staff/people").text]

    assert not any("<script>alert" in page or "<b onclick" in page for page in pages)


def test_a_dossier_costs_the_same_with_few_facts_and_with_many(app: Flask, cast: Cast, as_staff: Browser) -> None:
    enrol_through_the_door(cast.learner, "judge")
    address = address_of(cast.learner.person_id)

    def claims(count: int, first: int) -> None:
        for number in range(count):
            claim = state(cast.learner.person_id, value=str(first + number))
            claiming.decide(claim, cast.staff2.viewer(), ClaimStatus.APPROVED, "", now=NOON)
            offering = announce(
                cast.instructor, title=f"Class {first + number}", starts_at=NOON + (first + number) * 3 * DAY
            )
            if first + number == 0:
                enrol(cast.learner.person_id, "workshop")
            booking.book(cast.learner.person_id, offering.token, now=NOON - DAY)

    claims(3, 0)
    as_staff.get(address)
    with statements(app) as few:
        as_staff.get(address)
    claims(12, 3)
    with statements(app) as many:
        as_staff.get(address)

    assert len(many) == len(few)


def test_a_dossier_reads_no_more_of_five_hundred_claims_than_of_sixty(
    app: Flask, cast: Cast, as_staff: Browser
) -> None:
    enrol_through_the_door(cast.learner, "judge")
    address = address_of(cast.learner.person_id)
    say_again(cast.learner.person_id, 60)
    db.session.commit()
    as_staff.get(address)
    with statements(app) as few, rows_fetched() as few_rows:
        as_staff.get(address)
    say_again(cast.learner.person_id, 440)
    db.session.commit()
    with statements(app) as many, rows_fetched() as many_rows:
        page = as_staff.get(address).text

    assert (len(many), sum(many_rows)) == (len(few), sum(few_rows))
    older = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert 'rel="prev"' in as_staff.get(older).text


def test_a_dossier_says_what_somebody_was_called_before(cast: Cast, as_learner: Browser, as_staff: Browser) -> None:
    as_learner.post_form("/account", {"name": "Somebody Else", "zone": ZONE})

    page = as_staff.get(address_of(cast.learner.person_id)).text

    assert "Somebody Else" in page
    assert f"Called {cast.learner.name} until" in page
