"""Sittings for tests: enrolled learners, opened forms and answers that are right or wrong."""

from __future__ import annotations

from datetime import datetime

from lms.assessment import queries, services
from lms.assessment.models import Attempt
from lms.assessment.queries import Place
from lms.assessment.rules.journal import Receipt
from lms.assessment.services import Save
from lms.catalog.models import Enrollment
from lms.content import queries as content
from lms.foundation.database import db
from lms.items import Item, type_named
from lms.usecases import enrolling, starting
from tests.support.cast import Cast, Member
from tests.support.moments import LONG_AGO, NOON


def enrol(member: Member, program_id: str, *, now: datetime = LONG_AGO) -> Enrollment:
    return enrolling.enrol(member.person_id, program_id, track="", now=now)


def open_forms(cast: Cast, exam_id: str, *forms: str) -> None:
    """Let a second person open forms of an exam; all of them where none is named."""
    exam = content.exam(content.current_release_id(), exam_id)
    assert exam is not None
    for form in forms or tuple(exam.forms):
        services.activate_form(exam, form, reviewed_by=cast.staff.person_id, by=cast.staff2.person_id, now=LONG_AGO)
    db.session.flush()


def sit(
    cast: Cast, member: Member, *, program: str = "judge", exam: str = "judges-exam", now: datetime = NOON
) -> Attempt:
    """A sitting under way: enrolled, forms open, started."""
    enrol(member, program)
    open_forms(cast, exam)
    attempt = starting.start(member.person_id, program, exam, now=now)
    db.session.commit()
    return attempt


def values_of(place: Place, *, right: bool) -> list[str]:
    """What the fields of a page hold when this item is answered rightly, or wrongly."""
    item = place.document.item
    if not type_named(item.type).takes_options:
        return [_typed(item) if right else "nothing of the kind"]
    chosen = {option.id for option in item.options if option.right is right}
    if not right and item.type != "multiple":
        chosen = set(list(chosen)[:1])
    return [str(index) for index, option_id in enumerate(place.order) if option_id in chosen]


def _typed(item: Item) -> str:
    assert item.key is not None
    key = item.key.to_json()
    return str(key["answer"] if "answer" in key else key["accept"][0])


def answer(attempt: Attempt, position: int, *, right: bool = True, sequence: int = 1, now: datetime = NOON) -> Receipt:
    place = queries.sitting(attempt).place(position)
    assert place is not None
    save = Save(position, sequence, values_of(place, right=right))
    receipt = services.save_answer(attempt.person_id, attempt.token, save, now=now)
    db.session.commit()
    return receipt


def answer_all(attempt: Attempt, *, right: int | None = None, now: datetime = NOON) -> None:
    """Answer every item: the first `right` of them rightly, all of them where no number is given."""
    places = queries.sitting(attempt).places
    for place in places:
        answer(attempt, place.position, right=right is None or place.position <= right, now=now)
