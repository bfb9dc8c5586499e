"""Flask, less what it would ask with every request that our answer never changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask


class Application(Flask):
    """None of our functions is a coroutine: nothing waits in a worker, which answers one request at a time."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
