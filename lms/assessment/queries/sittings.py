"""Questions about one sitting: its items as it shows them, and the answers that stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from lms.assessment.models import AnswerEntry, Attempt, AttemptItem, Score
from lms.assessment.rules.journal import Entry, is_flagged
from lms.assessment.rules.timing import effective_now, is_past, remaining, sequence_base
from lms.content import queries as content
from lms.content.documents import ExamDocument, ItemDocument
from lms.foundation.database import db
from lms.items import Response, option_order, type_named


@dataclass(frozen=True)
class Place:
    """One item of a sitting: its document (with the key: never for a page as it is) and the answer that stands."""

    position: int
    document: ItemDocument
    entry: Entry | None
    seed: str

    @property
    def order(self) -> tuple[str, ...]:
        """The option ids in the order in which this sitting shows them."""
        return shown_order(self.document, self.seed, self.position)

    @property
    def response(self) -> Response:
        return self.entry.response if self.entry else type_named(self.document.item.type).blank_response()

    @property
    def answered(self) -> bool:
        return type_named(self.document.item.type).is_answered(self.response)

    @property
    def flagged(self) -> bool:
        return is_flagged(self.response)


@dataclass(frozen=True)
class Sitting:
    """An attempt as its pages see it; `places` are in order, position 1 first."""

    attempt: Attempt
    exam: ExamDocument
    places: tuple[Place, ...]
    last_saved_at: datetime | None

    @property
    def size(self) -> int:
        return len(self.places)

    @cached_property
    def answered(self) -> int:
        return sum(place.answered for place in self.places)

    @cached_property
    def flagged(self) -> int:
        return sum(place.flagged for place in self.places)

    def place(self, position: int) -> Place | None:
        return self.places[position - 1] if 1 <= position <= self.size else None

    def first_unanswered(self) -> int | None:
        return next((place.position for place in self.places if not place.answered), None)

    def at(self, now: datetime) -> datetime:
        """The sitting's own clock: never before its start or its last answer."""
        return effective_now(now, self.last_saved_at or self.attempt.started_at)

    def is_over(self, now: datetime) -> bool:
        """Whether its time is up, though nobody may have closed it yet."""
        return is_past(self.attempt.deadline_at, self.at(now))

    def remaining(self, now: datetime) -> timedelta | None:
        return remaining(self.attempt.deadline_at, self.at(now))

    def next_sequence(self, position: int, now: datetime) -> int:
        """What a page shown now numbers its saves of this item from."""
        place = self.places[position - 1]
        standing = place.entry.sequence if place.entry else 0
        return sequence_base(self.attempt.started_at, self.at(now), standing)


def shown_order(document: ItemDocument, seed: str, position: int) -> tuple[str, ...]:
    return option_order(document.item, seed, str(position))


def sitting(attempt: Attempt) -> Sitting:
    """The sitting of an attempt. Its items are kept in the process, so that saving need not read them again."""
    rows = db.session.execute(
        select(
            AttemptItem.position,
            AttemptItem.revision_id,
            AnswerEntry.sequence,
            AnswerEntry.response,
            AnswerEntry.saved_at,
            last_saved_at(attempt.id).label("last_saved_at"),
        )
        .outerjoin(AnswerEntry, stands_for_item())
        .where(AttemptItem.attempt_id == attempt.id)
        .order_by(AttemptItem.position)
    ).all()
    documents = content.items(row.revision_id for row in rows)
    places = tuple(
        Place(
            row.position,
            documents[row.revision_id],
            Entry(row.position, row.sequence, row.response, row.saved_at) if row.sequence is not None else None,
            attempt.seed,
        )
        for row in rows
    )
    last = rows[0].last_saved_at if rows else None
    return Sitting(attempt, content.exam_of_revision(attempt.exam_revision_id), places, last)


def last_saved_at(attempt_id: int | InstrumentedAttribute[int]) -> ScalarSelect[datetime]:
    """When the journal of an attempt was last written to; its clock never runs behind that."""
    entry = aliased(AnswerEntry)
    return select(func.max(entry.saved_at)).where(entry.attempt_id == attempt_id).scalar_subquery()


def clock_of(attempt: Attempt, now: datetime) -> datetime:
    """The attempt's own clock: never before its start or the last line of its journal."""
    saved = db.session.scalar(select(func.max(AnswerEntry.saved_at)).where(AnswerEntry.attempt_id == attempt.id))
    return effective_now(now, saved or attempt.started_at)


def score_of(attempt_id: int) -> Score | None:
    """The score that counts: the newest."""
    return db.session.scalar(select(Score).where(Score.attempt_id == attempt_id).order_by(Score.id.desc()).limit(1))


def stands_for_item() -> ColumnElement[bool]:
    """Joins the answer that stands (the highest sequence) to an attempt's item."""
    newer = aliased(AnswerEntry)
    highest = (
        select(func.max(newer.sequence))
        .where(newer.attempt_id == AttemptItem.attempt_id, newer.position == AttemptItem.position)
        .correlate(AttemptItem)
        .scalar_subquery()
    )
    return and_(
        AnswerEntry.attempt_id == AttemptItem.attempt_id,
        AnswerEntry.position == AttemptItem.position,
        AnswerEntry.sequence == highest,
    )
