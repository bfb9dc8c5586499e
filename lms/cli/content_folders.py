"""The folders in which content is written: the shared one, and the one of certification items where there is one."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath

from lms.content import nearest, queries
from lms.content.taking_over import TakeOver, take_over
from lms.content.tree import PLAIN_NAME, TEXT_ENDINGS, Tree, read_tree
from lms.foundation.errors import NotFound
from lms.usecases.publishing import BASE_FILE


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

    def take_over(self, taken: TakeOver, *, conflicts_too: bool) -> tuple[int, int, list[Path]]:
        """Write what is to be written. Returns how many files were written and removed, and the copies of what was lost."""
        conflicts = taken.conflicts if conflicts_too else ()
        copies = [copy_beside(place) for path in conflicts for place in self._standing(path)]
        written = self._write((*taken.write, *(path for path in conflicts if path in taken.theirs)), taken)
        removed = self._remove((*taken.remove, *(path for path in conflicts if path not in taken.theirs)))
        return written, removed, copies

    def _write(self, paths: Iterable[str], taken: TakeOver) -> int:
        total = 0
        for path in paths:
            place = self._place_of(path, secure=path in taken.secure)
            if place is not None:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(taken.theirs[path])
                total += 1
        return total

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


def copy_beside(file: Path) -> Path:
    """Keep a file that is about to be overwritten under a name that is no content, and that nothing else has."""
    for number in count(1):
        copy = file.with_name(f"{file.name}.mine-{number}")
        if not copy.exists():
            shutil.copyfile(file, copy)
            return copy
    raise AssertionError  # count does not end


def began_from(folders: Folders, written: int | None) -> int | None:
    """The release that a folder began from: as its file says, or the nearest here, and then it is said aloud."""
    if written is not None and nearest.is_here(written):
        return written
    found = nearest.nearest_release(folders.read())
    if written is not None:
        known = f"It is nearest to release {found}, and is compared with that." if found else "It is nearest to none."
        print(f"{BASE_FILE} names release {written}, which is not in this database: {known}")
        if found is None:
            print(f"If the folder is to begin anew here, delete {folders.root / BASE_FILE}.")
    elif found is not None:
        print(f"There is no {BASE_FILE}: the folder is nearest to release {found}, and is compared with that.")
    return found


def release_for(folders: Folders, base_id: int | None, wanted: int | None) -> tuple[int, TakeOver]:
    """The number of a release, the current one if none is wanted, and what the folders lack of it."""
    release_id = wanted or queries.current_release_id()
    base_id = began_from(folders, base_id)
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
