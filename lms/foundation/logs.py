"""Structured logs: one line of JSON per meaningful event, with ids; never an answer, a name or an address."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _as_if_missing(name: str) -> Iterator[None]:
    """What is loaded inside can't load the module `name`, unless it is loaded already."""
    known = name in sys.modules
    sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # Python's own sign that there is none
    try:
        yield
    finally:
        if not known:
            del sys.modules[name]


# Where rich is installed, structlog loads it, and with it pygments, to colour consoles; we write JSON.
with _as_if_missing("rich"):
    import structlog

get_logger = structlog.get_logger


def set_up_logs() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,  # without local variables: they hold what people typed
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # asked anew: stderr may be another by then
        cache_logger_on_first_use=False,
    )
