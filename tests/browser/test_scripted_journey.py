"""Level 1 with script: what the pages do beyond their forms, and all of it by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urljoin

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.support.cast import PASSWORD
from tests.support.demo_site import Site, demo_site
from tests.support.ears import told
from tests.support.keyboard import tab_to
from tests.support.keyboard_study import forms_on, is_saved, press_enter, read_the_rest_of_the_module, take_quiz
from tests.support.markup import forms_of, read
from tests.support.visitors import Visitors

STATE = ".save-state"
ENOUGH = 32  # of 40 items, with a pass mark of 80 %
BY_HAND = 3


@pytest.fixture(scope="module")
def site(run_folder: Path, worker_name: str) -> Iterator[Site]:
    """One of their own: these move people on, to a seat and to a certificate, whom others want to meet where they were."""
    with demo_site(run_folder, f"{worker_name}-moved-on", everybody=False) as site:
        yield site


def right_values(visitors: Visitors, page: Page) -> list[str]:
    """What answers the question on this page rightly."""
    form = next(form for form in forms_on(page) if "/items/" in form.action)
    return visitors.site.key.values(form)


def answer(page: Page, values: list[str]) -> None:
    boxes = page.locator("#answer-field input")
    if boxes.count():
        for value in values:
            page.locator(f"#answer-field input[value='{value}']").check()
    else:
        page.locator("#answer-field").fill(values[0])


def to_exam(page: Page) -> None:
    page.goto("/learn")
    page.get_by_role("link", name="See the whole track").click()
    page.get_by_role("link", name="Read the rules and start").click()


def test_a_seat_is_booked_marked_and_seen(visitors: Visitors) -> None:
    ready = visitors.somebody("ready")
    ready.goto("/learn")
    ready.get_by_role("link", name="See the classes").click()
    ready.locator(".class-rows a").first.click()
    ready.get_by_role("button", name="Book this seat").click()
    expect(ready.get_by_role("main")).to_contain_text("You have a seat.")
    expect(ready.get_by_role("link", name="Join the class")).to_be_visible()

    instructor = visitors.somebody("instructor")
    instructor.goto("/teach")
    instructor.locator("main .row-title a").first.click()
    unsaved = instructor.get_by_text("Marks on this page are not saved yet.")
    expect(unsaved).to_be_hidden()
    instructor.get_by_role("group", name="Jonas Eriksen").get_by_label("Present").check()
    expect(unsaved).to_be_visible()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    instructor.once("dialog", stay)
    instructor.get_by_role("link", name="My classes").click()
    expect(unsaved).to_be_visible()
    assert asked == ["beforeunload"]
    instructor.get_by_role("button", name="Save these marks").click()

    expect(instructor.get_by_role("main")).to_contain_text("1 mark is saved.")
    ready.reload()
    expect(ready.get_by_role("main")).to_contain_text("Attended")


def test_an_exam_survives_a_closed_page_and_a_broken_line(visitors: Visitors) -> None:
    page = visitors.somebody("examinee")
    to_exam(page)
    page.get_by_role("button", name="Start the exam").click()
    page.wait_for_selector("#answer")

    saves_by_itself_and_is_resumed(visitors, page)
    page = visitors.contexts[0].pages[0]
    says_when_the_line_is_gone(visitors, page)
    goes_on_to_the_certificate(visitors, page)


def saves_by_itself_and_is_resumed(visitors: Visitors, page: Page) -> None:
    """A choice is saved without any button; a page that is closed and opened again still has it."""
    address, values = page.url, right_values(visitors, page)
    answer(page, values)
    is_saved(page)
    is_told_calmly(page)
    again = visitors.contexts[0].new_page()
    page.close()

    again.goto(address)

    for value in values:
        expect(again.locator(f"#answer-field input[value='{value}']")).to_be_checked()
    again.goto(address.partition("/items/")[0])
    expect(again.locator("h1")).to_contain_text("Item 2")


def is_told_calmly(page: Page) -> None:
    """The clock and the saved answer, to a screen reader."""
    [clock] = told(page, "timer")
    saved = [one for one in told(page, "status") if one.get("live") == "polite"]
    announcer = page.locator("[data-announcer]")

    assert clock["name"] == "Time left"
    assert clock.get("live", "off") == "off", "a clock that is read out each second is heard above everything"
    expect(page.locator("[role=timer]")).to_contain_text(re.compile(r"\d+:\d\d"))
    expect(announcer).to_have_attribute("aria-live", "polite")
    assert announcer.evaluate("one => Object.keys(one.dataset).filter(name => name.startsWith('at')).length") >= 2
    assert saved
    expect(page.locator(".save-state")).to_contain_text("Saved")


def says_when_the_line_is_gone(visitors: Visitors, page: Page) -> None:
    """Off line the page says that an answer is not saved; with the line back it is, and only then says so."""
    address, values = page.url, right_values(visitors, page)
    visitors.contexts[0].set_offline(True)
    answer(page, values)
    expect(page.locator(STATE)).to_have_attribute("data-state", "not-saved")
    expect(page.locator(f"{STATE} [data-for=not-saved]")).to_be_visible()
    visitors.contexts[0].set_offline(False)

    is_saved(page)

    page.goto(address)
    for value in values:
        expect(page.locator(f"#answer-field input[value='{value}']")).to_be_checked()
    visitors.complaints = [said for said in visitors.complaints if "ERR_INTERNET_DISCONNECTED" not in said]


def goes_on_to_the_certificate(visitors: Visitors, page: Page) -> None:
    """Two items are answered; as many more as the pass mark asks for, most of them sent as plain forms."""
    item = page.url.partition("/items/")[0]
    send_answers(visitors, page, item, ENOUGH - 2 - BY_HAND)
    page.goto(item)
    for _item in range(BY_HAND):
        answer(page, right_values(visitors, page))
        with page.expect_navigation():
            page.get_by_role("button", name=re.compile("^Save and")).click()
    page.get_by_role("button", name="Review and submit").click()
    expect(page.get_by_role("main")).to_contain_text("8 of 40 items have no answer yet")
    page.get_by_role("button", name="Submit").click()

    expect(page.locator("h1")).to_have_text("32 of 40")
    page.get_by_role("link", name="Open the certificate").click()
    expect(page.locator("h1")).to_have_text("Valid today")


def send_answers(visitors: Visitors, page: Page, item: str, many: int) -> None:
    """What the buttons of the pages that come would send, by the same browser without drawing them."""
    browser = page.context.request
    for _item in range(many):
        shown = browser.get(item)
        form = next(form for form in forms_of(read(shown.text())) if "/items/" in form.action)
        fields = {**form.fields, "answer": visitors.site.key.values(form)}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": shown.url}
        item = browser.post(urljoin(shown.url, form.action), data=urlencode(fields, doseq=True), headers=headers).url


def test_from_the_sign_in_to_a_quiz_by_keyboard_alone(visitors: Visitors) -> None:
    page = visitors.anyone()
    page.goto("/signin")
    tab_to(page, "E-mail address")
    page.keyboard.type("learner@example.org")
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/learn$"))
    tab_to(page, "^a.*Go on reading")
    press_enter(page)

    read_the_rest_of_the_module(page, visitors.site.key)
    take_quiz(page, visitors.site.key)
