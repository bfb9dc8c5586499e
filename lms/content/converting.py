"""Markdown as we speak it: which extensions there are, and how their HTML is mended for readers."""

from __future__ import annotations

import threading
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks.caption import CaptionExtension

ADMONITIONS = ("note", "practice", "warning", "tip")
LAST = -10


class Unreadable(ValueError):
    """Text that can't be converted: lists or quotations within each other beyond all sense."""


def convert(text: str) -> str:
    """The HTML of a Markdown text, not sanitised yet. Raises Unreadable."""
    try:
        return _own.markdown.reset().convert(text)
    except Exception as error:
        _own.renew()  # what broke off in the middle keeps its state, and `reset` does not clear all of it
        if isinstance(error, RecursionError):
            raise Unreadable from error
        raise


class _ForReaders(Treeprocessor):
    """Heads of tables say which way they point, and tabs become details: both work without any script."""

    def run(self, root: Element) -> None:
        for head in root.iter("thead"):
            for cell in head.iter("th"):
                cell.set("scope", "col")
        for parent in list(root.iter()):
            for at, child in reversed(list(enumerate(parent))):
                if child.get("class") == "tabbed-set":
                    parent[at : at + 1] = _as_details(child)


def _as_details(tabs: Element) -> list[Element]:
    """One details element for each tab, the first of them open."""
    found: list[Element] = []
    for title, content in zip(tabs.findall("label"), tabs.findall("div"), strict=True):
        details = Element("details", {} if found else {"open": "open"})
        title.tag, title.attrib = "summary", {}
        details.append(title)
        details.extend(content)
        found.append(details)
    return found


class ForReaders(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown calls it so
        md.treeprocessors.register(_ForReaders(md), "for-readers", LAST)


class _Converters(threading.local):
    """The converter of a thread: it keeps state while it works. `reset()` before each text."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.markdown = Markdown(
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
                ForReaders(),
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


_own = _Converters()
