"""People at browsers with script, and all that their pages complain of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.support.cast import PASSWORD
from tests.support.demo_site import Site

PATIENCE_MS = 20_000


@dataclass(frozen=True)
class Screen:
    """What somebody looks at."""

    name: str
    width: int
    height: int
    dark: bool = False


DESKTOP = Screen("desktop", 1280, 900)


@dataclass
class Visitors:
    """Opens browsers on the site. Whoever uses it looks at `complaints` in the end."""

    chromium: Browser
    site: Site
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def anyone(self, screen: Screen = DESKTOP) -> Page:
        """A new browser in which nobody is signed in."""
        context = self.chromium.new_context(
            base_url=self.site.url,
            viewport={"width": screen.width, "height": screen.height},
            color_scheme="dark" if screen.dark else "light",
            locale="en-US",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._note)
        context.on("weberror", lambda error: self.complaints.append(f"{error.page and error.page.url}: {error.error}"))
        self.contexts.append(context)
        return context.new_page()

    def somebody(self, word: str, screen: Screen = DESKTOP) -> Page:
        """One of the demo's people, signed in through the form."""
        page = self.anyone(screen)
        page.goto("/signin")
        page.get_by_label("E-mail address").fill(f"{word}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile("/(learn|teach|author|staff)$"))
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.page and message.page.url}: {message.text}")
