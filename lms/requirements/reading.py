"""Requirements as they are written: YAML → tree, with the place of every problem, and JSON → tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias

from pydantic import ConfigDict, TypeAdapter, ValidationError

from lms.foundation.messages import Message
from lms.foundation.problems import Problem
from lms.foundation.yaml_source import nearest, plain, position, problems_from, unknown_key
from lms.requirements.combinators import AllOf, AnyOf, Not, OnlyIf, Preferred, Unless
from lms.requirements.leaves import LEAVES
from lms.requirements.packing import Codec
from lms.requirements.tree import Leaf, Requirement

Place: TypeAlias = tuple[int, int]
MAX_DEPTH = 40

COMBINATORS = ("all_of", "any_of", "not", "preferred", "unless", "only_if")


def parse_requirement(
    node: Any, where: str, place: Place | None = None
) -> tuple[Requirement | None, tuple[Problem, ...]]:
    """The tree that `node` (loaded YAML, or plain JSON) writes in the file `where`, and its problems.

    None when an error keeps any part of it from being read; a tree that nobody could ever meet
    comes back together with the errors that say so. `place` is the line and column of a bare scalar.
    """
    reader = _Reader(where)
    found = reader.read(node, place or position(node), depth=0)
    return found, tuple(reader.problems)


def requirement_from_json(written: Any) -> Requirement:
    """The tree that `to_json` wrote. Raises ValueError for anything else."""
    found, problems = parse_requirement(written, "")
    if found is None:
        raise ValueError("; ".join(problem.message.in_english() for problem in problems))
    return found


def problems_of(requirement: Requirement) -> tuple[Problem, ...]:
    """Why the tree, or a part of it, can never be met or decides nothing; without places."""
    own = tuple(Problem("cannot-be-met", fault) for fault in requirement.faults())
    return own + tuple(problem for child in requirement.children for problem in problems_of(child))


def _validated(value: Any) -> Requirement:
    return value if isinstance(value, Requirement) else requirement_from_json(value)


def _written(requirement: Requirement | None) -> Any:
    return None if requirement is None else requirement.to_json()


PackedRequirement: TypeAlias = Annotated[Requirement, Codec(_validated, _written)]
PackedRequirementOrNone: TypeAlias = Annotated[
    Requirement | None, Codec(lambda value: None if value is None else _validated(value), _written)
]


@dataclass
class _Reader:
    """Walks one tree, gathering problems and never stopping at the first."""

    path: str
    problems: list[Problem] = field(default_factory=list)

    def read(self, node: Any, place: Place, depth: int) -> Requirement | None:
        if depth > MAX_DEPTH:
            return self._refuse("too-deep", Message("This requirement is nested too deeply."), place)
        if not isinstance(node, dict) or not node:
            return self._refuse("not-a-requirement", Message("A requirement is written as `name: value`."), place)
        heads = [key for key in node if key in COMBINATORS or key in LEAVES]
        if len(heads) > 1:
            message = Message("Only one requirement may stand here: {names}.", {"names": tuple(heads)})
            mend = Message("Put them under all_of, one a line.")
            return self._refuse("several-requirements", message, position(node, (heads[1],), of_key=True), mend)
        if not heads:
            return self._unknown(node)
        found = self._read_head(heads[0], node, depth)
        if found is not None:
            self._report_faults(found, node, heads[0])
        return found

    def _read_head(self, head: str, node: Any, depth: int) -> Requirement | None:
        companions = {"any_of": ("at_least",), "unless": ("then",), "only_if": ("then",)}.get(head, ())
        strangers = [key for key in node if key != head and key not in companions]
        for key in strangers:
            place = position(node, (key,), of_key=True)
            self.problems.append(unknown_key(str(key), (head, *companions), self.path, place))
        found = self._reader_of(head)(head, node, depth)
        return None if strangers else found

    def _reader_of(self, head: str) -> Callable[[str, Any, int], Requirement | None]:
        if head in {"all_of", "any_of"}:
            return self._read_list
        if head in {"unless", "only_if"}:
            return self._read_conditional
        return self._read_wrapped if head in COMBINATORS else self._read_leaf

    def _read_list(self, head: str, node: Any, depth: int) -> Requirement | None:
        written = node[head]
        if not isinstance(written, list):
            message = Message("“{name}” takes a list of requirements.", {"name": head})
            return self._refuse("not-a-list", message, position(node, (head,)))
        parts = [self.read(part, position(node, (head, index)), depth + 1) for index, part in enumerate(written)]
        if head == "all_of":
            whole = _complete(parts)
            return None if whole is None else AllOf(whole)
        count = node.get("at_least", 1)
        if isinstance(count, bool) or not isinstance(count, int):
            message = Message("“at_least” takes a whole number.")
            return self._refuse("bad-value", message, position(node, ("at_least",)))
        whole = _complete(parts)
        return None if whole is None else AnyOf(whole, int(count))

    def _read_conditional(self, head: str, node: Any, depth: int) -> Requirement | None:
        condition = self.read(node[head], position(node, (head,)), depth + 1)
        if "then" not in node:
            message = Message("“{name}” needs a “then” beside it: the requirement it is about.", {"name": head})
            return self._refuse("missing-key", message, position(node, (head,), of_key=True))
        part = self.read(node["then"], position(node, ("then",)), depth + 1)
        if condition is None or part is None:
            return None
        return Unless(condition, part) if head == "unless" else OnlyIf(condition, part)

    def _read_wrapped(self, head: str, node: Any, depth: int) -> Requirement | None:
        part = self.read(node[head], position(node, (head,)), depth + 1)
        if part is None:
            return None
        return Not(part) if head == "not" else Preferred(part)

    def _read_leaf(self, head: str, node: Any, depth: int) -> Requirement | None:  # noqa: ARG002 - read like the others
        kind, written = LEAVES[head], node[head]
        is_mapping = isinstance(written, dict)
        options = (
            plain(written) if is_mapping else {kind.shorthand: plain(written)} if kind.shorthand else plain(written)
        )
        try:
            leaf: Leaf = _adapter(kind).validate_python(options)
        except ValidationError as error:
            place = position(node, (head,))
            located = problems_from(error, written, self.path, kind)
            self.problems.extend(located if is_mapping else (_moved(problem, place) for problem in located))
            return None
        return leaf

    def _unknown(self, node: Any) -> Requirement | None:
        known = (*COMBINATORS, *LEAVES)
        for key in node:
            place = position(node, (key,), of_key=True)
            message = Message("“{name}” is not a requirement.", {"name": str(key)})
            self._refuse("unknown-requirement", message, place, nearest(str(key), known))
        return None

    def _report_faults(self, found: Requirement, node: Any, head: str) -> None:
        line, column = position(node, (head,), of_key=True)
        for fault in found.faults():
            self.problems.append(Problem("cannot-be-met", fault, self.path, line, column))

    def _refuse(self, code: str, message: Message, place: Place, mend: Message | None = None) -> Requirement | None:
        """Notes the problem; None in place of the requirement that could not be read."""
        self.problems.append(Problem(code, message, self.path, *place, mend=mend))
        return None


def _complete(parts: Iterable[Requirement | None]) -> tuple[Requirement, ...] | None:
    """All of them, or None where one could not be read."""
    read = tuple(parts)
    whole = tuple(part for part in read if part is not None)
    return whole if len(whole) == len(read) else None


def _adapter(kind: type[Leaf]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(_strict(kind))
    return _ADAPTERS[kind]


_ADAPTERS: dict[type[Leaf], TypeAdapter[Any]] = {}


def _strict(kind: type[Leaf]) -> type[Leaf]:
    kind.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined]  # pydantic looks for it there
    return kind


def _moved(problem: Problem, place: Place) -> Problem:
    return Problem(problem.code, problem.message, problem.path, *place, mend=problem.mend)
