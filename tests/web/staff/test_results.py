"""Exams, their attempts, and one attempt as staff see it."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask

from lms.accounts import services
from lms.accounts.models import Role
from lms.assessment import queries
from lms.assessment.models import Attempt
from lms.foundation.database import db
from lms.usecases import starting, submitting
from tests.support.browser import Browser
from tests.support.cast import ZONE, Cast, Member
from tests.support.moments import LONG_AGO, MINUTE, NOON
from tests.support.sittings import answer, answer_all, enrol, open_forms, sit
from tests.support.statements import statements


def submitted(cast: Cast, member: Member, *, right: int = 4) -> Attempt:
    attempt = sit(cast, member)
    answer_all(attempt, right=right)
    submitting.submit(attempt, now=NOON + 10 * MINUTE)
    db.session.commit()
    return attempt


def sat_by_many(cast: Cast, count: int) -> None:
    """So many people who sit the judges' exam at this moment."""
    open_forms(cast, "judges-exam")
    for number in range(count):
        person = services.create_person(f"Judge {number:03}", zone=ZONE, now=LONG_AGO)
        account = services.create_account(person, f"judge{person.id}@example.org", "-", now=LONG_AGO)
        account.verified_at = LONG_AGO
        member = Member(person.id, account.id, person.name, account.email, ZONE)
        enrol(member, "judge")
        starting.start(person.id, "judge", "judges-exam", now=NOON)
    db.session.commit()


def test_the_exams_of_the_release_stand_with_their_counts(cast: Cast, as_staff: Browser) -> None:
    submitted(cast, cast.learner)

    page = as_staff.get("/staff/results").text

    assert "Judges&#39; exam" in page
    assert "Coach exam" in page


def test_an_exam_without_attempts_says_what_will_be_here(as_staff: Browser) -> None:
    assert "Attempts at this exam stand here" in as_staff.get("/staff/results/coach-exam").text


def test_an_unknown_exam_is_not_found(as_staff: Browser) -> None:
    assert as_staff.get("/staff/results/no-such-exam").status_code == 404


def test_attempts_are_listed_newest_first_and_paged(cast: Cast, as_staff: Browser) -> None:
    sat_by_many(cast, 30)

    first = as_staff.get("/staff/results/judges-exam").text
    link = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = as_staff.get(link).text

    assert ("Judge 029" in first, "Judge 005" in first, "Judge 004" in first) == (True, True, False)
    assert ("Judge 004" in second, "Judge 000" in second, "Judge 005" in second) == (True, True, False)


def test_filters_are_in_the_address(cast: Cast, as_staff: Browser) -> None:
    submitted(cast, cast.learner)

    passed = as_staff.get("/staff/results/judges-exam?passed=yes&status=released&form=a").text
    failed = as_staff.get("/staff/results/judges-exam?passed=no").text
    odd = as_staff.get("/staff/results/judges-exam?status=nonsense&passed=maybe").text

    assert ("Lena" in passed, "Lena" in failed, "Lena" in odd) == (True, False, True)


def test_the_file_holds_the_scores(cast: Cast, as_staff: Browser) -> None:
    submitted(cast, cast.learner, right=3)

    answered = as_staff.get("/staff/results/judges-exam?format=csv")
    [header, row] = list(csv.reader(io.StringIO(answered.data.decode("utf-8-sig"))))

    assert dict(zip(header, row, strict=True))["Person"] == "Lena Lindqvist"
    assert row[-1] == "true"


def test_my_own_attempts_are_not_among_them(cast: Cast, as_staff: Browser) -> None:
    attempt = submitted(cast, cast.staff)

    assert "Stefan" not in as_staff.get("/staff/results/judges-exam?format=csv").text
    assert as_staff.get(f"/staff/results/attempts/{attempt.token}").status_code == 404


def test_staff_of_one_program_see_its_results_alone(cast: Cast, as_staff_of_judges: Browser) -> None:
    inside = submitted(cast, cast.learner)
    outside = sit(cast, cast.author, program="official", exam="officials-exam")

    assert as_staff_of_judges.get(f"/staff/results/attempts/{inside.token}").status_code == 200
    assert as_staff_of_judges.get(f"/staff/results/attempts/{outside.token}").status_code == 404
    assert "Ayo" not in as_staff_of_judges.get("/staff/results/officials-exam?format=csv").text


def test_an_attempt_shows_items_answers_right_and_wrong_and_its_timeline(cast: Cast, as_staff: Browser) -> None:
    attempt = submitted(cast, cast.learner, right=3)

    page = as_staff.get(f"/staff/results/attempts/{attempt.token}").text

    assert (page.count('word">Right<'), page.count('word">Wrong<')) == (3, 1)
    for words in ("Score by area", "Started", "Last answer saved", "Submitted by the learner", "Result released"):
        assert words in page


@pytest.mark.parametrize("right", [0, 4])
def test_items_stay_closed_for_who_may_not_see_certification_items(cast: Cast, as_staff: Browser, right: int) -> None:
    """Neither stems nor answers: an attempt that is all right would be the key."""
    attempt = submitted(cast, cast.learner, right=right)

    page = as_staff.get(f"/staff/results/attempts/{attempt.token}").text

    assert "Key:" not in page
    for place in queries.sitting(attempt).places:
        assert place.document.stem_html not in page
        assert not any(place.document.option_html[option.id] in page for option in place.document.item.options)


def test_keys_open_with_the_capability_to_see_certification_items(cast: Cast, as_staff: Browser) -> None:
    attempt = submitted(cast, cast.learner, right=0)
    services.grant_role(cast.staff.person_id, Role.AUTHOR, by=None, now=LONG_AGO)

    page = as_staff.get(f"/staff/results/attempts/{attempt.token}").text

    assert page.count("Key:") == 4
    assert all(place.document.stem_html in page for place in queries.sitting(attempt).places)


def test_an_attempt_under_way_tells_neither_right_nor_wrong(cast: Cast, as_staff: Browser) -> None:
    attempt = sit(cast, cast.learner)
    answer(attempt, 1)

    page = as_staff.get(f"/staff/results/attempts/{attempt.token}").text

    assert (page.count('word">Right<'), page.count('word">Wrong<')) == (0, 0)
    assert "There is no score yet." in page


def test_a_hostile_name_is_shown_as_text(cast: Cast, as_staff: Browser) -> None:
    attempt = submitted(cast, cast.learner)
    from lms.accounts.models import Person

    db.session.get_one(Person, cast.learner.person_id).name = "<script>alert(1)</script>"

    pages = [as_staff.get("/staff/results/judges-exam"), as_staff.get(f"/staff/results/attempts/{attempt.token}")]

    assert not any("<script>alert" in page.text for page in pages)


def test_the_page_of_one_reader_holds_nothing_of_another(
    cast: Cast, as_staff: Browser, as_staff2: Browser, as_staff_of_judges: Browser
) -> None:
    """All of them come to the same exam with the same choices, so that they share what is drawn of it."""
    submitted(cast, cast.staff)
    submitted(cast, cast.learner)
    readers = {cast.staff.name: as_staff, cast.staff2.name: as_staff2, cast.stranger.name: as_staff_of_judges}

    pages = {name: browser.get("/staff/results/judges-exam").text for name, browser in readers.items()}

    named = {name: f"My account: {name}" for name in pages}
    for reader, page in pages.items():
        assert [name for name, words in named.items() if words in page] == [reader]
        assert (f">{cast.staff.name}</a>" in page) is (reader != cast.staff.name)
        assert f">{cast.learner.name}</a>" in page


def test_filters_that_were_chosen_stay_chosen_and_reach_the_file(cast: Cast, as_staff: Browser) -> None:
    submitted(cast, cast.learner)

    plain = as_staff.get("/staff/results/judges-exam").text
    narrowed = as_staff.get("/staff/results/judges-exam?passed=yes&form=a").text
    nobody = as_staff.get("/staff/results/judges-exam?passed=no&form=a").text

    assert ('value="yes" selected' in plain, 'value="yes" selected' in narrowed) == (False, True)
    assert "passed=yes&amp;form=a&amp;format=csv" in narrowed
    assert ("Lena" in narrowed, "Lena" in nobody, "No attempt" in nobody) == (True, False, True)


def test_the_list_costs_the_same_with_few_attempts_and_with_many(app: Flask, cast: Cast, as_staff: Browser) -> None:
    sat_by_many(cast, 3)
    as_staff.get("/staff/results/judges-exam")
    as_staff.get("/staff/results")
    with statements(app) as few:
        as_staff.get("/staff/results/judges-exam")
        as_staff.get("/staff/results")
    sat_by_many(cast, 22)
    with statements(app) as many:
        as_staff.get("/staff/results/judges-exam")
        as_staff.get("/staff/results")

    assert len(many) == len(few)
