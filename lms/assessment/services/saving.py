"""Saving one answer. The busiest write of the house: with the viewer's read, three statements in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Insert, Integer, and_, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from lms.assessment.models import AnswerEntry, Attempt, AttemptClosed, AttemptItem, AttemptStatus
from lms.assessment.queries.sittings import last_saved_at, shown_order, stands_for_item
from lms.assessment.rules.journal import LARGEST_SEQUENCE, Receipt, entered
from lms.assessment.rules.timing import effective_now, remaining, takes_answers
from lms.content import queries as content
from lms.content.documents import ItemDocument
from lms.foundation.database import insert_once
from lms.foundation.errors import Invalid, NotFound
from lms.foundation.messages import Message
from lms.foundation.prepared import Prepared, prepared
from lms.items import BadResponse, Response, type_named

MOST_ITEMS = 10_000  # more than any exam may hold; PostgreSQL refuses to compare a position it could not store


@dataclass(frozen=True)
class Save:
    """What a page sends of one item.

    `values` are what its fields held: texts, or for options their places in the order shown, from "0".
    `sequence` (1 to a thousand million) says which of several saves came later on the learner's side.
    """

    position: int
    sequence: int
    values: Sequence[str]
    flagged: bool = False


def save_answer(person_id: int, token: str, save: Save, *, now: datetime) -> Receipt:
    """Write one line of the journal, and say which answer stands.

    A repeated or stale save is answered with a receipt that names the winner. Raises NotFound for
    an attempt of somebody else or a position that it does not have, AttemptClosed after its
    end, BadResponse or Invalid for what no honest page sends.
    """
    if not 1 <= save.sequence <= LARGEST_SEQUENCE:
        raise Invalid("A save is numbered from 1 to a thousand million.")
    row = _locked(person_id, token, save.position) if 1 <= save.position <= MOST_ITEMS else None
    if row is None or row.revision_id is None:
        raise NotFound
    at = effective_now(now, row.last_saved_at or row.started_at)
    _refuse_closed(row, at)
    response = entered(_response(row, save), flagged=save.flagged)
    highest = _insert(row.id, save, response, at) if row.sequence != save.sequence else None
    if highest == save.sequence:
        return Receipt(save.position, save.sequence, at, stands=True, remaining_seconds=_seconds(row.deadline_at, at))
    if highest is None or highest != row.sequence:
        row = _as_it_stands(person_id, token, save.position)
    stands = bool(highest is None and row.sequence == save.sequence and row.response == response)
    return Receipt(save.position, row.sequence, row.saved_at, stands, _seconds(row.deadline_at, at))


def _refuse_closed(row: _Held, at: datetime) -> None:
    if row.status is not AttemptStatus.IN_PROGRESS or not takes_answers(row.deadline_at, at):
        raise closed()


def closed() -> AttemptClosed:
    return AttemptClosed(
        "The time for this attempt is over, or it was submitted.",
        kept=Message("Every answer that was saved before counts."),
        remedy=Message("Go to the result."),
    )


@dataclass(frozen=True)
class _Held:
    """The attempt, held; the item at the position, with the answer that stands; the journal's last moment.

    There is no revision where the attempt has no such position, and no sequence before its first answer.
    """

    id: int
    status: AttemptStatus
    started_at: datetime
    deadline_at: datetime | None
    seed: str
    revision_id: Any
    sequence: Any
    response: Response | None
    saved_at: Any
    last_saved_at: datetime | None


HELD = prepared(
    select(
        Attempt.id,
        Attempt.status,
        Attempt.started_at,
        Attempt.deadline_at,
        Attempt.seed,
        AttemptItem.revision_id,
        AnswerEntry.sequence,
        AnswerEntry.response,
        AnswerEntry.saved_at,
        last_saved_at(Attempt.id),
    )
    .outerjoin(AttemptItem, and_(AttemptItem.attempt_id == Attempt.id, AttemptItem.position == bindparam("position")))
    .outerjoin(AnswerEntry, stands_for_item())
    .where(Attempt.token == bindparam("token"), Attempt.person_id == bindparam("person_id"))
    .with_for_update(of=Attempt)
)


def _locked(person_id: int, token: str, position: int) -> _Held | None:
    row = HELD.row(person_id=person_id, token=token, position=position)
    return None if row is None else _Held(*row)


def _response(row: _Held, save: Save) -> Response:
    document = content.items([row.revision_id])[row.revision_id]
    return read_response(document, save.values, row.seed, save.position)


def read_response(document: ItemDocument, values: Sequence[str], seed: str, position: int) -> Response:
    """What the values of a page's fields say. Places of options become their ids here, so that no page shows the ids."""
    kind = type_named(document.item.type)
    if kind.takes_options:
        order = shown_order(document, seed, position)
        values = [_option_at(order, value) for value in values if value]
    return kind.read_response(document.item, values)


def _option_at(order: Sequence[str], value: str) -> str:
    if not (value.isascii() and value.isdecimal() and len(value) <= 2 and int(value) < len(order)):
        raise BadResponse(Message("The answer names an option that this question does not have."))
    return order[int(value)]


def _as_it_stands(person_id: int, token: str, position: int) -> _Held:
    """The same once more: on PostgreSQL a statement that waited for a lock saw the journal as it was before it waited."""
    row = _locked(person_id, token, position)
    if row is None:
        raise NotFound
    return row


def _insertion(_dialect: Dialect) -> Insert:
    attempt, position = bindparam("attempt", type_=Integer), bindparam("place", type_=Integer)
    line = insert_once(AnswerEntry).values(
        attempt_id=attempt,
        position=position,
        sequence=bindparam("number", type_=AnswerEntry.sequence.type),
        response=bindparam("said", type_=AnswerEntry.response.type),
        saved_at=bindparam("at", type_=AnswerEntry.saved_at.type),
    )
    other = aliased(AnswerEntry)
    others = select(func.max(other.sequence)).where(other.attempt_id == attempt, other.position == position)
    return line.returning(AnswerEntry.sequence, others.scalar_subquery())


INSERTION = Prepared(_insertion)


def _insert(attempt_id: int, save: Save, response: dict[str, Any], at: datetime) -> int | None:
    """Write the line; the highest sequence of its position from now on, or None where this sequence was written before.

    The journal itself refuses a line of an attempt that is closed: AttemptClosed.
    """
    line = {"attempt": attempt_id, "place": save.position, "number": save.sequence, "said": response, "at": at}
    try:
        row = INSERTION.row(**line)
    except IntegrityError as refusal:
        raise closed() from refusal
    return None if row is None else max(row[0], row[1] or 0)


def _seconds(deadline_at: datetime | None, at: datetime) -> int | None:
    left = remaining(deadline_at, at)
    return None if left is None else int(left.total_seconds())
