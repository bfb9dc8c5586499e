"""Driving one target with wrk: what it answered, how fast, and what that cost the server."""

from __future__ import annotations

import json
import random
import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.servers import Server

SCRIPT = Path(__file__).with_name("wrk.lua")
RESULT = re.compile(r"^RESULT (.*)$", re.MULTILINE)
TOLERANCE = 1.25
FIGURES = ("requests_a_second", "cpu_ms", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms")


@dataclass(frozen=True)
class Shot:
    """One request. A body makes it a POST; `address` is where a proxy says that it came from."""

    path: str
    cookie: str = ""
    body: str = ""
    address: str = ""

    def line(self) -> str:
        return f"{self.path}\t{self.cookie}\t{self.address}\t{self.body}"


@dataclass(frozen=True)
class Target:
    """Requests that are sent in turn; every answer must have this status and at least this size in bytes."""

    name: str
    server: Server
    shots: Sequence[Shot]
    smallest: int
    status: int = 200
    accept: str = "text/html"
    before: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True)
class Measured:
    """One run, or the middle of several: requests a second, milliseconds, and answers that were not as they ought."""

    name: str
    connections: int
    requests: int
    requests_a_second: float
    cpu_ms: float
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    errors: int


def warm(target: Target) -> None:
    """Let the first answers of a process read what it then keeps. Raises SystemExit for a wrong answer."""
    target.before()
    with _written(target.shots) as shots:
        _refuse_dishonest(target, _wrk(target, 2, 2, shots))


def drive(target: Target, connections: int, seconds: int) -> Measured:
    """Send the target's shots for some seconds. Raises SystemExit for a wrong answer, or figures that can't be."""
    target.before()
    with _written(target.shots) as shots:
        before = target.server.cpu_seconds()
        found = _wrk(target, connections, seconds, shots)
        spent = target.server.cpu_seconds() - before
    measured = Measured(
        name=target.name,
        connections=connections,
        requests=found["requests"],
        requests_a_second=found["requests"] / found["seconds"],
        cpu_ms=1000 * spent / max(found["requests"], 1),
        mean_ms=found["mean"],
        p50_ms=found["p50"],
        p95_ms=found["p95"],
        p99_ms=found["p99"],
        max_ms=found["max"],
        errors=found["errors"],
    )
    _refuse_dishonest(target, found)
    refuse_impossible(measured)
    return measured


@contextmanager
def _written(shots: Sequence[Shot]) -> Iterator[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".shots") as file:
        file.write("".join(f"{shot.line()}\n" for shot in shots))
        file.flush()
        yield file.name


def _wrk(target: Target, connections: int, seconds: int, shots: str) -> dict[str, Any]:
    begin = random.randrange(len(target.shots))  # noqa: S311  # where a round begins, not a secret
    expected = (shots, str(target.status), str(target.smallest), str(begin), target.accept)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "8s", "-s", str(SCRIPT)]
    said = subprocess.run([*command, target.server.url, "--", *expected], capture_output=True, text=True, check=False)
    found = RESULT.search(said.stdout)
    if found is None:
        raise SystemExit(f"wrk failed on {target.name}: {said.stdout}{said.stderr}")
    result: dict[str, Any] = json.loads(found.group(1))
    return result


def _refuse_dishonest(target: Target, found: dict[str, Any]) -> None:
    """Errors are quick, so they must never count as answers."""
    if found["wrong"] or not found["requests"]:
        raise SystemExit(
            f"{target.name}: {found['wrong']} of {found['requests']} answers were wrong (the last: {found['said']}); "
            f"asked for were {target.status} and {target.smallest} bytes or more."
        )


def refuse_impossible(measured: Measured) -> None:
    """Little's law: what is under way = rate x time in the system, and that can't exceed the connections.

    The time is the median's: wrk's mean counts a slow answer also for those that could have been asked meanwhile.
    """
    under_way = measured.requests_a_second * measured.p50_ms / 1000
    if under_way > measured.connections * TOLERANCE:
        raise SystemExit(
            f"{measured.name}: {under_way:.1f} requests under way on {measured.connections} connections; "
            "something was measured wrongly."
        )


def middle(many: Sequence[Measured]) -> Measured:
    """The median of each figure over the rounds; the slowest answer and the errors are those of all."""
    figures = {name: statistics.median(getattr(one, name) for one in many) for name in FIGURES}
    figures["max_ms"] = max(one.max_ms for one in many)
    return replace(
        many[0], requests=sum(one.requests for one in many), errors=sum(one.errors for one in many), **figures
    )
