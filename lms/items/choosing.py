"""What the types that choose among options have in common."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lms.foundation.messages import Message
from lms.items.interface import Draft, ItemType
from lms.items.values import BadResponse, Item, Response

FEWEST_OPTIONS = 2
MOST_OPTIONS = 20


class ChoosingType(ItemType):
    """Options to choose from. All or nothing: 1 where exactly the right options are chosen, else 0."""

    takes_options = True
    shuffles = True
    chooses_several = False

    def parse(self, draft: Draft) -> None:
        self._refuse_count(draft)
        self._refuse_twins(draft)
        right = sum(option.right for option in draft.options)
        if draft.options and not right:
            draft.findings.error(
                "question-key",
                Message("No option is marked as right."),
                draft.options[0].line,
                mend=Message("Mark the right one with “[x]”."),
            )
        if right > 1 and not self.chooses_several:
            draft.findings.error(
                "question-key",
                Message(
                    "A question of type {type} has one right option; here are {n}.", {"type": self.name, "n": right}
                ),
                draft.options[0].line,
            )

    def blank_response(self) -> Response:
        return {"options": []}

    def _response_from(self, item: Item, form_values: Sequence[str]) -> Response:
        chosen = {value for value in form_values if value}
        if chosen - {option.id for option in item.options}:
            raise BadResponse(Message("The answer names an option that this question does not have."))
        if not self.chooses_several and sum(map(bool, form_values)) > 1:
            raise BadResponse(Message("This question takes one option."))
        return {"options": [option.id for option in item.options if option.id in chosen]}

    def is_answered(self, response: Response) -> bool:
        return bool(chosen_options(response))

    def score(self, item: Item, response: Response) -> Decimal:
        chosen = chosen_options(response)
        right = frozenset(option.id for option in item.options if option.right)
        return Decimal(1) if chosen and chosen == right else Decimal(0)

    def right_response(self, item: Item) -> Response:
        return {"options": [option.id for option in item.options if option.right]}

    def describe(self, item: Item, response: Response) -> tuple[str, ...]:
        chosen = chosen_options(response)
        return tuple(option.text for option in item.options if option.id in chosen)

    def _refuse_count(self, draft: Draft) -> None:
        if not FEWEST_OPTIONS <= len(draft.options) <= MOST_OPTIONS:
            draft.findings.error(
                "question-options",
                Message(
                    "A question of type {type} has {fewest} to {most} options; here are {n}.",
                    {"type": self.name, "fewest": FEWEST_OPTIONS, "most": MOST_OPTIONS, "n": len(draft.options)},
                ),
                draft.line,
                mend=Message("Write each as “- [ ] text”, the right ones as “- [x] text”."),
            )

    def _refuse_twins(self, draft: Draft) -> None:
        seen: dict[str, int] = {}
        for option in draft.options:
            words = " ".join(option.text.split()).casefold()
            if words and words in seen:
                message = Message("This option is the same as the one in line {line}.", {"line": seen[words]})
                draft.findings.error("option-twin", message, option.line)
            seen.setdefault(words, option.line)


def chosen_options(response: Response) -> frozenset[str]:
    """The ids chosen in a response; none where it is of another shape."""
    chosen = response.get("options")
    return frozenset(id_ for id_ in chosen if isinstance(id_, str)) if isinstance(chosen, list | tuple) else frozenset()
