"""The reader's words, by the shortest way: a page says a hundred of them.

flask-babel looks up language and catalogue anew for each word; the answers are the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from babel import Locale
from flask import current_app
from flask_babel import get_locale, get_translations


def gettext(text: str, /, **values: Any) -> str:
    """The text in the reader's language, with its values."""
    found = str(catalogue().ugettext(text))
    return found % values if values else found


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> str:
    """The form that the number takes in the reader's language."""
    return str(catalogue().ungettext(singular, plural, num)) % {"num": num, **values}


def catalogue() -> Any:
    """The reader's words. What is drawn once for many readers is kept by it, since it is another in each language."""
    locale = get_locale()
    if locale is None:
        return get_translations()
    kept = current_app.extensions["babel"].instance.domain_instance.cache
    return kept.get((_name_of(locale), "messages")) or get_translations()


@lru_cache(maxsize=64)
def _name_of(locale: Locale) -> str:
    return str(locale)
