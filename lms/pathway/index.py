"""The standing index: written by advancing, read by lists, compared with the rules by `verify`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from lms.catalog.models import Enrollment, EnrollmentStatus
from lms.content import queries as content
from lms.foundation.database import db
from lms.foundation.prepared import PreparedRow, prepared
from lms.pathway.deciding import issue_decision, pinned_program, standing_of
from lms.pathway.gathering import gather
from lms.pathway.models import StandingRow
from lms.requirements import Decision, NextAction, Program, ProgramStanding, StageStanding

BATCH = 200
LARGEST_STEP = timedelta(hours=6)
ROW = PreparedRow(
    StandingRow,
    [column.key for column in StandingRow.__table__.columns],
    over="enrollment_id",
    back="enrollment_id",
)
DECIDED = prepared(select(StandingRow.decided_at).where(StandingRow.person_id == bindparam("person_id")))


def refresh(enrollment: Enrollment, found: ProgramStanding, award: Decision, *, now: datetime) -> None:
    """Write what the rules just said; `award` is the decision on what the program leads to.

    What the award asks beyond the stages (such as a membership that lasts) may change with time as well.
    """
    changes = [moment for moment in (found.next_change_at, award.next_change_at) if moment is not None]
    ROW.write(
        enrollment_id=enrollment.id,
        person_id=enrollment.person_id,
        program_id=enrollment.program_id,
        decided_at=now,
        next_change_at=min(changes, default=None),
        **values_of(pinned_program(enrollment), found),
    )
    session = db.session()
    known = session.identity_map.get(session.identity_key(StandingRow, enrollment.id))
    if known is not None:
        session.expire(known)


def values_of(program: Program, found: ProgramStanding) -> dict[str, Any]:
    """The row's columns that follow from a standing."""
    return {
        "share": found.share,
        "complete": found.complete,
        "reachable": reachable_modules(found),
        "summary": summary_of(program, found),
        "standing": states_of(found),
    }


def states_of(found: ProgramStanding) -> dict[str, Any]:
    """The state of every stage and part, without the proofs: those are decided afresh where somebody reads them."""
    return {
        stage.stage_id: {
            "state": stage.state,
            "credited_by": stage.credited_by,
            "parts": {part.id: [part.state, part.lessons_done, part.quiz_passed] for part in stage.parts},
        }
        for stage in found.stages
    }


def reachable_modules(found: ProgramStanding) -> list[str]:
    """The modules whose stage is open or complete."""
    return [part.id for stage in found.stages if stage.state != "shut" for part in stage.parts]


def summary_of(program: Program, found: ProgramStanding) -> dict[str, Any]:
    """What lists say of an enrollment without asking anything else."""
    action = found.next_action
    return {
        "program": program.title,
        "minutes_done": found.minutes_done,
        "minutes_total": found.minutes_total,
        "next": None if action is None else {**action.to_json(), **_named(program, action)},
        "stages_done": sum(stage.state == "complete" for stage in found.stages),
        "stages": len(found.stages),
        "track": [_stretch(stage) for stage in found.stages],
    }


def _stretch(stage: StageStanding) -> dict[str, Any]:
    """What a small drawing of the lap needs of a stage."""
    return {
        "id": stage.stage_id,
        "title": stage.title,
        "state": stage.state,
        "minutes": stage.minutes,
        "minutes_done": stage.minutes_done,
        "available": stage.available,
        "parts": len(stage.parts),
        "parts_done": sum(part.state == "complete" for part in stage.parts),
    }


def _named(program: Program, action: NextAction) -> dict[str, Any]:
    names = content.world().names
    stage = program.stage(action.stage_id)
    part = next((part for part in program.parts if part.id == action.part_id), None)
    title = names.get(f"{action.kind}:{action.target}") or (stage.title if stage else program.title)
    named = {"title": title, "stage": stage.title if stage else "", "part": part.title if part else ""}
    if part is None or action.target not in part.lessons:
        return named
    return {**named, "place": part.lessons.index(action.target) + 1, "places": len(part.lessons)}


def clock_of(person_id: int, now: datetime) -> datetime:
    """The moment for which to decide on a person: now, or their last decision where the clock is a little behind it.

    A worker's turn has the moment of its beginning, and a machine's clock may be set back: either would take
    facts that were noted meanwhile for such as are still to come, and write an index without them. A decision
    from further ahead than `LARGEST_STEP` came of a clock that was wrong, and is not believed.
    """
    decided: list[datetime] = [moment for (moment,) in DECIDED.rows(person_id=person_id)]
    return max([now, *(moment for moment in decided if moment - now <= LARGEST_STEP)])


def due(now: datetime, *, limit: int = 50) -> list[int]:
    """The people for whom time alone has changed something since they were last decided on."""
    rows = db.session.scalars(
        select(StandingRow.person_id)
        .join(Enrollment, Enrollment.id == StandingRow.enrollment_id)
        .where(StandingRow.next_change_at <= now, Enrollment.status == EnrollmentStatus.ACTIVE)
        .order_by(StandingRow.next_change_at)
        .limit(limit)
    )
    return list(dict.fromkeys(rows))


def verify(now: datetime) -> Iterator[tuple[int, str]]:
    """Every active enrollment whose row differs from what the rules say now: its id and which column differs."""
    for enrollment in _active():
        row = db.session.get(StandingRow, enrollment.id)
        if row is None:
            yield enrollment.id, "missing"
            continue
        said = values_of(pinned_program(enrollment), standing_of(enrollment, now=now))
        for column in ("complete", "reachable", "standing"):
            if getattr(row, column) != said[column]:
                yield enrollment.id, column
                break


def rebuild(now: datetime) -> int:
    """Remake the row of every active enrollment. Returns how many there are."""
    count = 0
    for enrollment in _active():
        facts = gather(enrollment.person_id, enrollment, now=now)
        found = standing_of(enrollment, now=now, facts=facts)
        refresh(enrollment, found, issue_decision(enrollment, facts, found, now=now), now=now)
        count += 1
    return count


def _active() -> Iterator[Enrollment]:
    last = 0
    while batch := db.session.scalars(
        select(Enrollment)
        .where(Enrollment.status == EnrollmentStatus.ACTIVE, Enrollment.id > last)
        .order_by(Enrollment.id)
        .limit(BATCH)
    ).all():
        yield from batch
        last = batch[-1].id
