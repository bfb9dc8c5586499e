"""What a browser fetches for a page, as its network counts it: headers and packed bodies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

SHIFTS = """
  window.shifted = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries())
      window.shifted.push(one.value.toFixed(4) + " " + one.sources.map((each) => each.node?.parentElement?.outerHTML
        ? (each.node.outerHTML ?? each.node.data).slice(0, 80) : "?").join(" , "));
  }).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Fetched:
    """Addresses by request, and the bytes of each answer that came over the wire."""

    addresses: dict[str, str] = field(default_factory=dict)
    bytes_of: dict[str, int] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    @property
    def over_the_wire(self) -> dict[str, int]:
        """Bytes by address, without what the browser had kept."""
        return {self.addresses[key]: size for key, size in self.bytes_of.items() if key not in self.kept}

    @property
    def total_bytes(self) -> int:
        return sum(self.over_the_wire.values())


@contextmanager
def fetching(page: Page) -> Iterator[Fetched]:
    """Count what the page fetches meanwhile."""
    fetched = Fetched()

    def noted(event: dict[str, Any]) -> None:
        fetched.addresses[event["requestId"]] = event["request"]["url"]

    def finished(event: dict[str, Any]) -> None:
        fetched.bytes_of[event["requestId"]] = int(event["encodedDataLength"])

    def answered(event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            fetched.kept.add(event["requestId"])

    network = page.context.new_cdp_session(page)
    network.on("Network.requestWillBeSent", noted)
    network.on("Network.responseReceived", answered)
    network.on("Network.requestServedFromCache", lambda event: fetched.kept.add(event["requestId"]))
    network.on("Network.loadingFinished", finished)
    network.send("Network.enable")
    yield fetched
    network.detach()


def watch_shifts(page: Page) -> None:
    """From the next page on, keep whatever moved without the reader's doing."""
    page.add_init_script(SHIFTS)


def shifts(page: Page) -> list[str]:
    """What moved on this page so far: how much, and which elements."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return [str(one) for one in page.evaluate("window.shifted")]
