"""Markdown into sanitised HTML, once, at publish. A page view never comes here.

The order matters: Markdown runs, the result passes the allow-list twice (bleach,
then nh3 with the same list), and only then our own generated pieces go in: MathML
from LaTeX and figures that have passed their own allow-list. Pages add a strict
Content-Security-Policy that this does not rely on.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import bleach
import nh3
from bleach.sanitizer import Cleaner
from latex2mathml.converter import convert as latex_to_mathml
from markdown import Markdown
from pymdownx.blocks.caption import CaptionExtension

ADMONITIONS = ("note", "practice", "warning", "tip")
TAGS = frozenset(
    "a abbr b blockquote br caption cite code col colgroup dd del details div dl dt em figcaption figure h2 h3 h4 h5 hr i img "
    "input ins kbd label li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr ul var".split()
)
ATTRIBUTES: dict[str, list[str]] = {
    "*": ["class", "id", "lang", "dir", "title", "role"],
    "a": ["href"],
    "img": ["src", "alt", "width", "height"],
    "input": ["type", "checked", "disabled"],
    "ol": ["start"],
    "td": ["align", "colspan", "rowspan"],
    "th": ["align", "colspan", "rowspan", "scope"],
    "label": ["for"],
    "details": ["open"],
}
SCHEMES = frozenset({"http", "https", "mailto"})
INTERNAL = re.compile(r"^(lesson|module|program):([a-z0-9]+(?:-[a-z0-9]+)*)(#[\w-]+)?$")
SAFE_HREF = re.compile(r"^(?:https?://[^\s]+|mailto:[^\s]+|#[\w:.-]+|/(?![/\\])[^\s\\]*)$", re.IGNORECASE)
SCHEME_AND_DIGITS = re.compile(r"^[a-z][a-z0-9+.-]*:\d", re.IGNORECASE)
ADDRESSES = {"lesson": "/learn/lessons/{}", "module": "/learn/modules/{}", "program": "/programs/{}"}

_HREF = re.compile(r'<a\b[^>]*?\shref="([^"]*)"[^>]*>')
_IMAGE = re.compile(r"<img\b[^>]*>")
_ATTRIBUTE = re.compile(r'\s(alt|src)="([^"]*)"')
_MATH = re.compile(r'<(span|div) class="arithmatex">(.*?)</\1>', re.DOTALL)
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_TASK = re.compile(r'<input type="checkbox"[^>]*>')


@dataclass(frozen=True)
class Rendered:
    """HTML that may be shown, and what stood in the text: internal links, external ones, images."""

    html: str
    links: tuple[tuple[str, str], ...]
    external: tuple[str, ...]
    images: tuple[tuple[str, str], ...]
    refused: tuple[str, ...]
    bad_math: tuple[str, ...]


def render(text: str, *, figures: Mapping[str, str] | None = None) -> Rendered:
    """Render one piece of Markdown.

    `figures` maps a relative media path to the markup that takes the image's place.
    """
    raw = converter().reset().convert(text)
    clean = sanitise(raw)
    links: list[tuple[str, str]] = []
    external: list[str] = []
    refused: list[str] = []
    clean = _HREF.sub(lambda found: _linked(found, links, external, refused), clean)
    images: list[tuple[str, str]] = []
    clean = _IMAGE.sub(lambda found: _pictured(found.group(0), images, figures or {}), clean)
    bad_math: list[str] = []
    clean = _MATH.sub(lambda found: _calculated(found, bad_math), clean)
    clean = _TASK.sub(_ticked, clean)
    clean = _TABLE.sub(r'<div class="table-scroll" tabindex="0" role="group">\g<0></div>', clean)
    return Rendered(clean, tuple(links), tuple(external), tuple(images), tuple(refused), tuple(bad_math))


def render_inline(text: str) -> str:
    """One short piece, such as an option: without the paragraph around it."""
    out = render(text).html.strip()
    if out.startswith("<p>") and out.endswith("</p>") and out.count("<p>") == 1:
        return out[3:-4]
    return out


def sanitise(raw: str) -> str:
    """The allow-list, twice: bleach, then nh3 with the same list."""
    bleached = cleaner().clean(raw)
    attributes = {tag: set(names) for tag, names in ATTRIBUTES.items()}
    return nh3.clean(
        bleached,
        tags=set(TAGS),
        attributes=attributes,
        url_schemes=set(SCHEMES) | {"lesson", "module", "program"},
        link_rel=None,
        strip_comments=True,
    )


@cache
def cleaner() -> Cleaner:
    return Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        protocols=SCHEMES | {"lesson", "module", "program"},
        strip=True,
        strip_comments=True,
    )


@cache
def converter() -> Markdown:
    """One converter for all pieces; `reset()` before each."""
    return Markdown(
        extensions=[
            "tables",
            "footnotes",
            "def_list",
            "attr_list",
            "abbr",
            "sane_lists",
            "pymdownx.superfences",
            "pymdownx.highlight",
            "pymdownx.tasklist",
            "pymdownx.arithmatex",
            "pymdownx.blocks.admonition",
            "pymdownx.blocks.details",
            "pymdownx.blocks.tab",
            CaptionExtension(
                types=[
                    {"name": "figure-caption", "prefix": "Figure {}."},
                    {"name": "table-caption", "prefix": "Table {}."},
                    "caption",
                ],
                prepend=False,
                auto=True,
            ),
        ],
        extension_configs={
            "tables": {"use_align_attribute": True},
            "footnotes": {"BACKLINK_TITLE": "Back to the text", "BACKLINK_TEXT": "↩"},
            "pymdownx.highlight": {"guess_lang": False, "noclasses": False, "anchor_linenums": False},
            "pymdownx.arithmatex": {"generic": True},
            "pymdownx.blocks.admonition": {"types": list(ADMONITIONS)},
            "pymdownx.tasklist": {"custom_checkbox": False},
        },
        output_format="html",
    )


def _ticked(found: re.Match[str]) -> str:
    """A task list in a text is a picture of one: a box that nobody can tick needs no name as a field."""
    return "\u2611" if "checked" in found.group(0) else "\u2610"


def _linked(found: re.Match[str], links: list[tuple[str, str]], external: list[str], refused: list[str]) -> str:
    tag, written = found.group(0), html.unescape(found.group(1))
    internal = INTERNAL.match(written)
    if internal:
        kind, target, anchor = internal.group(1), internal.group(2), internal.group(3) or ""
        links.append((kind, target))
        return tag.replace(f'href="{found.group(1)}"', f'href="{ADDRESSES[kind].format(target)}{anchor}"')
    if not SAFE_HREF.match(written) or SCHEME_AND_DIGITS.match(written):
        refused.append(written)
        return tag.replace(f' href="{found.group(1)}"', "")
    if written.lower().startswith("http"):
        external.append(written)
        return tag[:-1] + ' rel="noopener noreferrer">'
    return tag


def _pictured(tag: str, images: list[tuple[str, str]], figures: Mapping[str, str]) -> str:
    """The figure in place of its image; an image without one is dropped, and reported by who compiles."""
    said = dict(_ATTRIBUTE.findall(tag))
    source, alternative = html.unescape(said.get("src", "")), html.unescape(said.get("alt", ""))
    images.append((source, alternative))
    figure = figures.get(source)
    if figure is None:
        return ""
    shown = figure.replace("{alt}", html.escape(alternative, quote=True), 1)
    return f'<span class="figure-scroll" tabindex="0" role="group">{shown}</span>'


def _calculated(found: re.Match[str], bad: list[str]) -> str:
    latex = html.unescape(found.group(2)).strip()
    inner = re.sub(r"^\\[\[(]|\\[\])]$", "", latex).strip()
    display = "block" if found.group(1) == "div" else "inline"
    try:
        return f'<span class="math {display}">{mathml(inner, display)}</span>'
    except MathRefused:
        bad.append(inner)
        return f"<code>{html.escape(inner)}</code>"


class MathRefused(ValueError):
    """LaTeX that does not become plain MathML."""


_MATH_TAG = re.compile(r"<\s*/?\s*([a-zA-Z!?][\w:-]*)([^>]*)>")
_MATH_TAGS = frozenset(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle mpadded mphantom".split()
)
_MATH_ATTRIBUTES = re.compile(
    r"(?:\s+(?:xmlns|display|mathvariant|stretchy|fence|form|separator|lspace|rspace|width|height|depth|accent|accentunder|"
    r'columnalign|linethickness|displaystyle|scriptlevel|minsize|maxsize|movablelimits|symmetric|largeop)="[^"<>]*")*\s*/?'
)


def mathml(latex: str, display: str) -> str:
    """LaTeX as MathML of known elements and attributes only. Raises MathRefused for anything else."""
    if len(latex) > 2_000:
        raise MathRefused(latex[:40])
    try:
        converted: str = latex_to_mathml(latex, display=display)
    except Exception as error:  # the library raises its own and built-in errors alike
        raise MathRefused(latex) from error
    for tag, attributes in _MATH_TAG.findall(converted):
        if tag not in _MATH_TAGS or not _MATH_ATTRIBUTES.fullmatch(attributes):
            raise MathRefused(f"{tag}{attributes}")
    return converted


def plain_text(markup: str) -> str:
    """The words of a piece of HTML, for counting and for descriptions."""
    return html.unescape(
        bleach.clean(re.sub(r"<(svg|math)\b.*?</\1>", " ", markup, flags=re.DOTALL), tags=set(), strip=True)
    )


Renderer = Callable[[str], Rendered]
