"""The one place that asks what time it is. Web, cli and worker call it; everything below is told."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)
