"""Pages that say the same to many readers: drawn once with blanks where they differ, and then only filled in.

What may differ from reader to reader must be a blank, and everything else a part of the key under which a
stencil is kept: the look of the frame, the language, and what the page is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask, render_template, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from lms.web import chrome
from lms.web.chrome import Look
from lms.web.viewing import signed_in, viewer

EDGE = "\x00"  # no name and no text can hold it: neither database would store it
KEPT_FRAMES = 256
TOKEN = "token"  # noqa: S105  # the name of a blank

_drawing: ContextVar[bool] = ContextVar("drawing_a_stencil", default=False)


@dataclass(frozen=True)
class Stencil:
    """A page cut at its blanks: a text before each of them and one after the last."""

    texts: tuple[str, ...]
    blanks: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        """The page with these values, escaped unless they are Markup. Raises KeyError where one is missing."""
        written = {name: str(escape(value)) for name, value in values.items()}
        parts = [self.texts[0]]
        for name, text in zip(self.blanks, self.texts[1:], strict=True):
            parts += (written[name], text)
        return "".join(parts)


@dataclass(frozen=True)
class AnyReader:
    """Stands for whoever is looking while a stencil is drawn; of them only the language is known."""

    locale: str

    @property
    def initials(self) -> Markup:
        return blank("initials")

    @property
    def name(self) -> Markup:
        return blank("name")


def set_up(app: Flask) -> None:
    """After flask-wtf, whose token stands in every form."""
    app.jinja_env.globals["csrf_token"] = form_token


def form_token() -> str:
    return blank(TOKEN) if _drawing.get() else str(generate_csrf())


def blank(name: str) -> Markup:
    return Markup("{}{}{}").format(EDGE, name, EDGE)


def draw(template: str, locale: str, **context: object) -> Stencil:
    """A template's page for anyone signed in who reads this language."""
    return draw_open(template, locale, **context)


def draw_open(template: str, locale: str | None, **context: object) -> Stencil:
    """The same of a page that strangers may read: without a language it is for them, who have no name and no token."""
    with _as_stencil():
        reader = None if locale is None else AnyReader(locale)
        pieces = render_template(template, viewer=reader, **context).split(EDGE)
    return Stencil(tuple(pieces[::2]), tuple(pieces[1::2]))


@contextmanager
def _as_stencil() -> Iterator[None]:
    before = _drawing.set(True)
    try:
        yield
    finally:
        _drawing.reset(before)


def can_be_filled() -> bool:
    """Whether this page has no more to say than its stencil: nothing that the last action left to be told."""
    return "_flashes" not in session


def fill(stencil: Stencil, **values: str) -> str:
    """The page for the reader of this request."""
    reader = signed_in()
    return stencil.filled({"initials": reader.initials, "name": reader.name, TOKEN: generate_csrf(), **values})


def show(template: str, **parts: Markup) -> str:
    """A page for who is signed in, of which everything but these parts looks the same to everybody."""
    if not can_be_filled():
        return render_template(template, **parts)
    reader = signed_in()
    look = chrome.look_for(reader, chrome.campus())
    return fill(_frame_of(template, look, reader.locale, tuple(parts)), **parts)


@lru_cache(maxsize=KEPT_FRAMES)
def _frame_of(template: str, look: Look, locale: str, parts: tuple[str, ...]) -> Stencil:  # noqa: ARG001  # the key of what is kept
    return draw(template, locale, **{name: blank(name) for name in parts})


def fill_open(stencil: Stencil, **values: str) -> str:
    """The same where perhaps nobody is signed in; a stranger is given no token, which would set a cookie."""
    return stencil.filled(values) if viewer() is None else fill(stencil, **values)
