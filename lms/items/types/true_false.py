"""Say whether a statement is true."""

from __future__ import annotations

from lms.foundation.messages import Message
from lms.items.choosing import ChoosingType
from lms.items.interface import Draft


class TrueFalse(ChoosingType):
    """Exactly the options True and False, in this order, never shuffled."""

    name = "true-false"
    shuffles = False

    def parse(self, draft: Draft) -> None:
        super().parse(draft)
        if [option.text for option in draft.options] != ["True", "False"]:
            draft.findings.error(
                "question-true-false",
                Message("A true-false question has the options True and False, in this order."),
                draft.options[0].line if draft.options else draft.line,
                mend=Message("Write “- [x] True” and “- [ ] False”, with the box of the right one marked."),
            )


TYPE = TrueFalse()
