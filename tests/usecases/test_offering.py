"""Classes called off: what was promised, and what was marked beforehand."""

from __future__ import annotations

from flask import Flask

from lms.live.models import Mark, OfferingStatus, SeatStatus
from lms.live.queries import attended
from lms.usecases import attending, booking, offering
from tests.support.cast import Cast
from tests.support.classes import announce, enrol, told
from tests.support.moments import HOUR, MINUTE, NOON


def test_a_class_that_somebody_was_checked_in_to_early_can_still_be_called_off(app: Flask, cast: Cast) -> None:
    enrollment = enrol(cast.learner.person_id)
    meeting = announce(cast.instructor, starts_at=NOON + HOUR, sessions=1)
    seat = booking.book(cast.learner.person_id, meeting.token, now=NOON)
    attending.mark(cast.instructor.viewer(), meeting.token, seat.token, 1, Mark.PRESENT, "", now=NOON)

    count = offering.cancel(cast.staff.viewer(), meeting, "A storm is coming.", now=NOON + MINUTE)

    assert (count, meeting.status) == (1, OfferingStatus.CANCELLED)
    assert (seat.status, seat.place) == (SeatStatus.CANCELLED, None)
    assert attended([enrollment.id]) == []
    assert told(cast.learner.person_id)[-1] == "class_cancelled"
