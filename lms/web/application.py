"""Flask, with the order of a request as we have it, and less what it would ask each time for the same answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue

from lms.web import viewing


class Application(Flask):
    """None of our functions is a coroutine: nothing waits in a worker, which answers one request at a time."""

    def dispatch_request(self) -> ResponseReturnValue:
        """The guards have let it in: the view begins."""
        viewing.enter_view()
        return super().dispatch_request()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
