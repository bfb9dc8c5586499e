"""The head of a question: a flat YAML 1.2 mapping, each value with its place.

Read from parser events, so that nothing is ever constructed: no tags, no aliases, no
merging, no depth. What a plain word means (true, 12, null) is decided by the key that asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from lms.foundation.messages import Message
from lms.items.findings import Findings, nearest
from lms.items.lines import CODE_INDENT

LONGEST_HEAD = 8_192
MOST_BRACKETS = 32
LONGEST_ID = 100

_ID_PART = re.compile(r"[a-z0-9]+")
_NOT_A_WORD = re.compile(r"true|false|null|~|[0-9]+|0x[0-9a-f]+|0o[0-7]+|[0-9]+e[0-9]+", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ue042\ud800-\udfff]")
_ONE_MAPPING = Message("A head is one plain mapping, without “---” and “%”.")


@dataclass(frozen=True)
class Scalar:
    """One word of a head at `line`:`column`; `plain` where it stands without quotes."""

    text: str
    plain: bool
    line: int
    column: int


Value: TypeAlias = "Scalar | tuple[Scalar, ...]"


@dataclass(frozen=True)
class Entry:
    """One key with its value (a word, or a list of words)."""

    key: Scalar
    value: Value


@dataclass(frozen=True)
class Head:
    """The entries of a head, and where the head begins; not `complete` where reading broke off, which is reported."""

    entries: Mapping[str, Entry]
    line: int
    complete: bool
    findings: Findings

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Report every key that is not `known`, naming the nearest that is."""
        names = tuple(known)
        for name, entry in self.entries.items():
            if name not in names:
                self.findings.error(
                    "head-unknown-key",
                    Message("Unknown key “{key}”.", {"key": name[:64]}),
                    entry.key.line,
                    entry.key.column,
                    Message("The nearest known key is “{key}”.", {"key": nearest(name, names)}),
                )

    def require(self, key: str) -> bool:
        """Whether `key` is there; reports it missing if not."""
        if key not in self.entries and self.complete:
            self.findings.error("head-missing-key", Message("The key “{key}” is missing.", {"key": key}), self.line)
        return key in self.entries

    def words(self, key: str) -> tuple[Scalar, ...]:
        """The list at `key`; empty (and reported) where there is no list."""
        entry = self.entries.get(key)
        if entry is None:
            return ()
        if isinstance(entry.value, tuple):
            return entry.value
        self._refuse(
            "head-list",
            Message("“{key}” takes a list.", {"key": key}),
            entry.value,
            Message("Write “{key}: [{text}]”.", {"key": key, "text": entry.value.text[:64]}),
        )
        return ()

    def word(self, key: str) -> Scalar | None:
        """The one word at `key`; None (and reported) where there is a list or nothing."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        if isinstance(entry.value, tuple):
            self._refuse("head-word", Message("“{key}” takes one value, not a list.", {"key": key}), entry.key)
            return None
        if not entry.value.text.strip():
            self._refuse("head-empty", Message("“{key}” is empty.", {"key": key}), entry.key)
            return None
        return entry.value

    def identifier(self, key: str) -> str:
        """The id at `key`; "" (and reported) where there is none or it is no id."""
        word = self.word(key) if self.require(key) else None
        if word is None:
            return ""
        if word.plain and _NOT_A_WORD.fullmatch(word.text):
            message = Message("“{text}” is a {kind} in YAML, not an id.", {"text": word.text[:64], "kind": _kind(word)})
            self._refuse("head-id", message, word, Message("Choose an id with a word in it."))
            return ""
        if not _is_id(word.text):
            message = Message(
                "“{text}” is not an id: lowercase letters, digits and single hyphens, at most {n} characters.",
                {"text": word.text[:64], "n": LONGEST_ID},
            )
            self._refuse("head-id", message, word)
            return ""
        return word.text

    def flag(self, key: str) -> bool:
        """The true or false at `key`; False where it is missing, and (reported) where it is anything else."""
        word = self.word(key)
        if word is None:
            return False
        if not word.plain or word.text not in {"true", "false"}:
            self._refuse("head-flag", Message("“{key}” is either true or false.", {"key": key}), word)
        return word.text == "true"

    def _refuse(self, code: str, message: Message, at: Scalar, mend: Message | None = None) -> None:
        self.findings.error(code, message, at.line, at.column, mend)


def read_head(source: str, *, first_line: int, findings: Findings) -> Head:
    """The head whose YAML (its indentation taken off) begins at line `first_line`.

    Never raises: what can't be read is reported, and the entries before it are kept.
    """
    reader = _Reader(source, first_line, findings)
    complete = False
    try:
        reader.read()
        complete = True
    except _Refused:
        pass  # reported where it was refused
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reader.refuse("head-yaml", _yaml_message(error.problem), mark)
    except ReaderError as error:
        before = source[: error.position]
        line = first_line + before.count("\n")
        column = error.position - (before.rfind("\n") + 1) + CODE_INDENT + 1
        findings.error("head-yaml", Message("The head holds a character that YAML refuses."), line, column)
    except (YAMLError, ValueError):
        findings.error("head-yaml", Message("The head is not YAML."), first_line)
    return Head(reader.entries, first_line, complete, findings)


class _Refused(Exception):
    """The rest of the head is not worth reading; the reason is reported."""


class _Reader:
    """Turns parser events into entries, refusing all but a flat mapping."""

    def __init__(self, source: str, first_line: int, findings: Findings) -> None:
        self.source = source
        self.first_line = first_line
        self.findings = findings
        self.entries: dict[str, Entry] = {}

    def read(self) -> None:
        self._refuse_large()
        events = iter(YAML(typ="safe", pure=True).parse(self.source))
        next(events)  # the stream's start
        document = next(events)
        if not isinstance(document, DocumentStartEvent):
            return  # an empty head
        if document.explicit:
            self._stop("head-document", _ONE_MAPPING, document.start_mark)
        top = next(events)
        if not isinstance(top, MappingStartEvent) or top.anchor or top.tag:
            self._stop("head-mapping", Message("A head is made of “key: value” lines."), top.start_mark)
        while isinstance(event := next(events), ScalarEvent | SequenceStartEvent | MappingStartEvent | AliasEvent):
            self._take_entry(self._scalar(event), events)
        next(events)  # the document's end
        if isinstance(after := next(events), DocumentStartEvent):
            self._stop("head-document", _ONE_MAPPING, after.start_mark)

    def _take_entry(self, key: Scalar, events: Iterator[Any]) -> None:
        value = self._value(next(events), events)
        if key.text in self.entries:
            message = Message("The key “{key}” stands twice.", {"key": key.text[:64]})
            self.findings.error("head-duplicate-key", message, key.line, key.column)
            return
        self.entries[key.text] = Entry(key, value)

    def _value(self, event: Any, events: Iterator[Any]) -> Value:
        if not isinstance(event, SequenceStartEvent):
            return self._scalar(event)
        self._refuse_decoration(event)
        words = []
        while not isinstance(inner := next(events), SequenceEndEvent):
            words.append(self._scalar(inner))
        return tuple(words)

    def _scalar(self, event: Any) -> Scalar:
        self._refuse_decoration(event)
        if not isinstance(event, ScalarEvent):
            self._stop("head-depth", Message("A value in a head is a word or a list of words."), event.start_mark)
        line, column = self._place(event.start_mark)
        if _UNPRINTABLE.search(event.value):
            self.findings.error("head-character", Message("A value in a head is one line of text."), line, column)
        return Scalar(event.value, event.style is None or event.style == "", line, column)

    def _refuse_decoration(self, event: Any) -> None:
        if isinstance(event, AliasEvent) or event.anchor:
            self._stop("head-alias", Message("Anchors and aliases are not allowed."), event.start_mark)
        if event.tag:
            self._stop("head-tag", Message("YAML tags are not allowed."), event.start_mark)

    def _refuse_large(self) -> None:
        if len(self.source) > LONGEST_HEAD:
            message = Message("A head may be {n} characters long.", {"n": LONGEST_HEAD})
            self.findings.error("head-size", message, self.first_line)
            raise _Refused
        opened = (at for at, character in enumerate(self.source) if character in "[{")
        for at in islice(opened, MOST_BRACKETS, None):
            before = self.source[:at]
            line = self.first_line + before.count("\n")
            column = at - (before.rfind("\n") + 1) + CODE_INDENT + 1
            message = Message("A head may hold {n} opening brackets.", {"n": MOST_BRACKETS})
            self.findings.error("head-depth", message, line, column)
            raise _Refused

    def _stop(self, code: str, message: Message, mark: Any) -> None:
        self.refuse(code, message, mark)
        raise _Refused

    def refuse(self, code: str, message: Message, mark: Any) -> None:
        line, column = self._place(mark)
        self.findings.error(code, message, line, column)

    def _place(self, mark: Any) -> tuple[int, int]:
        if mark is None:
            return self.first_line, 1
        return self.first_line + mark.line, mark.column + CODE_INDENT + 1


def _yaml_message(problem: str | None) -> Message:
    return Message("The head is not YAML: {problem}.", {"problem": problem or "it breaks off"})


def written_id(text: str) -> str:
    """An id as a head writes it: in quotes where YAML would take it for a number or the like."""
    return f"'{text}'" if _NOT_A_WORD.fullmatch(text) else text


def _is_id(text: str) -> bool:
    return len(text) <= LONGEST_ID and all(_ID_PART.fullmatch(part) for part in text.split("-"))


def _kind(word: Scalar) -> Message:
    if word.text.casefold() in {"true", "false"}:
        return Message("true-or-false value")
    return Message("null") if word.text.casefold() in {"null", "~"} else Message("number")
