"""A language in which every translated sentence stands in brackets, ⟦like this⟧: what stands outside was not translated.

Its catalogue is read from the sources at test time: the calls in templates, and the texts in Python
that gettext may be given. A sentence that is put together from pieces, or held in no literal, is in none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from gettext import NullTranslations

from flask import Flask
from jinja2.ext import babel_extract

from lms.foundation.settings import ROOT
from tests.support.markup import Element

OPENS, CLOSES = "⟦", "⟧"
LMS = ROOT / "lms"
LETTERS = re.compile(r"[^\W\d_]{2,}")
SPOKEN = ("alt", "aria-label", "aria-description", "placeholder", "title")
SILENT = frozenset({"script", "style", "template", "math"})
INLINE = frozenset("abbr b bdi cite code del em i ins kbd mark q s small span strong sub sup tspan u".split())
BREAK = "\n"


@cache
def catalogue() -> frozenset[str]:
    """Every text of the sources that gettext may be asked for."""
    return frozenset({*_of_templates(), *_of_python()})


def _of_templates() -> Iterator[str]:
    for path in sorted((LMS / "web" / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for _line, _function, said, _comments in babel_extract(file, ("_", "gettext", "ngettext"), [], OPTIONS):
                yield from (said,) if isinstance(said, str) else (one for one in said or () if isinstance(one, str))


OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "encoding": "utf-8"}


def _of_python() -> Iterator[str]:
    for path in sorted(LMS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


class Pseudo(NullTranslations):
    """Brackets what is in the catalogue, and leaves alone what is not."""

    def gettext(self, message: str) -> str:
        return f"{OPENS}{message}{CLOSES}" if message in catalogue() else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    ugettext = gettext
    ungettext = ngettext


@contextmanager
def pseudo_language(app: Flask) -> Iterator[None]:
    """Meanwhile the app speaks it to everybody who reads English."""
    with app.app_context():
        kept = app.extensions["babel"].instance.domain_instance.cache
    before = dict(kept)
    kept["en", "messages"] = Pseudo()
    try:
        yield
    finally:
        kept.clear()
        kept.update(before)


def outside(text: str) -> list[str]:
    """What stands outside the brackets, by line."""
    depth, kept = 0, []
    for letter in text:
        depth += (letter == OPENS) - (letter == CLOSES)
        if depth == 0:
            kept.append(BREAK if letter == CLOSES else letter)
    lines = " ".join(" ".join(kept_line.split()) + BREAK for kept_line in "".join(kept).split(BREAK)).split(BREAK)
    return [line.strip() for line in lines if LETTERS.search(line)]


def spoken(page: Element) -> str:
    """All that a page says to eye or ear; what is of one block stands on one line."""
    return "".join(_spoken(page))


def _spoken(element: Element) -> Iterator[str]:
    for name, value in element.attributes.items():
        if name in SPOKEN or (name.startswith("data-") and " " in value):
            yield f"{BREAK}{value}{BREAK}"
    if element.tag in {"input", "button"} and element.get("type") in {"submit", "button"} and element.get("value"):
        yield f"{BREAK}{element.get('value')}{BREAK}" if element.tag == "input" else ""
    if element.tag in SILENT or element.has_class("initials") or element.has_class("key"):
        return
    for piece in element.content:
        if isinstance(piece, str):
            yield piece.replace(BREAK, " ")
        else:
            apart = "" if piece.tag in INLINE else BREAK
            yield apart
            yield from _spoken(piece)
            yield apart
