"""Where the flood limits count: in the process, and without a thread of its own.

The library's own memory starts a thread for every hundredth of a second in which somebody sends
something, and each looks through all it holds. Here what is over is dropped in passing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits.storage import Storage

SECONDS_BETWEEN_LOOKS = 60.0


@dataclass(slots=True)
class _Count:
    """How often, and the moment (in seconds since 1970) from which it counts anew."""

    sent: int
    ends_at: float


class CountsInPassing(Storage):
    """Counts in windows of a fixed length, each begun by its first sending; several threads may share them."""

    STORAGE_SCHEME = ["inpassing"]  # noqa: RUF012  # how the library finds it

    def __init__(
        self, uri: str | None = None, *, wrap_exceptions: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(uri, wrap_exceptions)
        self._clock = clock
        self._counts: dict[str, _Count] = {}
        self._lock = threading.Lock()
        self._look_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """How often it is with this one; `expiry` is the length of the window in seconds."""
        now = self._clock()
        with self._lock:
            self._drop_what_is_over(now)
            count = self._counts.get(key)
            if count is None or count.ends_at <= now:
                count = self._counts[key] = _Count(0, now + expiry)
            count.sent += amount
            return count.sent

    def get(self, key: str) -> int:
        count = self._counts.get(key)
        return count.sent if count is not None and count.ends_at > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        count = self._counts.get(key)
        return self._clock() if count is None else count.ends_at

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            held = len(self._counts)
            self._counts.clear()
            return held

    def clear(self, key: str) -> None:
        with self._lock:
            self._counts.pop(key, None)

    def held(self) -> int:
        """How many windows are held: those that run, and what ended since the last look."""
        return len(self._counts)

    def _drop_what_is_over(self, now: float) -> None:
        """Once a minute: a look through all of them, which nobody else need make."""
        if now < self._look_at:
            return
        self._look_at = now + SECONDS_BETWEEN_LOOKS
        self._counts = {key: count for key, count in self._counts.items() if count.ends_at > now}
