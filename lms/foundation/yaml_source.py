"""YAML that people write by hand, read strictly and with the place of every value.

YAML 1.2 alone: no tags, anchors, aliases, merge keys or directives; a key stands once;
timestamps stay strings. Size and nesting are capped before anything is built.
`load` gives ruamel's round-trip nodes, whose `.lc` knows lines and columns; `read_model`
lets pydantic judge a node and turns its complaints into located problems.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, TypeVar, Union

from pydantic import BaseModel, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from lms.foundation.messages import Message
from lms.foundation.problems import Problem

MAX_BYTES = 1_000_000
MAX_NESTING = 50

Loc = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)
Known = TypeVar("Known")


def load(text: str, path: str) -> tuple[Any, tuple[Problem, ...]]:
    """The document's root node, or None with the problems that stop it from being read.

    A node is a CommentedMap, a CommentedSeq or a scalar; an empty document is a problem.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None, (Problem("yaml-too-large", Message("This file is larger than 1 MB."), path),)
    try:
        refused = tuple(problem.at(path) for problem in _refusals(text))
        if refused:
            return None, refused
        node = _round_trip().load(text)
    except YAMLError as error:
        return None, (_syntax_problem(error, path),)
    if node is None:
        return None, (Problem("yaml-empty", Message("There is nothing here."), path),)
    return node, ()


def position(node: Any, loc: Sequence[int | str] = (), *, of_key: bool = False) -> tuple[int, int]:
    """Line and column (from 1) of what `loc` points at inside `node`: the deepest place that exists.

    With `of_key`, the last step means the key and not its value.
    """
    place = _start_of(node)
    for index, step in enumerate(loc):
        if isinstance(node, CommentedMap) and step in node:
            wants_key = of_key and index == len(loc) - 1
            place = node.lc.key(step) if wants_key else node.lc.value(step)
            node = node[step]
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            place = node.lc.item(step)
            node = node[step]
    line, column = place
    return line + 1, column + 1


def plain(node: Any) -> Any:
    """The node as ordinary dicts, lists, strings, numbers and truth values."""
    if isinstance(node, dict):
        return {plain(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    if isinstance(node, bool) or type(node).__name__ == "ScalarBoolean":
        return bool(node)
    for ordinary in (int, float, str):
        if isinstance(node, ordinary):
            return ordinary(node)
    return node


def read_model(model: type[Model], node: Any, path: str) -> tuple[Model | None, tuple[Problem, ...]]:
    """The node as the pydantic model, or None and every complaint with its place."""
    try:
        return model.model_validate(plain(node)), ()
    except ValidationError as error:
        return None, problems_from(error, node, path, model)


def read_type(kind: type[Known], node: Any, path: str) -> tuple[Known | None, tuple[Problem, ...]]:
    """The same for anything else that pydantic can judge: a dataclass, a list, a literal."""
    try:
        return TypeAdapter(kind).validate_python(plain(node)), ()
    except ValidationError as error:
        return None, problems_from(error, node, path, kind)


def problems_from(error: ValidationError, node: Any, path: str, model: Any) -> tuple[Problem, ...]:
    """What pydantic complains about, in plain words and where it stands."""
    return tuple(_problem_from(detail, node, path, model) for detail in error.errors(include_url=False))


def unknown_key(key: str, known: Iterable[str], path: str, place: tuple[int, int]) -> Problem:
    """A key that means nothing here, with the nearest one that does."""
    line, column = place
    message = Message("The key “{key}” is not known here.", {"key": key})
    return Problem("unknown-key", message, path, line, column, mend=nearest(key, known))


def nearest(word: str, known: Iterable[str]) -> Message | None:
    """A suggestion for a mistyped word, or the list to choose from when nothing is near."""
    choices = sorted(known)
    if close := difflib.get_close_matches(word, choices, n=1, cutoff=0.6):
        return Message("Did you mean “{word}”?", {"word": close[0]})
    return Message("Known here: {words}.", {"words": tuple(choices)}) if choices else None


class _PlainConstructor(RoundTripConstructor):
    """Keeps timestamps as written (impossible dates would crash without a place) and refuses absurd numbers."""

    def construct_yaml_timestamp(self, node: Any, values: Any = None) -> Any:  # noqa: ARG002 - ruamel calls it so
        return self.construct_scalar(node)

    def construct_yaml_int(self, node: Any) -> Any:
        return self._number(super().construct_yaml_int, node)

    def construct_yaml_float(self, node: Any) -> Any:
        return self._number(super().construct_yaml_float, node)

    @staticmethod
    def _number(construct: Any, node: Any) -> Any:
        try:
            return construct(node)
        except (ValueError, OverflowError) as error:
            raise ConstructorError(None, None, "this number cannot be read", node.start_mark) from error


for _tag, _construct in (
    ("timestamp", _PlainConstructor.construct_yaml_timestamp),
    ("int", _PlainConstructor.construct_yaml_int),
    ("float", _PlainConstructor.construct_yaml_float),
):
    _PlainConstructor.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct)


def _round_trip() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _PlainConstructor
    return yaml


def _refusals(text: str) -> Iterator[Problem]:
    """What the language allows and we do not, found in the parser's events before any node exists."""
    levels: list[_Level] = []
    for count, event in enumerate(_documents_as_events(text)):
        yield from _refused_features(event)
        if isinstance(event, DocumentStartEvent) and count > 1:
            yield _problem(event, "yaml-documents", "Only one document may stand in a file.")
            return
        if isinstance(event, ScalarEvent | AliasEvent | MappingStartEvent | SequenceStartEvent) and levels:
            yield from levels[-1].take(event)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            levels.append(_Level(is_mapping=isinstance(event, MappingStartEvent)))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            levels.pop()
        if len(levels) > MAX_NESTING:
            yield _problem(event, "yaml-too-deep", "This is nested more than 50 levels deep.")
            return


def _documents_as_events(text: str) -> Iterator[Event]:
    return YAML(typ="rt", pure=True).parse(text)  # type: ignore[no-any-return]  # ruamel has no types here


class _Level:
    """One open mapping or list while the events go by: knows whether the next node is a key."""

    def __init__(self, *, is_mapping: bool) -> None:
        self.is_mapping = is_mapping
        self.wants_key = is_mapping
        self.keys: set[str] = set()

    def take(self, event: NodeEvent) -> Iterator[Problem]:
        if self.wants_key:
            yield from self._take_key(event)
        if self.is_mapping:
            self.wants_key = not self.wants_key

    def _take_key(self, event: NodeEvent) -> Iterator[Problem]:
        if not isinstance(event, ScalarEvent):
            yield _problem(event, "yaml-key", "A key must be a plain word.")
        elif event.value == "<<":
            yield _problem(event, "yaml-merge", "Merge keys are not allowed. Write the values out.")
        elif event.value in self.keys:
            yield _problem(event, "yaml-duplicate-key", "The key “{key}” stands here twice.", key=event.value)
        else:
            self.keys.add(event.value)


def _refused_features(event: Event) -> Iterator[Problem]:
    if isinstance(event, AliasEvent):
        yield _problem(event, "yaml-alias", "Aliases (*name) are not allowed. Write the value out.")
    elif getattr(event, "anchor", None):
        yield _problem(event, "yaml-anchor", "Anchors (&name) are not allowed.")
    if getattr(event, "ctag", None) or (isinstance(event, NodeEvent) and getattr(event, "tag", None)):
        yield _problem(event, "yaml-tag", "Tags (!name) are not allowed.")
    if isinstance(event, ScalarEvent) and any("\ud800" <= letter <= "\udfff" for letter in event.value):
        yield _problem(event, "yaml-character", "Half a character (a lone surrogate) cannot be stored.")
    if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
        yield _problem(event, "yaml-directive", "Directives (%…) are not allowed; this is YAML 1.2.")


def _problem(event: Event, code: str, sentence: str, **values: str) -> Problem:
    mark = event.start_mark
    return Problem(code, Message(sentence, values), "", mark.line + 1, mark.column + 1)


def _syntax_problem(error: YAMLError, path: str) -> Problem:
    if isinstance(error, ReaderError):
        code = error.character if isinstance(error.character, int) else ord(error.character)
        return Problem(
            "yaml-character", Message("This character is not allowed: {code}.", {"code": f"U+{code:04X}"}), path
        )
    mark = (error.problem_mark or error.context_mark) if isinstance(error, MarkedYAMLError) else None
    reason = str(getattr(error, "problem", "") or "it cannot be read").split("\n", 1)[0]
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem("yaml-syntax", Message("This is not YAML: {reason}.", {"reason": reason}), path, line, column)


def _start_of(node: Any) -> tuple[int, int]:
    if isinstance(node, CommentedMap | CommentedSeq) and node.lc.line is not None:
        return node.lc.line, node.lc.col
    return 0, 0


def _problem_from(detail: Any, node: Any, path: str, model: Any) -> Problem:
    loc: Loc = detail["loc"]
    if detail["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        return unknown_key(str(loc[-1]), _keys_at(model, loc[:-1]), path, position(node, loc, of_key=True))
    line, column = position(node, loc)
    where = ".".join(str(step) for step in loc)
    if detail["type"] in {"missing", "missing_argument"}:
        message = Message("The key “{key}” is missing.", {"key": where})
        return Problem("missing-key", message, path, line, column)
    message = Message("“{key}” cannot be this: {reason}.", {"key": where, "reason": _reason(detail)})
    return Problem("bad-value", message, path, line, column)


def _reason(detail: Any) -> str:
    sentence: str = detail["msg"]
    return sentence.removeprefix("Value error, ").rstrip(".")


def _keys_at(kind: Any, loc: Loc) -> tuple[str, ...]:
    """The keys that the model knows at `loc`, found by walking its annotations."""
    for step in loc:
        kind = _step_into(kind, step)
    return tuple(name for part in _parts(kind) for name in _field_types(part))


def _step_into(kind: Any, step: int | str) -> Any:
    inner = [_field_types(part).get(str(step)) or _element(part) for part in _parts(kind)]
    found = [part for part in inner if part is not None]
    return Union[tuple(found)] if found else None  # noqa: UP007 - built at run time


def _parts(kind: Any) -> tuple[Any, ...]:
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return _parts(typing.get_args(kind)[0])
    if origin in {Union, types.UnionType}:
        return tuple(part for choice in typing.get_args(kind) for part in _parts(choice))
    return (kind,)


def _element(kind: Any) -> Any:
    arguments = [argument for argument in typing.get_args(kind) if argument is not Ellipsis]
    return arguments[-1] if arguments and typing.get_origin(kind) in {list, tuple, dict} else None


def _field_types(kind: Any) -> dict[str, Any]:
    """YAML key → type, for a pydantic model or a dataclass."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
    if hasattr(kind, "__dataclass_fields__"):
        hints = typing.get_type_hints(kind, include_extras=True)
        return {_alias(hints[name]) or name: hints[name] for name in kind.__dataclass_fields__}
    return {}


def _alias(hint: Any) -> str | None:
    extras = typing.get_args(hint)[1:] if typing.get_origin(hint) is Annotated else ()
    return next((extra.alias for extra in extras if getattr(extra, "alias", None)), None)
