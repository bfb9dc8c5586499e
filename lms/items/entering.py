"""What the types that are answered by typing have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lms.foundation.messages import Message
from lms.items.interface import ItemType
from lms.items.values import BadResponse, Item, Response


class EnteringType(ItemType):
    """One field to type into. The text is kept as it was typed."""

    def blank_response(self) -> Response:
        return {"text": ""}

    def _response_from(self, item: Item, form_values: Sequence[str]) -> Response:  # noqa: ARG002 - any text will do
        if len(form_values) > 1:
            raise BadResponse(Message("This question takes one answer."))
        return {"text": form_values[0] if form_values else ""}

    def is_answered(self, response: Response) -> bool:
        return bool(entered_text(response).strip())

    def describe(self, item: Item, response: Response) -> tuple[str, ...]:  # noqa: ARG002 - the text says it alone
        text = entered_text(response)
        return (text,) if text.strip() else ()


def entered_text(response: Response) -> str:
    """The text of a response; "" where it is of another shape."""
    text: Any = response.get("text")
    return text if isinstance(text, str) else ""
