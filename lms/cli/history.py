"""Plays a demo's history through the product's own use cases, each at the time it is said to have happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from lms.accounts import services as accounts
from lms.accounts.models import Account, Claim, ClaimStatus, Person, Role
from lms.accounts.rules import Grant, Viewer
from lms.assessment.models import AnswerEntry, Attempt, AttemptItem, ClosedBy
from lms.assessment.services import activate_form
from lms.catalog.models import Enrollment
from lms.cli.history_source import Book, ClassSource, DemoSource, PersonSource, Sit, Step, Study, Way
from lms.content import queries as content
from lms.foundation import audit, outbox
from lms.foundation.database import db
from lms.items import Item, type_named
from lms.learning import services as learning
from lms.learning.rules import CompletionRule
from lms.live import services as live
from lms.live.models import ClassFormat, LiveSession, Offering, OfferingStatus, Teaching
from lms.live.services import Meeting
from lms.pathway.deciding import pinned_program
from lms.requirements import Part, Stage
from lms.usecases import advancing, attending, booking, claiming, enrolling, starting, submitting

NOON = time(12, 0)
EVENING = time(19, 30)
QUIZ_RIGHT = Decimal("0.9")


@dataclass
class Cast:
    """The people of the demo by e-mail, and its classes by key."""

    viewers: dict[str, Viewer] = field(default_factory=dict)
    classes: dict[str, Offering] = field(default_factory=dict)

    def deciding(self, but: str) -> Viewer:
        """Somebody of the staff, not the person themselves."""
        staff = [one for email, one in self.viewers.items() if email != but and one.can("decide_claims")]
        return staff[0]


def play(demo: DemoSource, password_hash: str, *, now: datetime, say: Callable[[str], None]) -> None:
    """Make the cast and let everything happen, in one transaction a person. Commits."""
    cast = Cast()
    for source in demo.people:
        cast.viewers[source.email] = enter(source, password_hash, now=now)
    db.session.commit()
    for activation in demo.activations:
        at = day_at(now, activation.on, NOON)
        exam = content.exam(content.current_release_id(), activation.exam)
        if exam is None:
            raise LookupError(f"There is no exam {activation.exam}.")
        by, reviewer = cast.viewers[activation.activated_by], cast.viewers[activation.reviewed_by]
        activate_form(exam, activation.form, reviewed_by=reviewer.person_id, by=by.person_id, now=at)
        audit.record("activate", "form", f"{exam.id}/{activation.form}", actor_id=by.person_id, at=at)
    for class_source in demo.classes:
        cast.classes[class_source.key] = announce(class_source, cast, now=now)
    db.session.commit()
    for number, source in enumerate(demo.people, start=1):
        state(source, cast, now=now)
        for way in source.programs:
            go(source, way, demo.steps_of(way), cast, now=now)
        db.session.commit()
        say(f"{number} of {len(demo.people)} people")
    close_past(now)
    db.session.commit()


# ---- people


def enter(source: PersonSource, password_hash: str, *, now: datetime) -> Viewer:
    at = day_at(now, source.joined, NOON)
    person = accounts.create_person(source.name, zone=source.zone, now=at)
    account = accounts.create_account(person, source.email, password_hash, now=at)
    account.verified_at = at
    for role in source.roles:
        accounts.grant_role(person.id, Role(role), by=None, now=at)
    grants = tuple(Grant(Role(role)) for role in source.roles)
    return viewer_of(person, account, grants, at)


def viewer_of(person: Person, account: Account, grants: tuple[Grant, ...], at: datetime) -> Viewer:
    return Viewer(person.id, account.id, 0, person.name, account.email, person.zone, person.locale, True, at, grants)


def state(source: PersonSource, cast: Cast, *, now: datetime) -> None:
    """What a person says about themselves, and what the staff made of it."""
    me, staff = cast.viewers[source.email], cast.deciding(source.email)
    joined = day_at(now, source.joined, NOON)
    if source.born:
        claiming.claim(me.person_id, "birth_date", "", source.born.isoformat(), None, None, "", now=joined)
    if source.membership:
        card = source.membership
        claim = claiming.claim(
            me.person_id, "membership", "", card.number, day(now, card.from_), day(now, card.until), "", now=joined
        )
        decide(claim, staff, card.verified, ClaimStatus.APPROVED, "", now=now)
        decide(claim, staff, card.needs_more, ClaimStatus.NEEDS_MORE, card.reason, now=now)
    for more in source.claims:
        claiming.claim(
            me.person_id,
            more.kind,
            more.subject,
            more.value.isoformat(),
            None,
            None,
            more.note,
            now=day_at(now, more.on, NOON),
        )


def decide(claim: Claim, staff: Viewer, on: int | None, outcome: ClaimStatus, note: str, *, now: datetime) -> None:
    if on is not None:
        claiming.decide(claim, staff, outcome, note, now=day_at(now, on, EVENING))


# ---- classes


def announce(source: ClassSource, cast: Cast, *, now: datetime) -> Offering:
    at = day_at(now, source.announced, NOON)
    offering = live.create_offering(
        source.stage,
        source.title,
        format=source.format,
        zone=source.zone,
        place=source.place,
        join_link="https://zoom.example.org/j/93410077" if source.format is ClassFormat.ZOOM else "",
        capacity=source.capacity,
        minimum=source.minimum,
        meetings=meetings_of(source, now),
        instructor_ids=[cast.viewers[email].person_id for email in source.instructors],
        now=at,
    )
    live.open_offering(offering)
    audit.record("open", "offering", offering.id, actor_id=None, at=at)
    return offering


def meetings_of(source: ClassSource, now: datetime) -> list[Meeting]:
    if source.under_way:
        began = (now - timedelta(minutes=source.under_way.since_minutes)).replace(second=0, microsecond=0)
        return [Meeting(source.under_way.title, began, began + timedelta(minutes=source.under_way.minutes))]
    zone = ZoneInfo(source.zone)
    return [
        Meeting(one.title, local(now, one.day, one.from_, zone), local(now, one.day, one.to, zone))
        for one in source.sessions
    ]


def class_today(demo: DemoSource, *, now: datetime) -> Offering | None:
    """Announce today's class anew where the one of an earlier day is over. Commits; None if one is under way."""
    wanted = next((source for source in demo.classes if source.under_way), None)
    if wanted is None:
        return None
    standing = db.session.scalars(
        select(Offering).where(
            Offering.stage_id == wanted.stage,
            Offering.status == OfferingStatus.OPEN,
            Offering.starts_at <= now,
            Offering.ends_at > now + timedelta(minutes=30),
        )
    ).first()
    if standing is not None:
        return None
    emails = db.session.execute(select(Account.email, Person, Account).join(Person, Person.id == Account.person_id))
    cast = Cast({email: viewer_of(person, account, (), now) for email, person, account in emails})
    offering = announce(wanted.model_copy(update={"announced": -1}), cast, now=now)
    db.session.commit()
    return offering


def close_past(now: datetime) -> None:
    """What is over was held; letters of the past were sent."""
    db.session.execute(
        update(Offering)
        .where(Offering.ends_at < now, Offering.status == OfferingStatus.OPEN)
        .values(status=OfferingStatus.HELD)
    )
    db.session.execute(
        update(outbox.OutboxRow)
        .where(outbox.OutboxRow.topic == "mail", outbox.OutboxRow.created_at < now - timedelta(hours=12))
        .values(delivered_at=outbox.OutboxRow.created_at, payload={})
    )


# ---- programs


def go(source: PersonSource, way: Way, steps: Sequence[Step], cast: Cast, *, now: datetime) -> None:
    """One person's way through one program."""
    me = cast.viewers[source.email]
    enrollment = enrolling.enrol(me.person_id, way.program, track="", now=day_at(now, way.enrolled, EVENING))
    for step in steps:
        begin = way.enrolled
        if isinstance(step, Study):
            study(me, enrollment, step, begin, now=now)
        elif isinstance(step, Book):
            attend(me, step, begin, cast, now=now)
        else:
            sit(me, enrollment, step, begin, now=now)


def study(me: Viewer, enrollment: Enrollment, step: Study, begin: int, *, now: datetime) -> None:
    stage = stage_of(enrollment, step.study)
    whole = len(stage.parts) if step.modules is None else step.modules
    parts = stage.parts[: whole + (1 if step.lessons else 0)]
    for index, part in enumerate(parts):
        on = begin + step.from_ + round((step.to - step.from_) * (index + 1) / len(parts))
        at = day_at(now, on, EVENING)
        lessons = part.lessons if index < whole else part.lessons[: step.lessons]
        for number, lesson_id in enumerate(lessons):
            read(me, enrollment, lesson_id, now=at - timedelta(minutes=40 * (len(lessons) - number)))
        if index < whole:
            pass_quiz(me, enrollment, part, now=at)
        else:
            advancing.advance(me.person_id, now=at)


def read(me: Viewer, enrollment: Enrollment, lesson_id: str, *, now: datetime) -> None:
    lesson = content.lesson(enrollment.release_id, lesson_id)
    if lesson is None:
        raise LookupError(f"There is no lesson {lesson_id}.")
    revisions = content.item_revisions(enrollment.release_id, lesson.check_ids)
    documents = content.items(revisions.values())
    for item_id, revision_id in revisions.items():
        learning.answer_check(
            enrollment_id=enrollment.id,
            person_id=me.person_id,
            lesson_id=lesson.id,
            item_id=item_id,
            revision_id=revision_id,
            response=right_response(documents[revision_id].item),
            right=True,
            now=now,
        )
    db.session.flush()
    learning.complete_lesson(
        enrollment_id=enrollment.id,
        person_id=me.person_id,
        lesson_id=lesson.id,
        revision_id=lesson.revision_id,
        rule=CompletionRule.from_json(dict(lesson.completion)),
        checks=lesson.check_ids,
        now=now,
    )


def pass_quiz(me: Viewer, enrollment: Enrollment, part: Part, *, now: datetime) -> None:
    if part.quiz is not None:
        attempt = starting.start(me.person_id, enrollment.program_id, part.quiz, now=now - timedelta(minutes=12))
        answer(attempt, QUIZ_RIGHT, took=timedelta(minutes=9))
        submitting.submit(attempt, by=ClosedBy.LEARNER, now=now)


def sit(me: Viewer, enrollment: Enrollment, step: Sit, begin: int, *, now: datetime) -> None:
    stage = stage_of(enrollment, step.sit)
    at = day_at(now, begin + step.on, EVENING)
    attempt = starting.start(me.person_id, enrollment.program_id, stage.ref, now=at)
    answer(attempt, step.right, took=timedelta(minutes=70))
    submitting.submit(attempt, by=ClosedBy.LEARNER, now=at + timedelta(minutes=72))


def answer(attempt: Attempt, right: int | Decimal, *, took: timedelta) -> None:
    """Answer every item, so many of them (or such a share) rightly; wrong ones are spread over the sitting."""
    shown = db.session.scalars(
        select(AttemptItem).where(AttemptItem.attempt_id == attempt.id).order_by(AttemptItem.position)
    ).all()
    documents = content.items([one.revision_id for one in shown])
    count = len(shown)
    wrong = count - right if isinstance(right, int) else int(count * (1 - right))
    missed = {round((index + 1) * count / (wrong + 1)) for index in range(wrong)}
    for one in shown:
        item = documents[one.revision_id].item
        response = wrong_response(item) if one.position in missed else right_response(item)
        at = attempt.started_at + took * one.position / count
        db.session.add(
            AnswerEntry(attempt_id=attempt.id, position=one.position, sequence=1, response=response, saved_at=at)
        )
    db.session.flush()


def right_response(item: Item) -> dict[str, Any]:
    return dict(type_named(item.type).right_response(item))


def wrong_response(item: Item) -> dict[str, Any]:
    if not item.options:
        return {"text": "0"}
    return {"options": [next(option.id for option in item.options if not option.right)]}


def attend(me: Viewer, step: Book, begin: int, cast: Cast, *, now: datetime) -> None:
    offering = cast.classes[step.book]
    booked_at = min(day_at(now, begin + step.on, EVENING), now - timedelta(hours=1))
    seat = booking.book(me.person_id, offering.token, now=booked_at)
    sessions = db.session.scalars(
        select(LiveSession).where(LiveSession.offering_id == offering.id).order_by(LiveSession.number)
    ).all()
    instructor = teaching(cast, offering)
    for session, seen in zip(sessions, step.marks, strict=False):
        at = session.ends_at + timedelta(minutes=10)
        attending.mark(instructor, offering.token, seat.token, session.number, seen, "", now=at)


def teaching(cast: Cast, offering: Offering) -> Viewer:
    person_id = db.session.scalars(select(Teaching.person_id).where(Teaching.offering_id == offering.id)).first()
    return next(one for one in cast.viewers.values() if one.person_id == person_id)


def stage_of(enrollment: Enrollment, stage_id: str) -> Stage:
    stage = pinned_program(enrollment).stage(stage_id)
    if stage is None:
        raise LookupError(f"{enrollment.program_id} has no stage {stage_id}.")
    return stage


# ---- days


def day(now: datetime, offset: int) -> date:
    return content.today(now) + timedelta(days=offset)


def day_at(now: datetime, offset: int, clock: time) -> datetime:
    """A moment on a day counted from today, in the issuer's zone; never later than now."""
    moment = datetime.combine(day(now, offset), clock, content.issuer_zone()).astimezone(UTC)
    return min(moment, now - timedelta(minutes=1))


def local(now: datetime, offset: int, clock: time, zone: ZoneInfo) -> datetime:
    """A class's own time on a day counted from today in its zone."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=offset), clock, zone).astimezone(UTC)
