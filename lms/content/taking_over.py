"""What others published, brought into a folder in which somebody works: file by file, nobody's words lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lms.content.tree import Tree


@dataclass(frozen=True)
class TakeOver:
    """What to do with a folder so that it holds a release besides its own changes.

    `conflicts` are paths that both changed, each in its own way; `theirs` is what the release has
    for every path that is to be written, conflicts included.
    """

    write: tuple[str, ...]
    remove: tuple[str, ...]
    conflicts: tuple[str, ...]
    theirs: Mapping[str, bytes]
    secure: frozenset[str]


def take_over(base: Tree, release: Tree, mine: Tree) -> TakeOver:
    """Compare the folder (`mine`) and the release, both as they came from `base`."""
    write, remove, conflicts = [], [], []
    for path in sorted(base.files.keys() | release.files.keys() | mine.files.keys()):
        old, new, own = (tree.files.get(path) for tree in (base, release, mine))
        if new in (own, old):
            continue  # they agree, or only this folder changed it
        if own != old:
            conflicts.append(path)
        elif new is None:
            remove.append(path)
        else:
            write.append(path)
    return TakeOver(tuple(write), tuple(remove), tuple(conflicts), dict(release.files), release.secure)
