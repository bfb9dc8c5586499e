"""What machines can see of a page for everyone: axe's rules, and boxes that leave their place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from playwright.sync_api import Page

from tests.support.amounts import WHOLE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 390, 768, 1280) if WHOLE else (320,)  # 320 is also what a screen of 1280 leaves at 400 %

RUN_AXE = """async (tags) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], preload: false });
  return found.violations.map((one) => `${one.id}: ${one.help}: ` +
    one.nodes.slice(0, 3).map((node) => node.target.join(" ") + " " + (node.any[0]?.message ?? "")).join(" ; "));
}"""

# What a scrolling box of its own holds may be as wide as it likes.
SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (one) => one && one !== document.body && one !== document.documentElement
    && (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter((one) => {
    const box = one.getBoundingClientRect();
    const hidden = box.width <= 1 || !one.checkVisibility({ visibilityProperty: true });
    return !hidden && !one.closest("svg svg, defs") && (box.right > width + 1 || box.left < -1)
      && !scrolls(one.parentElement) && !one.closest(".skip");
  });
  const said = wide.slice(0, 4).map((one) => {
    const box = one.getBoundingClientRect();
    return `${one.tagName.toLowerCase()}.${one.getAttribute("class") ?? ""} ${Math.round(box.left)}…${Math.round(box.right)}`;
  });
  return document.documentElement.scrollWidth > width ? [`the page is ${document.documentElement.scrollWidth} wide`, ...said] : said;
}"""

# Pieces of text whose lines lie over each other. Text that is only for ears, or of a drawing, is left out.
OVERLAPS = """() => {
  const lines = [];
  const within = (a, b) => ({ left: Math.max(a.left, b.left), right: Math.min(a.right, b.right),
    top: Math.max(a.top, b.top), bottom: Math.min(a.bottom, b.bottom) });
  const everything = { left: -1e6, right: 1e6, top: -1e6, bottom: 1e6 };
  const shownOf = (one) => {
    if (!one || one === document.body) return everything;
    const above = shownOf(one.parentElement);
    const clips = !["visible", "clip"].includes(getComputedStyle(one).overflowY);
    return clips ? within(one.getBoundingClientRect(), above) : above;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("svg, math, .unseen, script, style, option, sup, sub")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    const style = getComputedStyle(parent);
    if (style.clipPath !== "none" || parent.closest("thead")?.offsetHeight <= 1) continue;
    const shown = shownOf(parent);
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const whole of range.getClientRects()) {
      const box = within(whole, shown);
      if (box.right - box.left > 1 && box.bottom - box.top > 1) lines.push({ box, parent, text: node.data.trim() });
    }
  }
  lines.sort((a, b) => a.box.top - b.box.top);
  const found = [];
  for (let i = 0; i < lines.length && found.length < 5; i++) {
    for (let j = i + 1; j < lines.length && lines[j].box.top < lines[i].box.bottom; j++) {
      const [a, b] = [lines[i].box, lines[j].box];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 2 && down > Math.min(a.bottom - a.top, b.bottom - b.top) * 0.5) found.push(`“${lines[i].text.slice(0, 40)}” lies over “${lines[j].text.slice(0, 40)}”`);
    }
  }
  return found;
}"""
MOVING = "() => document.getAnimations().map((one) => one.animationName ?? one.transitionProperty ?? 'something')"


@dataclass(frozen=True)
class Look:
    """A device and its theme."""

    name: str
    width: int
    height: int
    dark: bool


LOOKS = [
    Look(f"{name}, {'dark' if dark else 'light'}", width, height, dark)
    for name, width, height in (("phone", 390, 844), ("desktop", 1280, 900))
    for dark in (False, True)
]


def look_as(page: Page, look: Look) -> None:
    page.set_viewport_size({"width": look.width, "height": look.height})
    page.emulate_media(color_scheme="dark" if look.dark else "light")


def misplaced(page: Page) -> list[str]:
    """What leaves its place at some width, in a page from left to right and in one from right to left."""
    found = []
    for direction in ("rtl", "ltr"):
        page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 640})
            found += [f"{direction} at {width}: {one}" for one in (*sideways(page), *overlaps(page))]
    return found


@cache
def axe_source() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def axe_violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands, by rule. It is brought in by the debugger, which no policy stops."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(axe_source())
    return list(page.evaluate(RUN_AXE, TAGS))


def sideways(page: Page) -> list[str]:
    """What stands beyond the sides of the page, or makes it scroll sideways."""
    return list(page.evaluate(SIDEWAYS))


def overlaps(page: Page) -> list[str]:
    """Lines of text that lie over each other."""
    return list(page.evaluate(OVERLAPS))


def moving(page: Page) -> list[Any]:
    """Animations and transitions that run now."""
    return list(page.evaluate(MOVING))
