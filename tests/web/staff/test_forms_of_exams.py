"""Opening an exam's forms takes a second person."""

from __future__ import annotations

from sqlalchemy import select

from lms.accounts.models import Person
from lms.assessment.models import FormActivation
from lms.foundation.audit import AuditEntry
from lms.foundation.database import db
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.classes import told
from tests.support.sittings import open_forms

ADDRESS = "/staff/forms/judges-exam/a/activation"


def token_of(person_id: int) -> str:
    return db.session.get_one(Person, person_id).token


def activations() -> list[FormActivation]:
    return list(db.session.scalars(select(FormActivation).order_by(FormActivation.id)))


def test_forms_that_nobody_opened_wait(as_staff: Browser) -> None:
    page = as_staff.get("/staff/forms").text

    assert page.count(">Waits<") == 6


def test_opening_names_the_reviewer_and_who_opened_it(cast: Cast, as_staff: Browser) -> None:
    answer = as_staff.post_form(ADDRESS, {"reviewer": token_of(cast.author.person_id)})

    [activation] = activations()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/forms")
    assert (activation.reviewed_by, activation.activated_by) == (cast.author.person_id, cast.staff.person_id)
    page = as_staff.get("/staff/forms").text
    assert cast.author.name in page
    assert cast.staff.name in page
    assert db.session.scalars(select(AuditEntry.action)).all()[-1] == "activate"


def test_who_is_named_as_the_reviewer_is_told(cast: Cast, as_staff: Browser) -> None:
    as_staff.post_form(ADDRESS, {"reviewer": token_of(cast.author.person_id)})

    assert told(cast.author.person_id) == ["form_opened"]


def test_without_a_reviewer_nothing_opens(as_staff: Browser) -> None:
    answer = as_staff.post_form(ADDRESS, {"reviewer": ""})

    assert answer.status_code == 303
    assert "Nobody is named as the reviewer" in as_staff.get("/staff/forms").text
    assert activations() == []


def test_nobody_opens_what_they_reviewed(cast: Cast, as_staff: Browser) -> None:
    as_staff.post_form(ADDRESS, {"reviewer": token_of(cast.staff.person_id)})

    assert activations() == []


def test_only_who_may_see_certification_items_can_have_reviewed(cast: Cast, as_staff: Browser) -> None:
    as_staff.post_form(ADDRESS, {"reviewer": token_of(cast.learner.person_id)})

    assert activations() == []


def test_an_unknown_form_is_not_found(as_staff: Browser) -> None:
    addresses = ["/staff/forms/judges-exam/z/activation", "/staff/forms/no-exam/a/activation"]

    assert [as_staff.post_form(address, {}).status_code for address in addresses] == [404, 404]


def test_a_form_can_be_shut_again(cast: Cast, as_staff: Browser) -> None:
    open_forms(cast, "judges-exam", "a")

    as_staff.post_form("/staff/forms/judges-exam/a/withdrawal", {})

    assert all(activation.withdrawn_at is not None for activation in activations())
    page = as_staff.get("/staff/forms").text
    assert 'word">Shut<' in page
    assert "Changed since it was opened" not in page


def test_staff_of_one_program_open_its_forms_alone(cast: Cast, as_staff_of_judges: Browser) -> None:
    page = as_staff_of_judges.get("/staff/forms").text

    assert ("Judges" in page, "Coach exam" in page) == (True, False)
    assert as_staff_of_judges.post_form("/staff/forms/coach-exam/a/activation", {}).status_code == 404
