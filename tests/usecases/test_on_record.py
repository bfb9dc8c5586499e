"""Every change of state that is committed is on record, exactly once: each use case is told as a story and looked at."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from lms import usecases
from lms.accounts import services as accounts
from lms.accounts.models import Account, Claim, ClaimStatus, MailPurpose
from lms.assessment.models import Attempt
from lms.catalog.queries import enrollment_of
from lms.content import queries as content
from lms.content.documents import LessonView
from lms.foundation.database import Base, db
from lms.live.models import ClassFormat, Mark, Offering
from lms.live.services import Meeting
from lms.pathway.queries import LessonDoor, lesson_door
from lms.usecases import (
    activating,
    attending,
    booking,
    claiming,
    enrolling,
    offering,
    publishing,
    registering,
    starting,
    studying,
    submitting,
)
from lms.usecases.offering import Changes, NewClass
from tests.support import amounts, campus, classes, sittings, stores
from tests.support.cast import ZONE, Cast, Member
from tests.support.moments import DAY, HOUR, MINUTE, NOON, TODAY
from tests.support.on_record import FOLLOWS, JOURNALS, LAW, watching
from tests.support.studying import enrolled, pass_quiz, read

Act = Callable[[], object]
Story = Callable[[Cast, Path], Act]
STORIES: dict[str, Story] = {}


@pytest.fixture(scope="session", params=stores.ENGINES if amounts.WHOLE else (stores.SQLITE,))
def engine_kind(request: pytest.FixtureRequest) -> str:
    """The fast run tells the stories on SQLite alone."""
    return str(request.param)


def story(name: str) -> Callable[[Story], Story]:
    """One way of a use case: what is arranged before, and what is done while we look."""

    def keep(told: Story) -> Story:
        STORIES[name] = told
        return told

    return keep


# ---- accounts


def account_of(member: Member) -> Account:
    return db.session.get_one(Account, member.account_id)


def session_of(member: Member) -> int:
    return accounts.open_session(account_of(member), device="Browser", now=NOON)[1].id


@story("registering.sign_up")
def _(cast: Cast, tmp: Path) -> Act:
    return lambda: registering.sign_up("Nora New", "nora@example.org", "-", zone=ZONE, now=NOON)


@story("registering.sign_up with a known address")
def _(cast: Cast, tmp: Path) -> Act:
    return lambda: registering.sign_up("Nora New", cast.learner.email, "-", zone=ZONE, now=NOON)


@story("registering.resend_verification")
def _(cast: Cast, tmp: Path) -> Act:
    account_of(cast.learner).verified_at = None
    return lambda: registering.resend_verification(account_of(cast.learner), now=NOON)


@story("registering.verify_address")
def _(cast: Cast, tmp: Path) -> Act:
    account_of(cast.learner).verified_at = None
    secret = accounts.mail_token(account_of(cast.learner), MailPurpose.VERIFY_ADDRESS, now=NOON)
    return lambda: registering.verify_address(secret, now=NOON)


@story("registering.request_reset")
def _(cast: Cast, tmp: Path) -> Act:
    return lambda: registering.request_reset(cast.learner.email, now=NOON)


@story("registering.reset_password")
def _(cast: Cast, tmp: Path) -> Act:
    account_of(cast.learner).verified_at = None
    session_of(cast.learner)
    secret = accounts.mail_token(account_of(cast.learner), MailPurpose.RESET_PASSWORD, now=NOON)
    return lambda: registering.reset_password(secret, "another", now=NOON)


@story("registering.change_password")
def _(cast: Cast, tmp: Path) -> Act:
    kept, _ended = session_of(cast.learner), session_of(cast.learner)
    return lambda: registering.change_password(account_of(cast.learner), "another", keep_session=kept, now=NOON)


@story("registering.sign_in")
def _(cast: Cast, tmp: Path) -> Act:
    return lambda: registering.sign_in(
        account_of(cast.learner), device="Browser", address="192.0.2.7", user_agent="", now=NOON
    )


@story("registering.end_session")
def _(cast: Cast, tmp: Path) -> Act:
    ending = session_of(cast.learner)
    return lambda: registering.end_session(ending, by=cast.learner.person_id, now=NOON)


@story("registering.end_session a second time")
def _(cast: Cast, tmp: Path) -> Act:
    ending = session_of(cast.learner)
    accounts.end_session(ending, now=NOON)
    return lambda: registering.end_session(ending, by=cast.learner.person_id, now=NOON)


@story("registering.end_other_sessions")
def _(cast: Cast, tmp: Path) -> Act:
    kept, *_ended = (session_of(cast.learner) for _browser in range(3))
    member = cast.learner
    return lambda: registering.end_other_sessions(member.account_id, but=kept, by=member.person_id, now=NOON)


@story("registering.end_other_sessions where there are none")
def _(cast: Cast, tmp: Path) -> Act:
    kept, member = session_of(cast.learner), cast.learner
    return lambda: registering.end_other_sessions(member.account_id, but=kept, by=member.person_id, now=NOON)


@story("registering.change_profile")
def _(cast: Cast, tmp: Path) -> Act:
    return lambda: registering.change_profile(cast.learner.person_id, name="Lena Berg", zone=ZONE, now=NOON)


@story("registering.change_profile to what it was")
def _(cast: Cast, tmp: Path) -> Act:
    member = cast.learner
    return lambda: registering.change_profile(member.person_id, name=member.name, zone=member.zone, now=NOON)


# ---- claims


def claim(member: Member, kind: str = "membership", value: str = "4417") -> Claim:
    return claiming.claim(member.person_id, kind, "", value, None, TODAY, "", now=NOON)


@story("claiming.claim")
def _(cast: Cast, tmp: Path) -> Act:
    return lambda: claim(cast.learner)


@story("claiming.claim what nobody verifies, again")
def _(cast: Cast, tmp: Path) -> Act:
    claiming.claim(cast.learner.person_id, "birth_date", "", "1990-05-17", None, None, "", now=NOON)
    return lambda: claiming.claim(cast.learner.person_id, "birth_date", "", "1990-05-18", None, None, "", now=NOON)


@story("claiming.decide")
def _(cast: Cast, tmp: Path) -> Act:
    made = claim(cast.learner)
    return lambda: claiming.decide(made, cast.staff.viewer(), ClaimStatus.APPROVED, "", now=NOON)


@story("claiming.decide a second time")
def _(cast: Cast, tmp: Path) -> Act:
    made = claim(cast.learner)
    claiming.decide(made, cast.staff.viewer(), ClaimStatus.NEEDS_MORE, "More", now=NOON)
    return lambda: claiming.claim(cast.learner.person_id, "membership", "", "4418", None, TODAY, "", now=NOON)


@story("claiming.decide_again")
def _(cast: Cast, tmp: Path) -> Act:
    made = claim(cast.learner)
    claiming.decide(made, cast.staff.viewer(), ClaimStatus.APPROVED, "", now=NOON)
    again = partial(claiming.decide_again, made, cast.staff.viewer(), ClaimStatus.REJECTED)
    return lambda: again("Another's card", instead_of=1, now=NOON)


@story("claiming.restore")
def _(cast: Cast, tmp: Path) -> Act:
    made = claim(cast.learner)
    claiming.withdraw(made, cast.learner.person_id, now=NOON)
    return lambda: claiming.restore(made, cast.learner.person_id, now=NOON)


@story("claiming.withdraw")
def _(cast: Cast, tmp: Path) -> Act:
    made = claim(cast.learner)
    return lambda: claiming.withdraw(made, cast.learner.person_id, now=NOON)


# ---- enrollments and study


@story("enrolling.enrol")
def _(cast: Cast, tmp: Path) -> Act:
    return lambda: enrolling.enrol(cast.learner.person_id, "starter", track="", now=NOON)


@story("enrolling.enrol in what was done before, which is credited")
def _(cast: Cast, tmp: Path) -> Act:
    starter = enrolled(cast.learner)
    finish(starter.person_id)
    for kind, value in (("birth_date", "1990-05-17"), ("membership", "4417")):
        last = TODAY + 400 * DAY if kind == "membership" else None
        made = claiming.claim(starter.person_id, kind, "", value, None, last, "", now=NOON)
        if made.status is ClaimStatus.SUBMITTED:
            claiming.decide(made, cast.staff.viewer(), ClaimStatus.APPROVED, "", now=NOON)
    return lambda: enrolling.enrol(starter.person_id, "coach", track="", now=NOON)


def finish(person_id: int) -> None:
    """The starter's lessons and quizzes, up to its certificate."""
    starter = enrollment_of(person_id, "starter")
    assert starter is not None
    read(starter, "warm-up-order", "warm-up-time", "clear-sector")
    for module in ("warming-up", "throwing-safely"):
        pass_quiz(starter, module)


@story("enrolling.withdraw")
def _(cast: Cast, tmp: Path) -> Act:
    enrolled(cast.learner, "workshop")
    booking.book(cast.learner.person_id, classes.announce(cast.instructor).token, now=NOON)
    return lambda: enrolling.withdraw(cast.learner.person_id, "workshop", now=NOON)


def opened(member: Member) -> tuple[LessonDoor, LessonView]:
    """A lesson of the starter, with its checks answered."""
    enrolled(member)
    door = lesson_door(member.person_id, "starter", "warming-up", "warm-up-order")
    assert door is not None
    assert door.lesson_revision_id is not None
    lesson = content.lesson_of_revision(door.lesson_revision_id)
    for item_id, right in (("order-first", "o2"), ("order-jog-before-drills", "o1")):
        studying.answer_check(member.person_id, door, lesson, item_id, [right], now=NOON)
    return door, lesson


@story("studying.answer_check")
def _(cast: Cast, tmp: Path) -> Act:
    door, lesson = opened(cast.learner)
    return lambda: studying.answer_check(cast.learner.person_id, door, lesson, "order-first", ["o1"], now=NOON)


@story("studying.complete_lesson")
def _(cast: Cast, tmp: Path) -> Act:
    door, lesson = opened(cast.learner)
    return lambda: studying.complete_lesson(cast.learner.person_id, door, lesson, now=NOON)


@story("studying.complete_lesson a second time")
def _(cast: Cast, tmp: Path) -> Act:
    door, lesson = opened(cast.learner)
    studying.complete_lesson(cast.learner.person_id, door, lesson, now=NOON)
    return lambda: studying.complete_lesson(cast.learner.person_id, door, lesson, now=NOON + HOUR)


# ---- sittings


@story("activating.activate")
def _(cast: Cast, tmp: Path) -> Act:
    return lambda: activating.activate(
        cast.staff.viewer(), "judges-exam", "a", reviewed_by=cast.staff2.person_id, now=NOON
    )


@story("activating.activate a second time")
def _(cast: Cast, tmp: Path) -> Act:
    sittings.open_forms(cast, "judges-exam")
    return lambda: activating.activate(
        cast.staff.viewer(), "judges-exam", "a", reviewed_by=cast.staff2.person_id, now=NOON
    )


@story("activating.withdraw")
def _(cast: Cast, tmp: Path) -> Act:
    sittings.open_forms(cast, "judges-exam")
    return lambda: activating.withdraw(cast.staff.viewer(), "judges-exam", "a", now=NOON)


@story("activating.activate again what was withdrawn")
def _(cast: Cast, tmp: Path) -> Act:
    sittings.open_forms(cast, "judges-exam")
    activating.withdraw(cast.staff.viewer(), "judges-exam", "a", now=NOON)
    return lambda: activating.activate(
        cast.staff.viewer(), "judges-exam", "a", reviewed_by=cast.staff2.person_id, now=NOON
    )


@story("starting.start")
def _(cast: Cast, tmp: Path) -> Act:
    sittings.enrol(cast.learner, "judge")
    sittings.open_forms(cast, "judges-exam")
    return lambda: starting.start(cast.learner.person_id, "judge", "judges-exam", now=NOON)


@story("starting.start a second time")
def _(cast: Cast, tmp: Path) -> Act:
    sittings.sit(cast, cast.learner)
    return lambda: starting.start(cast.learner.person_id, "judge", "judges-exam", now=NOON)


@story("submitting.submit what is passed, with its certificate")
def _(cast: Cast, tmp: Path) -> Act:
    attempt = sittings.sit(cast, cast.learner)
    sittings.answer_all(attempt)
    return lambda: submitting.submit(attempt, now=NOON + MINUTE)


@story("submitting.submit")
def _(cast: Cast, tmp: Path) -> Act:
    attempt = sittings.sit(cast, cast.learner, program="official", exam="officials-exam")
    return lambda: submitting.submit(attempt, now=NOON + MINUTE)


@story("submitting.submit a second time")
def _(cast: Cast, tmp: Path) -> Act:
    attempt = sittings.sit(cast, cast.learner)
    submitting.submit(attempt, now=NOON + MINUTE)
    return lambda: submitting.submit(attempt, now=NOON + 2 * MINUTE)


@story("submitting.release")
def _(cast: Cast, tmp: Path) -> Act:
    attempt = waiting(cast)
    return lambda: submitting.release(attempt, cast.staff.viewer(), now=NOON + HOUR)


@story("submitting.release a second time")
def _(cast: Cast, tmp: Path) -> Act:
    attempt = waiting(cast)
    submitting.release(attempt, cast.staff.viewer(), now=NOON + HOUR)
    return lambda: submitting.release(attempt, cast.staff2.viewer(), now=NOON + 2 * HOUR)


def waiting(cast: Cast) -> Attempt:
    """An attempt with all right, whose result the staff have not released."""
    attempt = sittings.sit(cast, cast.learner, program="official", exam="officials-exam")
    sittings.answer_all(attempt)
    submitting.submit(attempt, now=NOON + MINUTE)
    return attempt


@story("submitting.close_overdue")
def _(cast: Cast, tmp: Path) -> Act:
    for member in (cast.learner, cast.stranger):
        sittings.sit(cast, member)
    return lambda: submitting.close_overdue(NOON + HOUR)


# ---- classes


NEW = NewClass(
    classes.WORKSHOP_CLASS,
    "A class",
    ClassFormat.ZOOM,
    ZONE,
    capacity=4,
    minimum=1,
    meetings=[Meeting("Part 1", NOON + DAY, NOON + DAY + timedelta(hours=2))],
    join_link=classes.LINK,
)


@story("offering.create")
def _(cast: Cast, tmp: Path) -> Act:
    return lambda: offering.create(cast.staff.viewer(), NEW, now=NOON)


@story("offering.open_booking")
def _(cast: Cast, tmp: Path) -> Act:
    drafted = offering.create(cast.staff.viewer(), replace(NEW, instructor_ids=[cast.instructor.person_id]), now=NOON)
    return lambda: offering.open_booking(cast.staff.viewer(), drafted, now=NOON)


@story("offering.close_booking")
def _(cast: Cast, tmp: Path) -> Act:
    announced = classes.announce(cast.instructor)
    return lambda: offering.close_booking(cast.staff.viewer(), announced, now=NOON)


@story("offering.change")
def _(cast: Cast, tmp: Path) -> Act:
    drafted = offering.create(cast.staff.viewer(), NEW, now=NOON)
    anew = replace(NEW, meetings=[*NEW.meetings, Meeting("Part 2", NOON + 2 * DAY, NOON + 2 * DAY + HOUR)])
    to = Changes("Another name", 6, 2, "", classes.LINK, [cast.instructor.person_id], anew)
    return lambda: offering.change(cast.staff.viewer(), drafted, to, now=NOON)


@story("offering.change where nothing is another")
def _(cast: Cast, tmp: Path) -> Act:
    drafted = offering.create(cast.staff.viewer(), NEW, now=NOON)
    to = Changes(NEW.title, NEW.capacity, NEW.minimum, NEW.place, NEW.join_link, [], NEW)
    return lambda: offering.change(cast.staff.viewer(), drafted, to, now=NOON)


@story("offering.cancel")
def _(cast: Cast, tmp: Path) -> Act:
    announced = classes.announce(cast.instructor)
    for member in (cast.learner, cast.stranger):
        enrolled(member, "workshop")
        booking.book(member.person_id, announced.token, now=NOON)
    return lambda: offering.cancel(cast.staff.viewer(), announced, "Storm", now=NOON)


@story("booking.book")
def _(cast: Cast, tmp: Path) -> Act:
    announced = classes.announce(cast.instructor)
    enrolled(cast.learner, "workshop")
    return lambda: booking.book(cast.learner.person_id, announced.token, now=NOON)


@story("booking.book a second time")
def _(cast: Cast, tmp: Path) -> Act:
    announced = booked(cast, starts_in=30)
    return lambda: booking.book(cast.learner.person_id, announced.token, now=NOON)


@story("booking.cancel")
def _(cast: Cast, tmp: Path) -> Act:
    announced = booked(cast, starts_in=30)
    return lambda: booking.cancel(cast.learner.person_id, announced.token, now=NOON)


@story("booking.book again what was given back")
def _(cast: Cast, tmp: Path) -> Act:
    announced = booked(cast, starts_in=30)
    booking.cancel(cast.learner.person_id, announced.token, now=NOON)
    return lambda: booking.book(cast.learner.person_id, announced.token, now=NOON)


def booked(cast: Cast, *, starts_in: int, sessions: int = 1) -> Offering:
    """A class in which the learner has a seat; it begins in so many days."""
    announced = classes.announce(cast.instructor, starts_at=NOON + starts_in * DAY, sessions=sessions)
    enrolled(cast.learner, "workshop")
    booking.book(cast.learner.person_id, announced.token, now=NOON - DAY)
    return announced


@story("attending.mark, which completes the program")
def _(cast: Cast, tmp: Path) -> Act:
    announced = booked(cast, starts_in=0)
    token = classes.seat_of(cast.learner, announced).token
    return lambda: attending.mark(
        cast.instructor.viewer(), announced.token, token, 1, Mark.PRESENT, "", now=NOON + MINUTE
    )


@story("attending.mark_session, the first of two")
def _(cast: Cast, tmp: Path) -> Act:
    announced = booked(cast, starts_in=0, sessions=2)
    seen = {classes.seat_of(cast.learner, announced).token: attending.Seen(Mark.PRESENT)}
    return lambda: attending.mark_session(cast.instructor.viewer(), announced.token, 1, seen, now=NOON + MINUTE)


@story("attending.mark anew")
def _(cast: Cast, tmp: Path) -> Act:
    announced = booked(cast, starts_in=0, sessions=2)
    token = classes.seat_of(cast.learner, announced).token
    attending.mark(cast.instructor.viewer(), announced.token, token, 1, Mark.PRESENT, "", now=NOON + MINUTE)
    return lambda: attending.mark(
        cast.instructor.viewer(), announced.token, token, 1, Mark.ABSENT, "", now=NOON + 2 * MINUTE
    )


# ---- content


@story("publishing.publish_tree")
def _(cast: Cast, tmp: Path) -> Act:
    shutil.copytree(campus.TREE, tmp / "tree")
    lesson = tmp / "tree/modules/basics/warming-up/10-warm-up-order.md"
    lesson.write_text(lesson.read_text().replace("**easy**", "*easy*"))
    base_id = publishing.head_or_none()
    return lambda: publishing.publish_tree(
        tmp / "tree", message="One word", base_id=base_id, by=cast.author.viewer(), now=lambda: NOON
    )


# ---- told and looked at


SILENT = {
    "advancing.advance",  # the end of the others, and told with them; by itself it credits, completes and issues
    "advancing.credited",
    "advancing.complete",
    "advancing.issue",
    "publishing.publish",  # through publish_tree
    "registering.ask_for_reset",  # puts a request on the queue, so that the page does the same for every address
    "registering.answer_sign_up",  # mails a link; signing up is on record
    "rendering.store",  # a file that can be made again
    "sealing.keep_record",  # the trail itself
    "sealing.tell_head",
    "starting.prospect",  # reads
    "starting.prospect_after",
}


def use_cases() -> Iterator[str]:
    """All that is told a moment, and so may change something."""
    for found in pkgutil.iter_modules(usecases.__path__):
        module = importlib.import_module(f"{usecases.__name__}.{found.name}")
        for name, use_case in inspect.getmembers(module, inspect.isfunction):
            own = use_case.__module__ == module.__name__ and not name.startswith("_")
            if own and "now" in inspect.signature(use_case).parameters:
                yield f"{found.name}.{name}"


def test_there_is_a_story_of_every_use_case() -> None:
    told = {name.replace(",", "").split()[0] for name in STORIES}

    assert told | SILENT == set(use_cases())
    assert not told & SILENT


def test_the_law_speaks_of_every_table() -> None:
    assert set(LAW) | JOURNALS | FOLLOWS == set(Base.metadata.tables)
    assert not set(LAW) & (JOURNALS | FOLLOWS)


@pytest.mark.parametrize("name", STORIES)
def test_what_a_use_case_changes_is_on_record_once(app: Flask, cast: Cast, tmp_path: Path, name: str) -> None:
    act = STORIES[name](cast, tmp_path)
    db.session.commit()

    with watching(app) as watch:
        act()
        db.session.commit()

    assert watch.wrong == []
    assert watch.looked


def test_a_change_that_is_not_on_record_is_found(app: Flask, cast: Cast) -> None:
    with watching(app) as watch:
        accounts.create_person("Nobody", zone=ZONE, now=NOON)
        db.session.commit()

    assert len(watch.wrong) == 1
