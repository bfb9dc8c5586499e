"""What the people of a load did, and what they were told: invoked, then ok, fail or unknown."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    SIGN_IN = "sign-in"
    START = "start"
    SAVE = "save"
    SUBMIT = "submit"
    LATE = "save after submit"
    BOOK = "book"


class Outcome(StrEnum):
    """`FAIL`: told, or sure since nothing was sent, that nothing happened. `UNKNOWN`: it may have."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass
class Operation:
    """One try of one thing. `subject` is an address, an attempt's token or a class's; `sent` what went with it."""

    kind: Kind
    person: str
    subject: str
    sent: tuple[str, ...]
    position: int = 0
    sequence: int = 0
    invoked_at: float = 0.0
    ended_at: float = 0.0
    outcome: Outcome | None = None  # still on its way
    status: int = 0
    told: str = ""

    def end(self, outcome: Outcome, *, status: int = 0, told: str = "") -> None:
        self.ended_at = time.monotonic()
        self.outcome, self.status, self.told = outcome, status, told


class History:
    """All operations of one load, in the order of their beginning. Many threads write."""

    def __init__(self) -> None:
        self._operations: list[Operation] = []
        self._lock = threading.Lock()

    def invoke(self, operation: Operation) -> Operation:
        operation.invoked_at = time.monotonic()
        with self._lock:
            self._operations.append(operation)
        return operation

    def all(self, *kinds: Kind) -> list[Operation]:
        with self._lock:
            return [one for one in self._operations if not kinds or one.kind in kinds]

    def count(self, kind: Kind, outcome: Outcome) -> int:
        return sum(one.outcome is outcome for one in self.all(kind))

    def done(self) -> int:
        """How many things were ok."""
        return sum(one.outcome is Outcome.OK for one in self.all())

    def statuses(self) -> Counter[int]:
        """How often each status was answered; 0 stands for no answer."""
        return Counter(one.status for one in self.all())

    def first_ok_after(self, moment: float) -> float | None:
        """Seconds from a moment of the monotonic clock to the end of the first operation begun after it that was ok."""
        ends = [one.ended_at for one in self.all() if one.outcome is Outcome.OK and one.invoked_at >= moment]
        return min(ends) - moment if ends else None
