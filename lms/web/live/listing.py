"""What the list of classes shows, and the state of the list in its address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lms.accounts.rules import Viewer
from lms.catalog.queries import active_enrollments
from lms.content import queries as content
from lms.live import queries
from lms.live.models import ClassFormat
from lms.live.queries import ListedClass, Place
from lms.requirements import Program

PAGE_LENGTH = 20
CURSOR = re.compile(r"([01])~(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{6})?\+00:00)~([A-Za-z0-9_-]{1,64})")


@dataclass(frozen=True)
class Filter:
    """What of the list is asked for; None for everything. `after` is where the page before it ended."""

    stage_id: str | None = None
    format: ClassFormat | None = None
    after: Place | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Filter | None:
        """From an address; None if it asks for something there is not."""
        format_, cursor = asked.get("format"), asked.get("after")
        if format_ and format_ not in set(ClassFormat):
            return None
        after = read_place(cursor) if cursor else None
        if cursor and after is None:
            return None
        return cls(asked.get("stage") or None, ClassFormat(format_) if format_ else None, after)


@dataclass(frozen=True)
class Listing:
    """One page of classes. `mine` and `others` are those of the reader's own programs and the rest."""

    mine: tuple[ListedClass, ...]
    others: tuple[ListedClass, ...]
    next_cursor: str | None
    counts: Mapping[ClassFormat, int]
    titles: Mapping[str, str]
    programs: Mapping[str, tuple[Program, ...]]

    @property
    def empty(self) -> bool:
        return not self.mine and not self.others


def listing(asked: Filter, viewer: Viewer | None, now: datetime) -> Listing | None:
    """The classes asked for, soonest first; None for a stage that no program has."""
    programs = programs_of_stages()
    if asked.stage_id is not None and asked.stage_id not in programs:
        return None
    stages = [asked.stage_id] if asked.stage_id is not None else list(programs)
    own = own_stages(viewer, programs)
    found = queries.listed(
        now,
        stage_ids=stages,
        first=own,
        format=asked.format,
        person_id=viewer.person_id if viewer else None,
        after=asked.after,
        limit=PAGE_LENGTH + 1,
    )
    shown = found[:PAGE_LENGTH]
    return Listing(
        mine=tuple(row for row in shown if row.offering.stage_id in own),
        others=tuple(row for row in shown if row.offering.stage_id not in own),
        next_cursor=written_place(shown[-1], own) if len(found) > PAGE_LENGTH else None,
        counts=queries.counted_by_format(now, stage_ids=stages),
        titles={stage.id: stage.title for some in programs.values() for one in some for stage in one.stages},
        programs=programs,
    )


def programs_of_stages() -> dict[str, tuple[Program, ...]]:
    """Every class stage of the current programs, with the programs that have it."""
    found: dict[str, tuple[Program, ...]] = {}
    for program in content.programs():
        for stage in program.stages:
            if stage.kind == "class":
                found[stage.id] = (*found.get(stage.id, ()), program)
    return found


def own_stages(viewer: Viewer | None, programs: Mapping[str, tuple[Program, ...]]) -> frozenset[str]:
    """The class stages of the programs in which the viewer is enrolled."""
    if viewer is None:
        return frozenset()
    enrolled = {enrollment.program_id for enrollment in active_enrollments([viewer.person_id])}
    return frozenset(stage for stage, some in programs.items() if any(one.id in enrolled for one in some))


def read_place(cursor: str) -> Place | None:
    match = CURSOR.fullmatch(cursor)
    if match is None:
        return None
    try:
        return Place(int(match[1]), datetime.fromisoformat(match[2]), match[3])
    except ValueError:
        return None


def written_place(last: ListedClass, own: frozenset[str]) -> str:
    rank = 0 if last.offering.stage_id in own else 1
    return f"{rank}~{last.offering.starts_at.isoformat()}~{last.offering.token}"
