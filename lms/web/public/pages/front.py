"""The first page: what this is, the pathway, the next classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lms.content import queries as content
from lms.live.queries import ListedClass, listed
from lms.requirements import Program
from lms.web.public.pages.pathway import Pathway, drawn_pathway

MOST_CLASSES = 4


@dataclass(frozen=True)
class FrontPage:
    """`first` and `whole` are the programs that the buttons begin with: the shortest and the main way to the first level."""

    pathway: Pathway | None
    first: Program | None
    whole: Program | None
    classes: tuple[ListedClass, ...]
    renews: bool


def front_page(*, now: datetime) -> FrontPage | None:
    """None where nothing is published yet."""
    if content.head_release_id() is None:
        return None
    programs = content.programs()
    stages = [stage.id for one in programs for stage in one.stages if stage.kind == "class" and stage.available]
    enterable = [one for one in programs if one.family == "pathway" and one.stages and one.stages[0].available]
    by_length = sorted((one for one in enterable if one.hours), key=lambda one: one.hours or 0)
    return FrontPage(
        pathway=drawn_pathway(programs, content.world()),
        first=by_length[0] if len(by_length) > 1 else None,
        whole=by_length[-1] if by_length else None,
        classes=tuple(listed(now, stage_ids=stages, limit=MOST_CLASSES)) if stages else (),
        renews=any(one.renewal_credit for one in programs if one.family == "specialist"),
    )
