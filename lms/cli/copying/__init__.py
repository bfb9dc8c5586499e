"""Copies of the whole database: taken while the product runs, verified, and put back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory

from lms.foundation.errors import DomainError
from lms.foundation.settings import ROOT


class CopyFailed(DomainError):
    """A copy could not be taken, is not sound, or can't be put back; nothing was changed."""


@dataclass(frozen=True)
class Restored:
    """What is in the database now, and where what was there before is kept ("" where there was nothing)."""

    revision: str
    kept: str


@contextmanager
def written_beside(file: Path) -> Iterator[Path]:
    """A temporary place beside `file`, which becomes it, safely on disk, when the block ends well; else it goes."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        yield part
        synced(part)
        part.replace(file)
        synced(file.parent)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def synced(path: Path) -> None:
    """Wait until the disk has it; of a folder: until it has the names in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def refuse_unknown_revision(revision: str, file: Path) -> None:
    """Raises CopyFailed for a copy of a newer product: no migration here knows its tables."""
    known = {script.revision for script in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()}
    if revision not in known:
        raise CopyFailed(f"{file} holds no database of this product, or one of a newer version.")


def newest_revision() -> str:
    return str(ScriptDirectory(str(ROOT / "migrations")).get_current_head())
