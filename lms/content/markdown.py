"""Markdown into sanitised HTML, once, at publish. A page view never comes here.

The order matters: Markdown runs, the result passes the allow-list twice, and only then
our own generated pieces go in: MathML from LaTeX and figures that have passed their own
allow-list. Ids that authors give get a prefix, so that none meets an id of the page.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import nh3

from lms.content.converting import convert
from lms.content.formulas import MathRefused, mathml
from lms.content.sanitising import sanitise

INTERNAL = re.compile(r"^(lesson|module|program):([a-z0-9]+(?:-[a-z0-9]+)*)(#[\w:.-]+)?$")
SAFE_HREF = re.compile(r"^(?:https?://[^\s]+|mailto:[^\s]+|#[\w:.-]+|/(?![/\\])[^\s\\]*)$", re.IGNORECASE)
SCHEME_AND_DIGITS = re.compile(r"^[a-z][a-z0-9+.-]*:\d", re.IGNORECASE)
ADDRESSES = {"lesson": "/learn/lessons/{}", "module": "/learn/modules/{}", "program": "/programs/{}"}
SCOPE = "t"

# Words and signs that mean nothing to Markdown, after a first letter or digit: most options, and many stems.
PLAIN = re.compile(r"[^\W_](?:[^\W_]|[ ,.;:()?%–—‘’“”'\"°·×÷±≥≤→−/€=+-])*")
LISTED = re.compile(r"\d+[.)](?: |$)")

_INSIDE = r'(?:[^>"]|"[^"]*")*'  # of a tag: quoted values may hold a ">"
_ANCHOR = re.compile(rf"<a\b({_INSIDE})>")
_IMAGE = re.compile(rf"<img\b{_INSIDE}>")
_ATTRIBUTE = re.compile(r'\s([\w-]+)="([^"]*)"')
_ID = re.compile(r'(<[a-z][a-z0-9]*\b(?:\s[\w-]+="[^"]*")*?\sid=")([^"]*)"')
_MATH = re.compile(r'<(span|div) class="arithmatex">(.*?)</\1>', re.DOTALL)
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_NO_HEADING = re.compile(r"<th\b[^>]*>\s*</th>")
_TASK = re.compile(r'<input type="checkbox" disabled( checked)?/?>')
_HEADING = re.compile(rf"<h([1-6])\b{_INSIDE}>(.*?)</h\1>", re.DOTALL)
_CODE = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)
_LEFT_OVER = re.compile(r"(?:^|>)\s*(/{3,}[ \t]*\w[^<\n]*)", re.MULTILINE)

# Gives the markup that takes an image's place, for the address that was written; None where there is none.
Figures = Callable[[str], str | None]


@dataclass(frozen=True)
class Rendered:
    """HTML that may be shown, and what stood in the text.

    `links` are internal (kind and id), `external` those to elsewhere, `refused` those to nowhere we
    know; `images` are address and alternative text; `headings` level and words; `left_over` lines
    that look like the beginning of a block and are none.
    """

    html: str
    links: tuple[tuple[str, str], ...] = ()
    external: tuple[str, ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    refused: tuple[str, ...] = ()
    bad_math: tuple[str, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    left_over: tuple[str, ...] = ()


def render(text: str, *, figures: Figures | None = None, scope: str = SCOPE) -> Rendered:
    """Render one piece of Markdown. `scope` begins the ids within it; two pieces of one page need two.

    Raises converting.Unreadable for nesting beyond all sense.
    """
    if is_plain(text):
        return Rendered(f"<p>{html.escape(text, quote=False)}</p>")
    return _Piece(figures or _no_figure, scope).render(text)


def render_inline(text: str, *, figures: Figures | None = None, scope: str = SCOPE) -> Rendered:
    """One short piece, such as an option: without the paragraph around it, where it is only one."""
    rendered = render(text, figures=figures, scope=scope)
    out = rendered.html.strip()
    if out.startswith("<p>") and out.endswith("</p>") and out.count("<p>") == 1:
        return _with_html(rendered, out[3:-4])
    return _with_html(rendered, out)


def is_plain(text: str) -> bool:
    """Whether Markdown would make one paragraph of the text and change nothing in it."""
    return PLAIN.fullmatch(text) is not None and text[-1] != " " and LISTED.match(text) is None


def plain_text(markup: str) -> str:
    """The words of a piece of HTML, for counting and for descriptions."""
    without = re.sub(r"<(svg|math)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    return html.unescape(nh3.clean(without, tags=set()))


def _with_html(rendered: Rendered, markup: str) -> Rendered:
    return Rendered(**{**vars(rendered), "html": markup})


def _no_figure(_source: str) -> str | None:
    return None


@lru_cache(maxsize=256)
def _converted(text: str) -> tuple[str, str]:
    """Markdown's HTML before and after the allow-list. Kept, since an edit leaves all other texts as they were."""
    raw = _TASK.sub(_ticked, convert(text))
    return raw, sanitise(raw)


class _Piece:
    """One piece on its way from Markdown to HTML, and what is found in it."""

    def __init__(self, figures: Figures, scope: str) -> None:
        self.figures = figures
        self.scope = scope
        self.links: list[tuple[str, str]] = []
        self.external: list[str] = []
        self.refused: list[str] = []
        self.images: list[tuple[str, str]] = []
        self.bad_math: list[str] = []

    def render(self, text: str) -> Rendered:
        raw, clean = _converted(text)
        self.refused.extend(_stripped_addresses(raw, clean))
        clean = _ANCHOR.sub(self._linked, clean)
        clean = _ID.sub(lambda found: f'{found.group(1)}{self.scope}-{found.group(2)}"', clean)
        clean = _IMAGE.sub(self._pictured, clean)
        clean = _MATH.sub(self._calculated, clean)
        clean = _NO_HEADING.sub("<td></td>", clean)
        clean = _TABLE.sub(r'<div class="table-scroll" tabindex="0" role="group">\g<0></div>', clean)
        return Rendered(
            clean,
            tuple(self.links),
            tuple(self.external),
            tuple(self.images),
            tuple(self.refused),
            tuple(self.bad_math),
            tuple((int(level), plain_text(words).strip()) for level, words in _HEADING.findall(raw)),
            tuple(_LEFT_OVER.findall(_CODE.sub("", clean))),
        )

    def _linked(self, found: re.Match[str]) -> str:
        attributes = dict(_ATTRIBUTE.findall(found.group(1)))
        if "href" not in attributes:
            return found.group(0)
        address = self._address(html.unescape(attributes["href"]))
        if address is None:
            del attributes["href"]
        else:
            attributes["href"] = html.escape(address)
            if address.lower().startswith("http"):
                attributes["rel"] = "noopener noreferrer"
        written = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return f"<a{written}>"

    def _address(self, written: str) -> str | None:
        """Where a link leads, or None for one that is not allowed."""
        internal = INTERNAL.match(written)
        if internal:
            kind, target, anchor = internal.group(1), internal.group(2), internal.group(3)
            self.links.append((kind, target))
            return ADDRESSES[kind].format(target) + (f"#{SCOPE}-{anchor[1:]}" if anchor else "")
        if not SAFE_HREF.match(written) or SCHEME_AND_DIGITS.match(written):
            self.refused.append(written)
            return None
        if written.startswith("#"):
            return f"#{self.scope}-{written[1:]}"
        if written.lower().startswith("http"):
            self.external.append(written)
        return written

    def _pictured(self, found: re.Match[str]) -> str:
        """The figure in place of its image; an image without one is dropped, and reported by who compiles."""
        said = dict(_ATTRIBUTE.findall(found.group(0)))
        source, alternative = html.unescape(said.get("src", "")), html.unescape(said.get("alt", ""))
        self.images.append((source, alternative))
        figure = self.figures(source)
        if figure is None:
            return ""
        shown = figure.replace("{alt}", html.escape(alternative, quote=True), 1)
        return f'<span class="figure-scroll" tabindex="0" role="group">{shown}</span>'

    def _calculated(self, found: re.Match[str]) -> str:
        latex = html.unescape(found.group(2)).strip()
        inner = re.sub(r"^\\[\[(]|\\[\])]$", "", latex).strip()
        display = "block" if found.group(1) == "div" else "inline"
        try:
            reach = ' tabindex="0" role="group"' if display == "block" else ""
            return f'<span class="math {display}"{reach}>{mathml(inner, display)}</span>'
        except MathRefused:
            self.bad_math.append(inner)
            return f"<code>{html.escape(inner)}</code>"


def _ticked(found: re.Match[str]) -> str:
    """A task list in a text is a picture of one: a box that nobody can tick needs no name as a field."""
    return "\u2611" if found.group(1) else "\u2610"


def _stripped_addresses(raw: str, clean: str) -> list[str]:
    """The addresses that the allow-list took from links; "<a>" for those we can't read as they were written."""
    left = Counter(html.unescape(address) for address in _addresses(clean))
    stripped = list((Counter(html.unescape(address) for address in _addresses(raw)) - left).elements())
    bare = sum(' href="' not in tag and ' id="' not in tag for tag in _ANCHOR.findall(clean))
    return stripped + ["<a>"] * (bare - len(stripped))


def _addresses(markup: str) -> list[str]:
    return [address for tag in _ANCHOR.findall(markup) for name, address in _ATTRIBUTE.findall(tag) if name == "href"]
