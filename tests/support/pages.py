"""Reading pages: what differs from answer to answer is masked, so that the rest can be compared byte by byte."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

FORM_TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


def masked(page: TestResponse, *words: str) -> str:
    """The body without its form token, and without words that the request itself held."""
    text = FORM_TOKEN.sub('name="csrf_token" value="…"', page.text)
    for word in words:
        text = text.replace(word, "…")
    return text
