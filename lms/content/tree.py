"""The files of a content tree, read as hostile: no links out of the folder, no giants, UTF-8 or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lms.foundation.messages import Message
from lms.foundation.problems import Problem

LARGEST_FILE_BYTES = 20_000_000
LARGEST_TEXT_BYTES = 1_000_000
MOST_FILES = 20_000
LONGEST_PATH = 200
TEXT_ENDINGS = frozenset({".md", ".yaml", ".svg", ".vtt", ".txt"})
MEDIA_ENDINGS = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp", ".mp3", ".mp4", ".vtt", ".txt"})
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
IGNORED = frozenset({".baton-release", ".git", ".gitignore", ".DS_Store"})
KEPT_COPY = re.compile(r".+\.mine-\d+")  # what somebody had before they took over another's file


@dataclass(frozen=True)
class Tree:
    """Files by their path within the tree ("modules/…/10-x.md"); `secure` are those of the second root."""

    files: Mapping[str, bytes]
    secure: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    def text(self, path: str) -> str:
        """A file's text, without a byte order mark and with plain line ends."""
        return self.files[path].decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")

    def under(self, folder: str, pattern: str) -> list[str]:
        """The paths directly in `folder` whose name matches `pattern`, in order."""
        return sorted(
            path
            for path in self.files
            if str(PurePosixPath(path).parent) == folder and PurePosixPath(path).match(pattern)
        )

    def folders(self, folder: str) -> list[str]:
        """The folders directly in `folder`, in order."""
        start = f"{folder}/"
        inner = {
            path[len(start) :].split("/", 1)[0]
            for path in self.files
            if path.startswith(start) and "/" in path[len(start) :]
        }
        return [f"{folder}/{name}" for name in sorted(inner)]

    def readable(self) -> tuple[Tree, tuple[Problem, ...]]:
        """The tree without the files that can't be read, and why they can't: wherever the bytes came from."""
        refused = {path: found for path, content in self.files.items() if (found := _refusal_of(path, content))}
        kept = {path: content for path, content in self.files.items() if path not in refused}
        return Tree(kept, self.secure, self.problems), tuple(refused.values())

    def with_file(self, path: str, content: bytes) -> Tree:
        return Tree({**self.files, path: content}, self.secure)


def read_tree(root: Path, secure_root: Path | None = None) -> Tree:
    """Read the folder, and the folder of certification items where there is one."""
    problems: list[Problem] = []
    files = dict(_files(root, problems))
    secure = dict(_files(secure_root, problems)) if secure_root else {}
    twice = sorted(files.keys() & secure.keys())
    problems.extend(Problem("file-twice", Message("This file stands in both content folders."), path) for path in twice)
    return Tree({**files, **secure}, frozenset(secure), tuple(problems))


def _files(root: Path, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    if not root.is_dir():
        problems.append(Problem("no-folder", Message("There is no content folder here."), root.name))
        return
    found: Sequence[Path] = sorted(root.rglob("*"))
    if len(found) > MOST_FILES:
        problems.append(Problem("too-many-files", Message("A tree may hold {n} files.", {"n": MOST_FILES}), root.name))
        return
    for path in found:
        name = path.relative_to(root).as_posix()
        ignored = IGNORED & set(path.relative_to(root).parts) or KEPT_COPY.fullmatch(path.name)
        if ignored or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink() or not path.is_file():
            problems.append(Problem("file-link", Message("Links and devices are not followed."), _sayable(name)))
        elif path.stat().st_size > LARGEST_FILE_BYTES:
            problems.append(_too_large(LARGEST_FILE_BYTES).at(_sayable(name)))
        else:
            yield name, path.read_bytes()


def _refusal_of(path: str, content: bytes) -> Problem | None:
    """What stands against reading a file: its name, its size, or bytes that are no text."""
    said = _sayable(path)
    if not PLAIN_NAME.fullmatch(path) or len(path) > LONGEST_PATH:
        mend = Message("Name files with letters, digits, dots, hyphens and underscores only.")
        return Problem("file-name", Message("This name can't stand in a content tree."), said, mend=mend)
    is_text = PurePosixPath(path).suffix in TEXT_ENDINGS
    largest = LARGEST_TEXT_BYTES if is_text else LARGEST_FILE_BYTES
    if len(content) > largest:
        return _too_large(largest).at(said)
    if is_text:
        try:
            content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return Problem("file-encoding", Message("This is not UTF-8 (byte {n}).", {"n": error.start}), said, line)
    return None


def _too_large(largest: int) -> Problem:
    return Problem("file-size", Message("This file is larger than {n} bytes.", {"n": largest}))


def _sayable(name: str) -> str:
    """A file's name as text that can be shown, whatever bytes it was made of."""
    return name.encode("utf-8", "backslashreplace").decode()
