"""The folders in which content is written: the shared one, and the one of certification items where there is one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lms.content import queries
from lms.content.compiling.tree import PLAIN_NAME, TEXT_ENDINGS, Tree, read_tree
from lms.content.taking_over import TakeOver, take_over
from lms.foundation.errors import NotFound


@dataclass(frozen=True)
class Folders:
    """`with_secure`: certification exams that stand in neither folder yet are written into the shared one."""

    root: Path
    secure_root: Path | None
    with_secure: bool = False

    def read(self) -> Tree:
        """What stands in them; a folder that is not there holds nothing."""
        if not self.root.is_dir():
            return Tree({})
        return read_tree(self.root, self.secure_root)

    def take_over(self, taken: TakeOver, *, conflicts_too: bool) -> tuple[int, int]:
        """Write what is to be written. Returns how many files were written and removed."""
        conflicts = taken.conflicts if conflicts_too else ()
        written = self._write((*taken.write, *(path for path in conflicts if path in taken.theirs)), taken)
        removed = self._remove((*taken.remove, *(path for path in conflicts if path not in taken.theirs)))
        return written, removed

    def _write(self, paths: Iterable[str], taken: TakeOver) -> int:
        count = 0
        for path in paths:
            place = self._place_of(path, secure=path in taken.secure)
            if place is not None:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(taken.theirs[path])
                count += 1
        return count

    def _remove(self, paths: Iterable[str]) -> int:
        places = [place for path in paths for place in self._standing(path)]
        for place in places:
            place.unlink()
        return len(places)

    def _place_of(self, path: str, *, secure: bool) -> Path | None:
        """Where a file of a release goes: where it stands, else by its kind; None for one that is left out."""
        if not PLAIN_NAME.fullmatch(path):
            return None
        if standing := self._standing(path):
            return standing[0]
        if secure and self.secure_root is not None:
            return self.secure_root / path
        return self.root / path if self.with_secure or not secure else None

    def _standing(self, path: str) -> list[Path]:
        roots = [root for root in (self.root, self.secure_root) if root is not None]
        return [root / path for root in roots if (root / path).is_file() and not (root / path).is_symlink()]


def release_for(folders: Folders, base_id: int | None, wanted: int | None) -> tuple[int, TakeOver]:
    """The number of a release, the current one if none is wanted, and what the folders lack of it."""
    release_id = wanted or queries.current_release_id()
    base = queries.tree_of(base_id, with_secure=True) if base_id else Tree({})
    return release_id, take_over(base, _released(release_id, with_secure=True), folders.read())


def differences(old_id: int, new_id: int | None, *, with_secure: bool) -> list[str]:
    """The lines of all files that differ between two releases, as a patch."""
    old = _released(old_id, with_secure=with_secure)
    new = _released(new_id or queries.current_release_id(), with_secure=with_secure)
    changed = [path for path in sorted({*old.files, *new.files}) if old.files.get(path) != new.files.get(path)]
    return [line for path in changed for line in _difference(path, old, new)]


def _released(release_id: int, *, with_secure: bool) -> Tree:
    tree = queries.tree_of(release_id, with_secure=with_secure)
    if not tree.files:
        raise NotFound(f"There is no release {release_id} here.")
    return tree


def _difference(path: str, old: Tree, new: Tree) -> Iterable[str]:
    if PurePosixPath(path).suffix not in TEXT_ENDINGS:
        return [f"{path} differs\n"]
    before, after = (tree.text(path).splitlines(keepends=True) if path in tree.files else [] for tree in (old, new))
    return difflib.unified_diff(before, after, f"old/{path}", f"new/{path}")
