"""The words that come from data: what people typed, what content says, names of places and days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import get_timezone_name

SEPARATORS = re.compile(r"\s*(?:[·|()“”/–]|[\d:]*\d|, |: |\. |; )\s*")
CODE = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5,6}){4}\b")
WORD = re.compile(r"[^\W\d_]+")
LETTERS = re.compile(r"[^\W\d_]{2,}")
# Names and signs that are the same in every language.
SAME_EVERYWHERE = {
    "Baton",
    "Zoom",
    "PDF",
    "CSV",
    "QR",
    "min",
    "h",
    "JavaScript",
    "EST",
    "EDT",
    "CST",
    "CDT",
    "UTC",
    "ET",
    "CT",
    "PT",
}
MARKS = re.compile(r"[|<>\[\]]")
SENTENCE_WORDS = 3


@dataclass(frozen=True)
class Known:
    """Whole values, and running text of which a part of three words or more is known too."""

    values: frozenset[str]
    text: str

    @classmethod
    def of(cls, tree: Path, tables: Mapping[str, Sequence[Sequence[Any]]]) -> Known:
        written = [
            path.read_text(encoding="utf-8")
            for path in sorted(tree.rglob("*"))
            if path.suffix in {".md", ".yaml", ".svg"}
        ]
        stored = [each for rows in tables.values() for row in rows for value in row for each in _strings(value)]
        values = {plain(each) for each in (*stored, *_lines(written), *_named(), *SAME_EVERYWHERE)}
        values |= {plain(path.name) for path in tree.rglob("*")}
        return cls(frozenset(values - {""}), " ".join(plain(each) for each in (*written, *stored)))

    def explains(self, line: str) -> bool:
        """Whether all of it is known."""
        line = CODE.sub("", line)
        return self._is_known(line) or all(self._is_known(part) for part in SEPARATORS.split(line))

    def _is_known(self, part: str) -> bool:
        words = plain(part)
        if not LETTERS.search(words) or words in self.values:
            return True
        return len(words.split()) >= SENTENCE_WORDS and words in self.text


def plain(text: str) -> str:
    """The words alone, so that marks and markup between them make no difference."""
    return " ".join(WORD.findall(text))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)


def _lines(written: Iterable[str]) -> Iterator[str]:
    """Lines of Markdown, and the values of lines of YAML."""
    for text in written:
        for line in text.splitlines():
            yield line
            yield line.partition(": ")[2]
            yield from MARKS.split(line)


def _named() -> Iterator[str]:
    """Months, days and zones, as the calendar of the language calls them."""
    locale = Locale("en")
    for width in ("wide", "abbreviated"):
        yield from locale.months["format"][width].values()
        yield from locale.days["format"][width].values()
    for zone in available_timezones():
        for form in ("long", "short"):
            yield str(get_timezone_name(ZoneInfo(zone), width=form, locale=locale))
        yield from zone.replace("_", " ").split("/")
        yield zone
