"""The allow-list for what authors write, applied twice: bleach, then nh3 with the same list.

Whatever gets through can neither run nor fetch: no script, no style, no form field, no
frame, and addresses of known schemes only. Pages add a strict Content-Security-Policy
that this does not rely on.
"""

from __future__ import annotations

import threading

import nh3
from bleach.sanitizer import Cleaner

TAGS = frozenset(
    "a abbr b blockquote br caption cite code col colgroup dd del details div dl dt em figcaption figure h2 h3 h4 h5 hr i img "
    "ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr ul var".split()
)
ATTRIBUTES: dict[str, list[str]] = {
    "*": ["class", "id", "lang", "dir", "title"],
    "a": ["href"],
    "img": ["src", "alt", "width", "height"],
    "ol": ["start"],
    "td": ["align", "colspan", "rowspan"],
    "th": ["align", "colspan", "rowspan", "scope"],
    "details": ["open"],
}
SCHEMES = frozenset({"http", "https", "mailto", "lesson", "module", "program"})


def sanitise(raw: str) -> str:
    """HTML of the allowed elements and attributes alone, well formed, its attributes in double quotes."""
    return _own.nh3.clean(_own.bleach.clean(raw))


class _Cleaners(threading.local):
    """The two cleaners of a thread: bleach's keeps state while it works, so threads can't share one."""

    def __init__(self) -> None:
        self.bleach = Cleaner(tags=TAGS, attributes=ATTRIBUTES, protocols=SCHEMES, strip=True, strip_comments=True)
        self.nh3 = nh3.Cleaner(
            tags=set(TAGS),
            attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
            url_schemes=set(SCHEMES),
            link_rel=None,
            strip_comments=True,
        )


_own = _Cleaners()
