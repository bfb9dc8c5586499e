"""What a browser calls itself, in words that its owner recognises in a list."""

from __future__ import annotations

from collections.abc import Sequence

from lms.interop.words import gettext as _

# In this order: later names stand in the user agents of earlier ones as well.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """ "Firefox, Windows"; what can't be told is left out, and "" means that nothing can."""
    return ", ".join(name for name in (_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)) if name)


def device_name(device: str) -> str:
    return device or _("Unknown browser")


def _first(known: Sequence[tuple[str, str]], user_agent: str) -> str:
    return next((name for sign, name in known if sign in user_agent), "")
