"""Tables of released content: immutable revisions, numbered releases, and the newest revision of each line."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.foundation.database import Base


class DocumentKind(StrEnum):
    CAMPUS = "campus"
    PROGRAM = "program"
    MODULE_SET = "module_set"
    MODULE = "module"
    LESSON = "lesson"
    EXAM = "exam"
    ITEM = "item"
    PERSONA = "persona"
    FILE = "file"


class ChangeClass(StrEnum):
    """How far a change reaches: everyone, new attempts only, or new enrollments only."""

    NONE = "none"
    EDITORIAL = "editorial"
    ASSESSMENT = "assessment"
    STRUCTURAL = "structural"


class Revision(Base):
    """One document as it stood once. Never changed.

    A `file` is what somebody wrote, under its path (`data`, its bytes); every other kind is
    what was compiled from the files: `compiled`, and `body` where it is shown as it stands.
    """

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("kind", "document_id", "content_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DocumentKind]
    document_id: Mapped[str]
    content_hash: Mapped[str]
    path: Mapped[str]
    compiled: Mapped[dict[str, Any]]
    body: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    secure: Mapped[bool] = mapped_column(default=False)


class Release(Base):
    """One publication of the whole tree. The id is its number; at most one follows upon each."""

    __tablename__ = "release"

    id: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str]
    base_id: Mapped[int | None] = mapped_column(ForeignKey("release.id"), index=True, unique=True)
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    message: Mapped[str]


class ReleaseDocument(Base):
    """A line of a release's manifest.

    `line` counts the structural changes of this document so far: revisions of one
    line follow from each other by editorial and assessment changes alone.
    """

    __tablename__ = "release_document"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"), primary_key=True)
    kind: Mapped[DocumentKind] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), index=True)
    line: Mapped[int]
    change: Mapped[ChangeClass]


class LineHead(Base):
    """The newest revision of one line of a document: what an enrollment pinned to that line is shown."""

    __tablename__ = "line_head"
    __table_args__ = (Index("line_head_revision", "revision_id"),)

    kind: Mapped[DocumentKind] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))


class ContentHead(Base):
    """The release that readers see now: one row, switched last."""

    __tablename__ = "content_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))


class FormerId(Base):
    """An id that was renamed: old addresses redirect, old facts are read under the new id."""

    __tablename__ = "former_id"

    kind: Mapped[DocumentKind] = mapped_column(primary_key=True)
    former_id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(index=True)
