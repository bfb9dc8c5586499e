"""What machines can see of a page for everyone: axe's rules, and boxes that leave their place."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = {"width": 320, "height": 640}  # also what 1280 leaves at 400 %

RUN_AXE = """async (tags) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
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
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("svg, math, .unseen, script, style, option, sup, sub")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    const style = getComputedStyle(parent);
    if (style.clipPath !== "none" || parent.closest("thead")?.offsetHeight <= 1) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 1 && box.height > 1) lines.push({ box, parent, text: node.data.trim() });
  }
  lines.sort((a, b) => a.box.top - b.box.top);
  const found = [];
  for (let i = 0; i < lines.length && found.length < 5; i++) {
    for (let j = i + 1; j < lines.length && lines[j].box.top < lines[i].box.bottom; j++) {
      const [a, b] = [lines[i].box, lines[j].box];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 2 && down > Math.min(a.height, b.height) * 0.5) found.push(`“${lines[i].text.slice(0, 40)}” lies over “${lines[j].text.slice(0, 40)}”`);
    }
  }
  return found;
}"""
MOVING = "() => document.getAnimations().map((one) => one.animationName ?? one.transitionProperty ?? 'something')"


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
