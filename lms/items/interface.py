"""The one interface behind which every item type stands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lms.foundation.messages import Message
from lms.items.findings import Findings
from lms.items.heads import Head
from lms.items.options import WrittenOption
from lms.items.values import BadResponse, Item, Key, Response

LONGEST_RESPONSE = 10_000
MOST_VALUES = 1_000


@dataclass(frozen=True)
class Draft:
    """A block on its way to becoming an item: what the type has to look at."""

    head: Head
    stem_line: str
    options: tuple[WrittenOption, ...]
    line: int
    findings: Findings


class ItemType(ABC):
    """One kind of question: how it is written, answered, scored and described.

    Each type is one file in `lms/items/types/` that ends in `TYPE = …()`.
    """

    name: str
    head_keys: frozenset[str] = frozenset()
    takes_options = False
    shuffles = False

    @abstractmethod
    def parse(self, draft: Draft) -> Key | None:
        """The key that this type's head says (None where the options say it); what is wrong goes to the findings."""

    def key_from_json(self, packed: Mapping[str, Any]) -> Key | None:  # noqa: ARG002 - for types that have a key
        """The key that its `to_json` packed."""
        raise ValueError(f"Items of type {self.name} have no key beside their options.")

    def head_lines(self, item: Item) -> tuple[str, ...]:  # noqa: ARG002 - for types that have a key
        """The lines of YAML by which this type's key is written."""
        return ()

    def shown(self, item: Item) -> Mapping[str, str]:  # noqa: ARG002 - for types that show more
        """What a sitting shows beside stem and options; never anything of the key."""
        return {}

    @abstractmethod
    def blank_response(self) -> Response:
        """The response of who has not answered."""

    def read_response(self, item: Item, form_values: Sequence[str]) -> Response:
        """The response that a form sent; several values are the boxes ticked.

        Raises BadResponse for what no honest page sends.
        """
        if len(form_values) > MOST_VALUES or sum(map(len, form_values)) > LONGEST_RESPONSE:
            raise BadResponse(Message("An answer may be {n} characters long.", {"n": LONGEST_RESPONSE}))
        if any(_is_unstorable(character) for value in form_values for character in value):
            raise BadResponse(Message("The answer holds a character that can't be stored."))
        return self._response_from(item, form_values)

    @abstractmethod
    def _response_from(self, item: Item, form_values: Sequence[str]) -> Response:
        """The response in form values whose size and characters are in order."""

    @abstractmethod
    def is_answered(self, response: Response) -> bool:
        """Whether the response says anything."""

    @abstractmethod
    def score(self, item: Item, response: Response) -> Decimal:
        """The share of the item that the response has right, from 0 to 1. Never raises: an odd response scores 0."""

    @abstractmethod
    def right_response(self, item: Item) -> Response:
        """A response that scores 1, from the key: for demos, tests and keys shown after the fact."""

    @abstractmethod
    def describe(self, item: Item, response: Response) -> tuple[str, ...]:
        """What was answered, for staff: the texts of the options chosen, or the text written."""


def _is_unstorable(character: str) -> bool:
    return character == "\x00" or "\ud800" <= character <= "\udfff"
