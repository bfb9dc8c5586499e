"""What every page's frame shows, without asking the database every time."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import current_app

from lms.content import queries as content
from lms.requirements import Campus

KEPT_SECONDS = 30.0


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
