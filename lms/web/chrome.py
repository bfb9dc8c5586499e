"""What every page's frame shows, without asking the database or drawing it anew every time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from flask import current_app, request
from jinja2 import Environment
from markupsafe import Markup

from lms.accounts.rules import Viewer
from lms.content import queries as content
from lms.interop.words import catalogue
from lms.requirements import Campus
from lms.web.viewing import viewer

KEPT_SECONDS = 30.0
KEPT_FRAMES = 512
DOORS = ("see_people", "run_classes", "see_results", "teach", "author_lessons", "decide_claims")
PARTS = ("links", "logo", "nav", "foot")
THEMES = frozenset({"light", "dark"})


@dataclass(frozen=True)
class Look:
    """All that a frame depends on: nothing of it is one person's. `words` are the reader's language."""

    words: Any
    root: str
    endpoint: str | None
    blueprint: str | None
    signed_in: bool
    doors: frozenset[str]
    theme: str
    campus: str


@dataclass(frozen=True)
class Frame:
    """The parts of the frame that look the same to everybody who may use the same doors."""

    links: Markup
    logo: Markup
    nav: Markup
    foot: Markup


@dataclass
class _Kept:
    campus: Campus | None = None
    until: float = 0.0


def campus() -> Campus | None:
    """The federation's own words for bar and footer. A change shows within half a minute of its publication."""
    kept: _Kept = current_app.extensions.setdefault("lms_chrome", _Kept())
    if kept.campus is None or time.monotonic() > kept.until:
        kept.campus = content.campus_or_none()
        kept.until = time.monotonic() + KEPT_SECONDS
    return kept.campus


def seen() -> dict[str, object]:
    """What every template may use: who is looking, the federation, and the frame around both."""
    reader, federation = viewer(), campus()
    return {"viewer": reader, "campus": federation, "frame": partial(frame, reader, federation)}


def frame(reader: Viewer | None, federation: Campus | None) -> Frame:
    return drawer()(look_for(reader, federation))


def look_for(reader: Viewer | None, federation: Campus | None) -> Look:
    """The look of this request's page for somebody."""
    theme = request.cookies.get("theme", "")
    return Look(
        words=catalogue(),
        root=request.script_root,
        endpoint=request.endpoint,
        blueprint=request.blueprint,
        signed_in=reader is not None,
        doors=frozenset(door for door in DOORS if reader.can(door)) if reader else frozenset(),
        theme=theme if theme in THEMES else "",
        campus=federation.name if federation else "",
    )


def drawer() -> Callable[[Look], Frame]:
    """Draws frames of this application, and keeps them."""
    kept = current_app.extensions
    if "lms_frames" not in kept:
        kept["lms_frames"] = lru_cache(KEPT_FRAMES)(partial(draw, current_app.jinja_env))
    drawn: Callable[[Look], Frame] = kept["lms_frames"]
    return drawn


def draw(environment: Environment, look: Look) -> Frame:
    """Drawn without who is looking, so that nothing of them can be kept."""
    parts = {part: environment.get_template(f"_frame/{part}.html").render(look=look) for part in PARTS}
    return Frame(**{part: Markup(drawn.strip()) for part, drawn in parts.items()})  # noqa: S704  # templates escape
