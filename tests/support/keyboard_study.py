"""Studying by keyboard alone: lessons with their checks, and the quiz at the end of a module."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.answer_key import AnswerKey
from tests.support.keyboard import answer_in, tab_to
from tests.support.markup import Form, forms_of, read

STATE = ".save-state"


def is_saved(page: Page) -> None:
    expect(page.locator(STATE)).to_have_attribute("data-state", "saved")
    expect(page.locator(f"{STATE} [data-for=saved]")).to_be_visible()


def read_the_rest_of_the_module(page: Page, key: AnswerKey) -> None:
    """Answer the checks and go on, until the module's quiz is what follows."""
    while "/exams/" not in page.url:
        while form := next(
            (form for form in forms_on(page) if "/checks/" in form.action and form.button("Check")), None
        ):
            answer_in(page, form.action, values_of(form), key.values(form))
            tab_to(page, r"^button\|submit\|Check")
            press_enter(page)
            expect(page.locator(f"form[action='{form.action}']")).to_contain_text("That is right")
        tab_to(page, "Mark as read and go on")
        press_enter(page)


def take_quiz(page: Page, key: AnswerKey) -> None:
    """Letters choose, N goes on; a text is typed, and Enter goes on."""
    tab_to(page, "Start the quiz|Try again")
    press_enter(page)
    while "/items/" in page.url:
        form = next(form for form in forms_on(page) if "/items/" in form.action)
        values = key.values(form)
        if form.choices.get("answer"):
            for value in values:
                page.keyboard.press("abcdefgh"[values_of(form).index(value)])
            is_saved(page)
            with page.expect_navigation():
                page.keyboard.press("n")
        else:
            answer_in(page, form.action, [], values)
            press_enter(page)
    tab_to(page, "^button.*Submit")
    press_enter(page)

    expect(page.get_by_role("main")).to_contain_text("Passed")


def press_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def forms_on(page: Page) -> list[Form]:
    return forms_of(read(page.content()))


def values_of(form: Form) -> list[str]:
    return [choice.value for choice in form.choices.get("answer", [])]
