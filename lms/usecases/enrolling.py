"""Entering a program, and leaving it."""

from __future__ import annotations

from datetime import datetime

from lms.accounts import services as accounts
from lms.accounts.queries import account_of
from lms.assessment import queries as assessment
from lms.catalog import queries as catalog
from lms.catalog import services
from lms.catalog.models import Enrollment
from lms.content import queries as content
from lms.foundation import audit
from lms.foundation.errors import DomainError, Invalid, NotFound
from lms.foundation.messages import Message
from lms.live import queries as live
from lms.live.models import SeatStatus
from lms.live.queries import BookedSeat
from lms.notices import services as notices
from lms.pathway.deciding import NotReady, enrol_decision
from lms.requirements import Program
from lms.usecases import advancing


class NotOffered(Invalid):
    """The program can't be entered here: nothing of it can be taken yet, it asks for an application, or it is a partner's."""

    code = "not-offered"


class SittingUnderWay(DomainError):
    """An exam or quiz of this enrollment has begun and is not submitted."""

    status = 409
    code = "sitting-under-way"

    def __init__(self) -> None:
        super().__init__(
            "You are in the middle of an exam or quiz of this program.",
            kept=Message("You are still enrolled, and your answers are kept."),
            remedy=Message("Submit it first; then you can leave."),
        )


class AddressUnconfirmed(DomainError):
    """The mail address of the account was never confirmed, so nobody knows whose it is."""

    code = "address-unconfirmed"

    def __init__(self) -> None:
        super().__init__(
            "Confirm your mail address first.",
            kept=Message("You have not been enrolled, and nothing else has changed."),
            remedy=Message("Open the link in the mail we sent you, or ask for another one on your account page."),
        )


def enrol(person_id: int, program_id: str, *, track: str, now: datetime) -> Enrollment:
    """Enrol a person in a program, pinned to the current release.

    Raises NotFound, AddressUnconfirmed, NotOffered, NotReady with everything that is missing, or AlreadyEnrolled.
    """
    accounts.lock_person(person_id)
    program = content.program(program_id)
    if program is None:
        raise NotFound
    refuse_unconfirmed(person_id)
    refuse_unoffered(program, track)
    decision = enrol_decision(person_id, program, now=now)
    if not decision.met:
        raise NotReady(Message("You can't enroll in the {program} yet.", {"program": program.title}), decision)
    enrollment = services.create_enrollment(
        person_id, program_id, track=track, release_id=content.current_release_id(), now=now
    )
    audit.record("enrol", "enrollment", enrollment.id, actor_id=person_id, at=now, program=program_id)
    notices.tell(
        person_id,
        f"enrolled:{enrollment.id}",
        "enrolled",
        Message("You are enrolled in the {program}.", {"program": program.title}),
        path=f"/learn/{program_id}",
        now=now,
    )
    advancing.advance(person_id, now=now)
    return enrollment


def withdraw(person_id: int, program_id: str, *, now: datetime) -> Enrollment:
    """Leave a program. What was done stays on record; entering again begins anew.

    Seats in its classes that are not over are given back: what is attended counts for the enrollment
    that booked, so a seat that stayed would keep a place from others and count for nobody.
    Raises NotFound, or SittingUnderWay.
    """
    accounts.lock_person(person_id)
    enrollment = catalog.enrollment_of(person_id, program_id)
    if enrollment is None:
        raise NotFound
    if assessment.open_attempts_within(enrollment.id):
        raise SittingUnderWay
    enrollment.withdraw(at=now, reason="by the learner")
    audit.record("withdraw", "enrollment", enrollment.id, actor_id=person_id, at=now)
    for booked in live.own_seats(person_id, since=now):
        if booked.seat.enrollment_id == enrollment.id and booked.seat.status is SeatStatus.CONFIRMED:
            _give_back(booked, now=now)
    advancing.advance(person_id, now=now)
    return enrollment


def _give_back(booked: BookedSeat, *, now: datetime) -> None:
    seat, offering = booked.seat, booked.offering
    seat.cancel(at=now)
    audit.record("cancel", "seat", seat.id, actor_id=seat.person_id, at=now, offering=offering.id)
    notices.tell(
        seat.person_id,
        f"seat:{seat.id}:cancelled",
        "seat_cancelled",
        Message(
            "You gave back your seat in “{title}” on {starts_at}.",
            {"title": offering.title, "starts_at": offering.starts_at},
        ),
        path=f"/classes/{offering.token}",
        now=now,
    )


def why_not_offered(program: Program) -> Message | None:
    """Why nobody can enter this program here and now, whoever they are; None where they can."""
    if program.family == "partner":
        return Message("This course is taken with {provider}.", {"provider": program.provider})
    if not program.stages or not program.stages[0].available:
        return Message("This program can't be entered yet: its first part is not published.")
    if program.application:
        return Message("This program asks for an application, which can't be sent here yet.")
    return None


def refuse_unconfirmed(person_id: int) -> None:
    account = account_of(person_id)
    if account is not None and account.verified_at is None:
        raise AddressUnconfirmed


def refuse_unoffered(program: Program, track: str) -> None:
    reason = why_not_offered(program)
    if reason is not None:
        raise NotOffered(reason)
    if track not in ({option.id for option in program.tracks} or {""}):
        raise NotOffered(Message("Choose one of the event groups of this program."))
