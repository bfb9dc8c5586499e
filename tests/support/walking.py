"""Somebody at a browser without script: opens addresses, follows links, fills in forms and presses buttons.

Nothing here knows the product's services: what a page does not offer can't be done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.browser import Browser
from tests.support.markup import Element, Form, forms_of, read

REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
Values = Mapping[str, str | Sequence[str]]


class Page:
    """One answer, as its reader meets it."""

    def __init__(self, address: str, response: TestResponse) -> None:
        self.address = address
        self.status = response.status_code
        self.headers = response.headers
        self.body = response.data

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @cached_property
    def tree(self) -> Element:
        return read(self.body.decode())

    @cached_property
    def main(self) -> Element:
        found = self.tree.all("main")
        return found[0] if found else self.tree

    @cached_property
    def words(self) -> str:
        """All that is read in the middle of the page."""
        return self.main.text()

    @cached_property
    def title(self) -> str:
        headings = self.main.all("h1")
        return headings[0].text() if headings else ""

    @cached_property
    def forms(self) -> list[Form]:
        return forms_of(self.tree)

    def links(self) -> dict[str, str]:
        """Address by words; of equal words the first on the page."""
        found: dict[str, str] = {}
        for link in self.main.all("a"):
            found.setdefault(link.text(), link.get("href"))
        return found

    def link(self, words: str) -> str:
        """The address behind the first link that holds these words."""
        for said, address in self.links().items():
            if words in said:
                return address
        raise AssertionError(f"{self.path} has no link “{words}”, but {list(self.links())}")

    def form(self, button: str) -> Form:
        """The form with the button whose words begin so."""
        for form in self.forms:
            if form.button(button) is not None:
                return form
        buttons = [each.text() for form in self.forms for each in form.buttons]
        raise AssertionError(f"{self.path} ({self.status}) has no button “{button}”, but {buttons}: {self.words[:800]}")

    def offers(self, button: str) -> bool:
        return any(form.button(button) is not None for form in self.forms)


class Walker:
    """A person at a browser of their own. `page` is what they see now."""

    page: Page

    def __init__(self, app: Flask, name: str = "", email: str = "", password: str = "") -> None:
        self.app = app
        self.name, self.email, self.password = name, email, password
        self.open_browser()

    def open_browser(self) -> None:
        """A new browser, without anything that the last one kept."""
        browser = self.app.test_client()
        assert isinstance(browser, Browser)
        self.browser = browser

    def open(self, address: str, *, status: int = 200) -> Page:
        return self._go("get", address, status)

    def follow(self, words: str, *, status: int = 200) -> Page:
        """Follow the first link with these words."""
        return self.open(self.page.link(words), status=status)

    def press(self, button: str, values: Values | None = None, *, status: int = 200) -> Page:
        """Fill in the form that has this button, and press it."""
        form = self.page.form(button)
        pressed = form.button(button)
        assert pressed is not None
        sent = {name: list(each) for name, each in form.fields.items()}
        for name, value in (values or {}).items():
            assert name in form.fields or name in form.choices, (
                f"No field {name} beside “{button}”: {list(form.fields)}"
            )
            sent[name] = [value] if isinstance(value, str) else list(value)
        if pressed.get("name"):
            sent[pressed.get("name")] = [pressed.get("value")]
        return self.send(form, sent, status=status)

    def send(self, form: Form, sent: Mapping[str, Sequence[str]], *, status: int = 200) -> Page:
        """Send a form as given, whatever the page offers by now."""
        action = form.action or self.page.address
        if form.method == "get":
            return self._go("get", action, status, query_string=dict(sent))
        return self._go("post", action, status, data=dict(sent))

    def _go(self, method: str, address: str, status: int, **given: Any) -> Page:
        address = urljoin((getattr(self, "page", None) and self.page.address) or "/", address)
        response = self.browser.open(address, method=method.upper(), **given)
        for _redirect in range(MOST_REDIRECTS):
            if response.status_code not in REDIRECTS:
                break
            address = urljoin(address, response.headers["Location"])
            response = self.browser.get(address)
        self.page = Page(address, response)
        assert self.page.status == status, (
            f"{method} {address} answered {self.page.status}, not {status}: {self.page.words[:1500]}"
        )
        return self.page
