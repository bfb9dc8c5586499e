"""Answer with a word or two."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lms.foundation.messages import Message
from lms.items.entering import EnteringType, entered_text
from lms.items.interface import Draft
from lms.items.values import Item, Key, Response

_ALIKE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "‐": "-", "–": "-", "—": "-", "−": "-"})
_FINAL = ".,;:!? "


@dataclass(frozen=True)
class ShortTextKey:
    """The texts accepted, as the author wrote them."""

    accept: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"accept": list(self.accept)}


class ShortText(EnteringType):
    """A text that equals one of those accepted, both as `compared` sees them."""

    name = "short-text"
    head_keys = frozenset({"accept"})

    def parse(self, draft: Draft) -> Key | None:
        words = draft.head.words("accept") if draft.head.require("accept") else None
        if words == ():
            entry = draft.head.entries["accept"]
            if isinstance(entry.value, tuple):
                message = Message("“accept” lists no answer.")
                draft.findings.error("question-key", message, entry.key.line, entry.key.column)
        seen: set[str] = set()
        for word in words or ():
            form = compared(word.text)
            if not form or form in seen:
                said = Message("The same answer stands before it.") if form else Message("This answer has no letters.")
                draft.findings.error("question-accept", said, word.line, word.column)
            seen.add(form)
        return ShortTextKey(tuple(word.text.strip() for word in words)) if words else None

    def key_from_json(self, packed: Mapping[str, Any]) -> Key:
        return ShortTextKey(tuple(packed["accept"]))

    def head_lines(self, item: Item) -> tuple[str, ...]:
        quoted = (text.replace("'", "''") for text in key_of(item).accept)
        return ("accept:", *(f"  - '{text}'" for text in quoted))

    def right_response(self, item: Item) -> Response:
        return {"text": key_of(item).accept[0]}

    def score(self, item: Item, response: Response) -> Decimal:
        text = compared(entered_text(response))
        right = bool(text) and any(text == compared(accepted) for accepted in key_of(item).accept)
        return Decimal(1) if right else Decimal(0)


def key_of(item: Item) -> ShortTextKey:
    """The key of a short-text item. Raises TypeError for an item of another type."""
    if not isinstance(item.key, ShortTextKey):
        raise TypeError(f"Item {item.id} has no short-text key.")
    return item.key


def compared(text: str) -> str:
    """A text without what does not count: capitals, ways to write a sign, spaces, punctuation at its end.

    NFKC, curly quotes and long dashes as plain ones, casefolded, runs of spaces as one.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).translate(_ALIKE).casefold())
    return " ".join(folded.split()).rstrip(_FINAL)


TYPE = ShortText()
