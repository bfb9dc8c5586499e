"""A release as a whole: the federation, its programs and the names of things, kept in the process."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lms.content.models import DocumentKind, ReleaseDocument, Revision
from lms.content.queries.documents import module_view, without_classing
from lms.content.queries.pinning import current_release_id, database_name, head_release_id
from lms.foundation.database import db
from lms.requirements import Campus, Program, World, world_of

KEPT_RELEASES = 8


class ReleaseView:
    """What one release says of the federation, its programs and the names of things."""

    def __init__(self, release_id: int) -> None:
        rows = db.session.execute(
            select(Revision.kind, Revision.document_id, Revision.id, Revision.compiled)
            .join(ReleaseDocument, ReleaseDocument.revision_id == Revision.id)
            .where(
                ReleaseDocument.release_id == release_id,
                Revision.kind.in_(
                    (DocumentKind.CAMPUS, DocumentKind.PROGRAM, DocumentKind.MODULE_SET, DocumentKind.MODULE)
                ),
            )
        ).all()
        found: dict[DocumentKind, dict[str, tuple[int, Any]]] = {kind: {} for kind in DocumentKind}
        for kind, document_id, revision_id, compiled in rows:
            found[kind][document_id] = (revision_id, compiled)
        self.release_id = release_id
        self.campus = Campus.from_json(without_classing(found[DocumentKind.CAMPUS]["campus"][1]))
        programs = [
            Program.from_json(without_classing(compiled)) for _id, compiled in found[DocumentKind.PROGRAM].values()
        ]
        self.programs = tuple(
            sorted(programs, key=lambda program: (FAMILIES.index(program.family), program.order, program.title))
        )
        self.by_id = {program.id: program for program in self.programs}
        self.modules = {
            module_id: module_view(revision_id, module_id, compiled)
            for module_id, (revision_id, compiled) in found[DocumentKind.MODULE].items()
        }
        self.sets = {
            set_id: (compiled["title"], tuple(compiled["modules"]))
            for set_id, (_id, compiled) in found[DocumentKind.MODULE_SET].items()
        }
        self.lesson_modules = {lesson.id: module.id for module in self.modules.values() for lesson in module.lessons}

    def titles(self) -> dict[str, str]:
        names = {f"module:{module.id}": module.title for module in self.modules.values()}
        names |= {f"quiz:{module.quiz_id}": module.title for module in self.modules.values()}
        names |= {f"lesson:{lesson.id}": lesson.title for module in self.modules.values() for lesson in module.lessons}
        names |= {f"module_set:{set_id}": title for set_id, (title, _modules) in self.sets.items()}
        names |= {
            f"exam:{stage.ref}": stage.title for one in self.programs for stage in one.stages if stage.kind == "exam"
        }
        return names


FAMILIES = ("pathway", "specialist", "continuing", "partner")


@lru_cache(maxsize=KEPT_RELEASES)
def _release_view(database: str, release_id: int) -> ReleaseView:  # noqa: ARG001  # one process may serve several databases in tests
    return ReleaseView(release_id)


def release_view(release_id: int | None = None) -> ReleaseView:
    """A release as a whole: the current one, unless another is named."""
    return _release_view(database_name(), current_release_id() if release_id is None else release_id)


def campus() -> Campus:
    return release_view().campus


def campus_or_none() -> Campus | None:
    """For pages that must show even before anything is published."""
    release_id = head_release_id()
    return release_view(release_id).campus if release_id is not None else None


def issuer_zone() -> ZoneInfo:
    """The zone in which dates of validity are judged."""
    found = campus_or_none()
    return ZoneInfo(found.zone if found else "UTC")


def at_issuer(now: datetime) -> datetime:
    return now.astimezone(issuer_zone())


def today(now: datetime) -> date:
    return at_issuer(now).date()


def programs() -> tuple[Program, ...]:
    """The catalogue of the current release, in its order."""
    return release_view().programs


def program(program_id: str) -> Program | None:
    """A program as it is offered now."""
    return release_view().by_id.get(program_id)


def world(now: datetime | None = None) -> World:
    """What decisions must know of the current release; `now` says what "today" is to the reader."""
    view = release_view()
    built = _world(database_name(), view.release_id)
    return built if now is None else replace(built, today=today(now))


@lru_cache(maxsize=KEPT_RELEASES)
def _world(database: str, release_id: int) -> World:
    view = _release_view(database, release_id)
    sets = {set_id: modules for set_id, (_title, modules) in view.sets.items()}
    return world_of(view.campus, view.programs, titles=view.titles(), sets=sets)


def forget_releases() -> None:
    """Drop what is kept of every database."""
    _release_view.cache_clear()
    _world.cache_clear()
