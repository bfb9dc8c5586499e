"""A campus whose questions and scores carry canaries, and learners in every state of a sitting."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from lms.accounts import services as accounts
from lms.accounts.models import Person, Role
from lms.assessment import queries, services
from lms.assessment.models import Attempt, Score
from lms.assessment.queries import Place
from lms.assessment.services import Save
from lms.catalog.models import Enrollment
from lms.catalog.queries import enrollment_of
from lms.content import queries as content
from lms.credentials.models import Certificate
from lms.foundation.database import db
from lms.pathway.queries import lesson_door
from lms.usecases import starting, studying, submitting
from tests.support import sittings
from tests.support.canaries import Canary, Flock, Part, Source
from tests.support.cast import ZONE, Cast, Member
from tests.support.moments import DAY, HOUR, LONG_AGO, MINUTE, NOON
from tests.support.studying import enrolled, read

BY_STAFF, AT_ONCE, QUIZ = ("official", "officials-exam"), ("judge", "judges-exam"), ("starter", "warming-up-quiz")
PROGRAMS = ("starter", "judge", "official")
LESSON, CHECK = ("warming-up", "warm-up-order"), "order-first"
LESSONS = ("warm-up-order", "warm-up-time", "clear-sector")
SCALED = {True: Decimal("0.937"), False: Decimal("0.417")}


@dataclass
class Sitter:
    """A learner in one state, with what they may know of all that is hidden."""

    label: str
    member: Member
    person_token: str
    attempts: list[str] = field(default_factory=list)
    knows: set[Canary] = field(default_factory=set)


@dataclass(frozen=True)
class CanaryCampus:
    """Who there is, and every canary."""

    flock: Flock
    cast: Cast
    sitters: dict[str, Sitter]
    certificates: tuple[str, ...]


def populate(cast: Cast, flock: Flock, labels: Collection[str]) -> CanaryCampus:
    """One learner for each state, made by the product's own use cases. Commits."""
    for exam in (BY_STAFF[1], AT_ONCE[1]):
        sittings.open_forms(cast, exam)
    sitters = {label: _sitter(label, STATES[label], cast, flock) for label in labels}
    codes = tuple(db.session.scalars(select(Certificate.code)))
    db.session.commit()
    return CanaryCampus(flock, cast, sitters, codes)


def _sitter(label: str, state: Callable[[_Sitting], None], cast: Cast, flock: Flock) -> Sitter:
    person = accounts.create_person(f"Sitter {label.title()}", zone=ZONE, now=LONG_AGO)
    account = accounts.create_account(person, f"{label}@example.org", "-", now=LONG_AGO)
    account.verified_at = LONG_AGO
    db.session.flush()
    member = Member(person.id, account.id, person.name, account.email, ZONE)
    sitter = Sitter(label, member, db.session.get_one(Person, person.id).token)
    for program in PROGRAMS:
        enrolled(member, program)
    _know_checks(sitter, flock)
    state(_Sitting(sitter, cast, flock))
    db.session.commit()
    return sitter


def _know_checks(sitter: Sitter, flock: Flock) -> None:
    """Who is enrolled reads the lessons, with the stems and options of their checks."""
    asked = (Part.STEM, Part.OPTION)
    sitter.knows |= {one for one in flock.all.values() if one.source is Source.CHECK and one.part in asked}


@dataclass
class _Sitting:
    """Sits exams for one learner, and notes what they come to know by it."""

    sitter: Sitter
    cast: Cast
    flock: Flock

    def start(self, which: tuple[str, str], *, now: datetime) -> Attempt:
        attempt = starting.start(self.sitter.member.person_id, *which, now=now)
        self.sitter.attempts.append(attempt.token)
        db.session.commit()
        return attempt

    def answer(self, attempt: Attempt, *, right: bool, now: datetime) -> None:
        for place in queries.sitting(attempt).places:
            save = Save(place.position, 1, values_of(place, right=right))
            services.save_answer(attempt.person_id, attempt.token, save, now=now)
        db.session.commit()

    def submit(self, attempt: Attempt, *, now: datetime) -> None:
        """Hand in; then put numbers that stand nowhere else in the place of the points."""
        submitting.submit(attempt, now=now)
        db.session.flush()
        mark_with_canaries(attempt, self.flock)
        db.session.commit()

    def release(self, attempt: Attempt, *, now: datetime) -> None:
        staff = replace(self.cast.staff, roles=(Role.STAFF,))
        submitting.release(attempt, staff.viewer(), now=now)
        db.session.commit()

    def sees_questions(self, attempt: Attempt) -> None:
        """While it is open: the stems and options of its items."""
        self._knows(attempt, {Part.STEM, Part.OPTION})

    def sees_score(self, attempt: Attempt) -> None:
        self.sitter.knows |= {one for one in self.flock.all.values() if one.owner == f"attempt {attempt.id}"}

    def sees_review(self, attempt: Attempt) -> None:
        """What is told of a quiz afterwards: stems, the chosen options with their feedback, explanations; never keys."""
        self._knows(attempt, {Part.STEM, Part.EXPLANATION})
        for place in queries.sitting(attempt).places:
            chosen = set(place.response.get("options", ()))
            self.sitter.knows |= {
                one for one in self.flock.all.values() if one.owner == place.document.id and one.option in chosen
            }

    def _knows(self, attempt: Attempt, parts: set[Part]) -> None:
        shown = {place.document.id for place in queries.sitting(attempt).places}
        self.sitter.knows |= {one for one in self.flock.all.values() if one.owner in shown and one.part in parts}


def values_of(place: Place, *, right: bool) -> list[str]:
    """As a page would send it. A number is right by a unit beside the key, so that nobody types a canary."""
    item = place.document.item
    if item.key is None:
        return sittings.values_of(place, right=right)
    return [str(int(item.key.to_json()["answer"]) + 1) if right else "12"]


def mark_with_canaries(attempt: Attempt, flock: Flock) -> None:
    owner = f"attempt {attempt.id}"
    score = queries.score_of(attempt.id)
    assert score is not None

    def number() -> int:
        return flock.number(Part.SCORE, Source.SCORE, owner)

    def numbers(line: Mapping[str, Any]) -> dict[str, Any]:
        return {**line, "right": number(), "asked": number()}

    profile = [{**numbers(area), "objectives": [numbers(one) for one in area["objectives"]]} for area in score.profile]
    changed = {"raw": number(), "maximum": number(), "scaled": SCALED[score.passed], "profile": profile}
    db.session.execute(update(Score).where(Score.id == score.id).values(changed))
    db.session.expire_all()


# ---- the states


def _never(_sitting: _Sitting) -> None:
    """Enrolled, and nothing begun."""


def _open(sitting: _Sitting) -> None:
    for which in (BY_STAFF, AT_ONCE, QUIZ):
        attempt = sitting.start(which, now=NOON) if which is not QUIZ else _quiz(sitting)
        sitting.sees_questions(attempt)
        place = queries.sitting(attempt).places[0]
        services.save_answer(attempt.person_id, attempt.token, Save(1, 1, values_of(place, right=True)), now=NOON)


def _waiting(sitting: _Sitting, *, right: bool) -> Attempt:
    attempt = sitting.start(BY_STAFF, now=NOON - DAY)
    sitting.answer(attempt, right=right, now=NOON - DAY)
    sitting.submit(attempt, now=NOON - DAY + 20 * MINUTE)
    return attempt


def _waiting_right(sitting: _Sitting) -> None:
    _waiting(sitting, right=True)


def _waiting_wrong(sitting: _Sitting) -> None:
    _waiting(sitting, right=False)


def _told(sitting: _Sitting, *, right: bool) -> None:
    """Released by the staff, released at once, and a quiz; with a check of a lesson tried."""
    by_staff = _waiting(sitting, right=right)
    sitting.release(by_staff, now=NOON - HOUR)
    at_once = sitting.start(AT_ONCE, now=NOON - DAY)
    quiz = _quiz(sitting, now=NOON - DAY)
    for attempt in (at_once, quiz):
        sitting.answer(attempt, right=right, now=NOON - DAY)
        sitting.submit(attempt, now=NOON - DAY + 20 * MINUTE)
    for attempt in (by_staff, at_once, quiz):
        sitting.sees_score(attempt)
    sitting.sees_review(quiz)
    _try_check(sitting, "o2" if right else "o1")


def _passed(sitting: _Sitting) -> None:
    _told(sitting, right=True)


def _failed(sitting: _Sitting) -> None:
    _told(sitting, right=False)


def _over(sitting: _Sitting) -> None:
    """The time is over; nobody has closed it yet."""
    for which in (BY_STAFF, AT_ONCE):
        sitting.answer(sitting.start(which, now=NOON - HOUR), right=True, now=NOON - HOUR + MINUTE)


def _expired(sitting: _Sitting) -> None:
    """Closed by the sweep: the one told at once, the other waiting for the staff."""
    for which in (BY_STAFF, AT_ONCE):
        attempt = sitting.start(which, now=NOON - DAY)
        sitting.answer(attempt, right=True, now=NOON - DAY + MINUTE)
        sitting.submit(attempt, now=NOON - HOUR)
        if which is AT_ONCE:
            sitting.sees_score(attempt)


def _quiz(sitting: _Sitting, *, now: datetime = NOON) -> Attempt:
    read(_enrollment(sitting.sitter.member), *LESSONS, now=now - MINUTE)
    return sitting.start(QUIZ, now=now)


def _enrollment(member: Member) -> Enrollment:
    found = enrollment_of(member.person_id, QUIZ[0])
    assert found is not None
    return found


def _try_check(sitting: _Sitting, option: str) -> None:
    """Afterwards the page tells what the author says to this option, and why it is right if it is."""
    member = sitting.sitter.member
    door = lesson_door(member.person_id, QUIZ[0], *LESSON)
    assert door is not None
    assert door.lesson_revision_id is not None
    lesson = content.lesson_of_revision(door.lesson_revision_id)
    tried = studying.answer_check(member.person_id, door, lesson, CHECK, [option], now=NOON)
    explains = {Part.EXPLANATION} if tried.answer.right else set()
    sitting.sitter.knows |= {
        one
        for one in sitting.flock.all.values()
        if one.owner == CHECK and (one.part in explains or one.option == option)
    }
    db.session.commit()


STATES: dict[str, Callable[[_Sitting], None]] = {
    "never": _never,
    "open": _open,
    "waiting-right": _waiting_right,
    "waiting-wrong": _waiting_wrong,
    "passed": _passed,
    "failed": _failed,
    "over": _over,
    "expired": _expired,
}
