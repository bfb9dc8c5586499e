"""Chromium in front of answers of ours: what runs in a page that we did not send, what it asks of others, what it reports.

Answers are handed to the browser as they are, so any may be shown, also that to a form; the
policy header can be taken away, so that what it would have stopped is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import CDPSession, Dialog, Page, Route
from werkzeug.test import TestResponse

from tests.support.browser import Browser

SITE = "http://campus.example.org"
POLICY = "Content-Security-Policy"
OWN = "ours://"
SETTLE_MS = 30
PATIENCE_MS = 60_000

# What a reader might do, and what attacks wait for; and what stands in the page that could run at all.
POKE = """
(() => {
  const events = ["pointerover", "pointerenter", "pointerdown", "pointerup", "mouseover", "mouseenter", "mousemove",
    "mousedown", "mouseup", "mouseout", "focus", "focusin", "blur", "keydown", "keyup", "input", "change", "toggle",
    "beforetoggle", "animationstart", "animationend", "transitionend", "scroll", "scrollend", "wheel", "copy", "cut",
    "paste", "drag", "dragstart", "contextmenu", "dblclick", "error", "load", "begin", "end", "repeat", "start",
    "select", "invalid", "loadeddata", "canplay", "play", "resize", "search", "auxclick", "touchstart"];
  const able = [];
  for (const element of document.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      const value = attribute.value.replace(/[\\u0000-\\u0020]/g, "").toLowerCase();
      const led = /^(href|src|action|formaction|data|poster|xlink:href|to|from|values|srcdoc)$/.test(attribute.name);
      if (/^on/.test(attribute.name) || (led && /^(javascript|vbscript|data):/.test(value)) || attribute.name === "srcdoc")
        able.push(element.tagName + " " + attribute.name + "=" + attribute.value.slice(0, 80));
    }
    if (/^(script|iframe|object|embed|applet|base|portal|frame|animate|set|handler|foreignobject)$/i.test(element.tagName)
        && !(element.tagName === "SCRIPT" && element.src.startsWith(location.origin + "/static/")))
      able.push(element.tagName + " " + element.outerHTML.slice(0, 80));
    for (const name of events) element.dispatchEvent(new Event(name, {bubbles: true, cancelable: true}));
  }
  for (const link of document.querySelectorAll("a"))
    if (link.protocol === "javascript:") link.click();
  return able;
})()
//# sourceURL=ours://poke
"""


# A sitting asks whether to leave what it could not save; a question nobody answers would hold up everything.
LEAVE_QUIETLY = """
addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), true);
//# sourceURL=ours://leave-quietly
"""


@dataclass
class Watched:
    """What was seen: scripts that ran, parts of a page that could run, calls to others, and reports of the policy."""

    ran: list[str] = field(default_factory=list)
    able: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)


@dataclass
class Watch:
    """One page of Chromium, in which answers are shown one after the other."""

    app: Flask
    page: Page
    devtools: CDPSession
    with_policy: bool
    seen: Watched
    shown: dict[str, TestResponse] = field(default_factory=dict)
    name: str = "before the first page"

    def show(self, answer: TestResponse, name: str) -> None:
        """Open an answer as a page, do to it what a reader might, and note what happens."""
        address = f"{SITE}/shown/{len(self.shown)}"
        self.shown[address] = answer
        self.name = name
        self.page.goto(address, wait_until="load")
        poked = self.devtools.send("Runtime.evaluate", {"expression": POKE, "returnByValue": True})
        self.page.wait_for_timeout(SETTLE_MS)
        able = poked["result"].get("value")
        assert able is not None, f"{name} could not be looked through: {poked}"
        self.seen.able.extend(f"{name}: {one}" for one in able)

    def handle(self, route: Route) -> None:
        """Hand out what was prepared, and static files; whatever else is asked for goes nowhere."""
        address = route.request.url
        if address in self.shown:
            answer = self.shown[address]
            headers = {key: value for key, value in answer.headers if key not in {"Set-Cookie", "Content-Length"}}
            if not self.with_policy:
                headers.pop(POLICY, None)
            route.fulfill(status=answer.status_code, headers=headers, body=answer.data)
        elif address.startswith(f"{SITE}/static/"):
            file = anyone(self.app).get(address.removeprefix(SITE), buffered=True)
            route.fulfill(status=file.status_code, headers=dict(file.headers), body=file.data)
        else:
            if not address.startswith(f"{SITE}/"):
                self.seen.called.append(f"{self.name}: {address[:120]}")
            # A sitting whose attempt is not found goes away by itself, while we open the next page.
            status = 503 if route.request.resource_type == "fetch" else 404
            route.fulfill(status=status, body="There is nothing here.")

    def note_script(self, event: dict[str, Any]) -> None:
        where = event.get("url", "")
        context = event.get("executionContextAuxData", {})
        if context.get("type") != "isolated" and not where.startswith((f"{SITE}/static/", OWN)):
            self.seen.ran.append(f"{self.name}: script of {where or 'nowhere'}, line {event.get('startLine')}")

    def note_dialog(self, dialog: Dialog) -> None:
        self.seen.ran.append(f"{self.name}: a dialog")
        dialog.dismiss()

    def note_window(self, window: Page) -> None:
        self.seen.called.append(f"{self.name}: a window of {window.url[:80]}")
        window.close()

    def note_message(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.seen.reported.append(f"{self.name}: {text[:200]}")

    def note_issue(self, event: dict[str, Any]) -> None:
        if event["issue"]["code"] == "ContentSecurityPolicyIssue":
            self.seen.reported.append(f"{self.name}: {event['issue']['details']}")


def anyone(app: Flask) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


@contextmanager
def watch(chromium: Chromium, app: Flask, *, with_policy: bool) -> Iterator[Watch]:
    """A fresh browser that knows nobody. Whoever uses it reads `seen` in the end."""
    context = chromium.new_context(locale="en-US", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    watching = Watch(app, page, devtools, with_policy, Watched())
    context.route("**/*", watching.handle)
    page.add_init_script(LEAVE_QUIETLY)
    page.on("dialog", watching.note_dialog)
    page.on("console", lambda message: watching.note_message(message.text))
    page.on("popup", watching.note_window)
    devtools.on("Debugger.scriptParsed", watching.note_script)
    devtools.on("Audits.issueAdded", watching.note_issue)
    for domain in ("Debugger", "Audits", "Runtime"):
        devtools.send(f"{domain}.enable")
    try:
        yield watching
    finally:
        context.close()
