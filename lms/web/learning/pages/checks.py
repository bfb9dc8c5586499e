"""A check inside a lesson: its form, the newest answer, and what the author says to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from lms.content.documents import ItemDocument
from lms.interop.words import gettext as _
from lms.learning.queries import LastAnswer

CHOOSING = {"single": "radio", "true-false": "radio", "multiple": "checkbox"}


@dataclass(frozen=True)
class CheckOption:
    """One option. `state` marks a chosen one: right, not-yet, or "" where it was not chosen."""

    id: str
    html: Markup
    chosen: bool
    state: Literal["", "right", "not-yet"]
    feedback: Markup


@dataclass(frozen=True)
class CheckForm:
    """A check as its form shows it. `right` is None before the first answer; `explanation` comes with a right one."""

    item_id: str
    number: int
    url: str
    stem: Markup
    input: Literal["radio", "checkbox", "text", "decimal"]
    options: tuple[CheckOption, ...]
    text: str
    unit: str
    right: bool | None
    explanation: Markup
    problem: str
    is_open: bool

    @property
    def anchor(self) -> str:
        return anchor_of(self.item_id)

    @property
    def praises(self) -> bool:
        """Whether a note says that it is right: where no option does, or the author has more to say."""
        return self.right is True and (not self.options or bool(self.explanation))

    @property
    def sends_back(self) -> bool:
        """Whether a note says that it is not right yet, since no chosen option does: typed, or chosen in part."""
        return self.right is False and all(option.state != "not-yet" for option in self.options)

    @property
    def button(self) -> str:
        return str(_("Check") if self.right is None else _("Try again"))


def anchor_of(item_id: str) -> str:
    return f"check-{item_id}"


def check_form(
    public: Mapping[str, Any],
    *,
    number: int,
    url: str,
    answer: LastAnswer | None,
    document: ItemDocument | None,
    problem: str,
    is_open: bool,
) -> CheckForm:
    """`document` is the revision that `answer` was given to: only then may its key be known here."""
    kind = CHOOSING.get(public["type"]) or ("decimal" if public["type"] == "numeric" else "text")
    chosen = frozenset(answer.response.get("options", ())) if answer else frozenset()
    right = answer.right if answer else None
    return CheckForm(
        item_id=public["id"],
        number=number,
        url=url,
        stem=Markup(public["stem"]),  # noqa: S704  # sanitised when it was published, as all HTML of this file
        input=kind,  # type: ignore[arg-type]  # the four words above
        options=tuple(option(each, chosen, document) for each in public["options"]),
        text=str(answer.response.get("text", "")) if answer else "",
        unit=public["shown"].get("unit", ""),
        right=right,
        explanation=Markup(document.explanation_html) if document and right else Markup(""),  # noqa: S704  # sanitised when it was published
        problem=problem,
        is_open=is_open,
    )


def option(public: Mapping[str, str], chosen: frozenset[str], document: ItemDocument | None) -> CheckOption:
    """An option with its feedback, once it was chosen."""
    html = Markup(public["html"])  # noqa: S704  # sanitised when it was published
    if document is None or public["id"] not in chosen:
        return CheckOption(public["id"], html, chosen=False, state="", feedback=Markup(""))
    is_right = any(each.id == public["id"] and each.right for each in document.item.options)
    feedback = Markup(document.feedback_html.get(public["id"], ""))  # noqa: S704  # sanitised when it was published
    return CheckOption(public["id"], html, chosen=True, state="right" if is_right else "not-yet", feedback=feedback)
