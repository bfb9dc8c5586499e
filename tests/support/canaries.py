"""Canaries: words and numbers that stand nowhere else, put into everything about a question that may have to stay hidden."""

from __future__ import annotations

import base64
import binascii
import hashlib
import random
import re
import shutil
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from html import unescape
from pathlib import Path
from urllib.parse import unquote

HATCH = "kanar"
WORD = re.compile(rf"{HATCH}[a-z]{{8}}")
NUMBER = re.compile(r"(?<!\d)\d{9}(?!\d)")
HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{32,64}(?![0-9a-f])")
PACKED = re.compile(r"[A-Za-z0-9+/_.-]{16,}={0,2}")
GROUPING = re.compile(r"(?<=\d)[,.’'\s\u00a0\u202f](?=\d{3})")
QUESTION = re.compile(r"^/// question \| (.+)$")
OPTION = re.compile(r"^- \[( |x)\] (.+)$")
FEEDBACK = re.compile(r"^    - (.+)$")
HEAD = re.compile(r"^    \w[\w-]*:")
ITEM_ID = re.compile(r"^    id: (\S+)$")
ANSWER = re.compile(r"^    answer: ")


class Part(StrEnum):
    STEM = "stem"
    OPTION = "option"
    FEEDBACK = "feedback"
    EXPLANATION = "explanation"
    KEY = "key"
    SCORE = "score"


class Source(StrEnum):
    """Where a question stands: an exam's secure items, a module's quiz, a lesson's checks; or a score."""

    EXAM = "exam"
    QUIZ = "quiz"
    CHECK = "check"
    SCORE = "score"


@dataclass(frozen=True)
class Canary:
    """One of them. `option` is the id of the option it belongs to; `owner` names the item, or whose score it is."""

    words: str
    part: Part
    source: Source
    owner: str
    option: str = ""


@dataclass
class Flock:
    """All canaries of a campus, by what they look like."""

    random: random.Random
    all: dict[str, Canary] = field(default_factory=dict)
    hashes: dict[str, Canary] = field(default_factory=dict)

    def word(self, part: Part, source: Source, owner: str, option: str = "") -> str:
        letters = "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz", k=8))
        return self._let_fly(Canary(HATCH + letters, part, source, owner, option))

    def number(self, part: Part, source: Source, owner: str) -> int:
        """Nine digits, of which none of the first three is the beginning of another number here."""
        return int(self._let_fly(Canary(str(self.random.randrange(10**8, 10**9)), part, source, owner)))

    def _let_fly(self, canary: Canary) -> str:
        assert canary.words not in self.all
        self.all[canary.words] = canary
        for words in (canary.words, canary.words.upper()):
            for hashed in (hashlib.sha256, hashlib.sha1, hashlib.md5):
                self.hashes[hashed(words.encode(), usedforsecurity=False).hexdigest()] = canary
        return canary.words

    def found_in(self, text: str) -> set[Canary]:
        """Those in a text, as they are or in other clothes: escaped, in base64, zipped, hashed, with grouped digits."""
        found: set[Canary] = set()
        for shape in shapes_of(text):
            seen = {*WORD.findall(shape.lower()), *NUMBER.findall(shape), *NUMBER.findall(GROUPING.sub("", shape))}
            found |= {self.all[words] for words in seen & self.all.keys()}
            found |= {self.hashes[digest] for digest in set(HASH.findall(shape)) & self.hashes.keys()}
        return found


def shapes_of(text: str) -> Iterator[str]:
    """The text, and what can be unpacked from it."""
    yield text
    if "&" in text:
        yield unescape(text)
    if "%" in text:
        yield unquote(text)
    for packed in PACKED.findall(text):
        yield from _unpacked(packed)


def _unpacked(packed: str) -> Iterator[str]:
    """What a long word says as hexadecimal or base64, zipped or not. A cookie is several such words with dots between."""
    for part in filter(None, packed.split(".")):
        padded = part.rstrip("=").replace("+", "-").replace("/", "_")
        try:
            opened = base64.urlsafe_b64decode(padded + "=" * (-len(padded) % 4))
        except (binascii.Error, ValueError):
            continue
        yield opened.decode(errors="replace")
        with suppress(zlib.error):
            yield zlib.decompress(opened).decode(errors="replace")
        if re.fullmatch("[0-9a-fA-F]+", part) and len(part) % 2 == 0:
            yield bytes.fromhex(part).decode(errors="replace")


# ---- into the questions of a tree


def plant(tree: Path, target: Path, flock: Flock) -> None:
    """Copy a tree of content, with a canary in every part of every question."""
    shutil.copytree(tree, target)
    for path in sorted(target.rglob("*.md")):
        if "/// question" in (text := path.read_text()):
            path.write_text(_Planting(flock, source_of(path)).into(text))


def source_of(path: Path) -> Source:
    if path.name != "bank.md":
        return Source.CHECK
    return Source.EXAM if "exams" in path.parts else Source.QUIZ


@dataclass
class _Planting:
    flock: Flock
    source: Source
    owner: str = ""
    options: int = 0

    def into(self, text: str) -> str:
        """The text question by question; what is outside of them stays."""
        pieces = re.split(r"(?ms)(^/// question.*?^///$)", text)
        return "".join(self._question(piece) if piece.startswith("/// question") else piece for piece in pieces)

    def _question(self, block: str) -> str:
        found = re.search(ITEM_ID.pattern, block, re.MULTILINE)
        assert found is not None
        self.owner, self.options = found[1], 0
        lines = [piece for line in block.splitlines() for piece in self._line(line)]
        return "\n".join(lines)

    def _line(self, line: str) -> list[str]:
        if match := QUESTION.match(line):
            return [f"/// question | {match[1]} {self._word(Part.STEM)}"]
        if match := OPTION.match(line):
            return self._option(line, match[2])
        if match := FEEDBACK.match(line):
            return [f"{line} {self._word(Part.FEEDBACK)}"]
        if ANSWER.match(line):
            key = self.flock.number(Part.KEY, self.source, self.owner)
            return [f"    answer: {key} ± 5"]
        if not line or line == "///" or HEAD.match(line):
            return [line]
        return [f"{line} {self._word(Part.EXPLANATION)}"]

    def _option(self, line: str, words: str) -> list[str]:
        self.options += 1
        shown = line if words in {"True", "False"} else f"{line} {self._word(Part.OPTION)}"
        return [shown, f"    - {self._word(Part.FEEDBACK)}"]

    def _word(self, part: Part) -> str:
        belongs = f"o{self.options}" if part in {Part.OPTION, Part.FEEDBACK} else ""
        return self.flock.word(part, self.source, self.owner, belongs)
