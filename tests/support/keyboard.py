"""A reader without a mouse: Tab until what is wanted has the focus, then type."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Page

MOST_STEPS = 150
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "";
  const label = one.labels?.length ? one.labels[0].innerText : one.innerText;
  return [one.tagName.toLowerCase(), one.type ?? "", label ?? "", one.value ?? ""].join("|").replace(/\\s+/g, " ");
}"""
OUTLINED = """() => {
  const marked = (one) => one && getComputedStyle(one).outlineStyle !== "none";
  const one = document.activeElement;
  return marked(one) || marked(one.closest("label"));
}"""
FIELD_OF = """(action) => {
  const one = document.activeElement;
  return one?.form?.getAttribute("action") === action && one.name === "answer" ? `${one.type}|${one.value}` : "";
}"""


def focused(page: Page) -> str:
    """What has the focus: its element, type, words and value."""
    return str(page.evaluate(FOCUSED))


def tab_to(page: Page, words: str) -> None:
    """Go on by Tab until something with these words has the focus, which must be seen."""
    pattern = re.compile(words)
    passed = []
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        passed.append(focused(page))
        if pattern.search(passed[-1]):
            assert page.evaluate(OUTLINED), f"The focus on “{passed[-1]}” can't be seen."
            return
    raise AssertionError(f"Tab never came to “{words}”, but to {passed}")


def answer_in(page: Page, action: str, choices: Sequence[str], values: Sequence[str]) -> None:
    """Answer the question of the form with this action: `choices` are the values of its boxes in their order."""
    kind = _tab_into(page, action).partition("|")[0]
    if kind == "radio":
        _choose(page, choices.index(values[0]))
    elif kind == "checkbox":
        for choice in choices:
            if choice in values:
                page.keyboard.press("Space")
            page.keyboard.press("Tab")
    else:
        page.keyboard.type(values[0])


def _tab_into(page: Page, action: str) -> str:
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        field = str(page.evaluate(FIELD_OF, action))
        if field:
            assert page.evaluate(OUTLINED), f"The focus on the answer to {action} can't be seen."
            return field
    raise AssertionError(f"Tab never came into the form {action}.")


def _choose(page: Page, place: int) -> None:
    """The first of a group has the focus: arrows go on and choose, as they do in every browser."""
    if place == 0:
        page.keyboard.press("Space")
    for _step in range(place):
        page.keyboard.press("ArrowDown")
