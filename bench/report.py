"""What a run found, told three times: on the terminal, as JSON for later, and as the table in the README."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.driving import Measured
from bench.table import Bound, Found, Row, rows_of
from lms.foundation.settings import ROOT

RESULTS = ROOT / "bench" / "results"
README = ROOT / "README.md"
BEGINS, ENDS = "<!-- bench: begins -->", "<!-- bench: ends -->"
WORDS = {"goal": "goal", "floor": "floor", "below": "**below**"}


def print_driven(found: Found) -> None:
    """Everything that wrk drove, with its shares of hello and of the minimal write."""
    print(
        f"\n{'':<20}{'conn':>5}{'req/s':>8}{'hello':>8}{'write':>8}{'CPU ms':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}"
    )
    for (name, connections), one in sorted(found.driven.items(), key=lambda pair: pair[0][1]):
        shares = "".join(f"{_share(found, one, of):>8}" for of in ("hello", "durable write"))
        times = "".join(f"{value:>8.1f}" for value in (one.p50_ms, one.p95_ms, one.p99_ms, one.max_ms))
        print(f"{name:<20}{connections:>5}{one.requests_a_second:>8.0f}{shares}{one.cpu_ms:>8.2f}{times}")


def _share(found: Found, one: Measured, of: str) -> str:
    if (of, one.connections) not in found.driven:
        return ""
    return f"{found.share(one.name, of, one.connections):.0f} %"


def print_rows(found: Found) -> None:
    print()
    for row in rows_of(found):
        for bound in row.bounds:
            print(
                f"{row.path:<58}{_figure(bound):>26}  {bound.verdict:<6} (floor {bound.floor:g}, goal {bound.goal:g})"
            )
        if row.note:
            print(f"{'':<58}{row.note:>26}")


def write_json(found: Found, *, on: datetime) -> Path:
    """The figures of this run under its day, with the machine that they were taken on."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{on:%Y-%m-%d}.json"
    told: dict[str, Any] = {
        "taken_at": on.astimezone(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "driven": [asdict(one) for one in found.driven.values()],
        "single": {
            "sign_in_ms": round(found.sign_in_ms, 2),
            "fresh_document_ms": round(found.fresh_document_ms, 2),
            "memory_mb": round(found.memory_mb, 1),
            "watcher_mb": round(found.watcher_mb, 1),
            "first_visit": asdict(found.first),
            "later_visit": asdict(found.later),
            "publishing": asdict(found.publishing) if found.publishing else None,
        },
        "rows": [_row_of(row) for row in rows_of(found)],
    }
    path.write_text(json.dumps(_rounded(told), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _row_of(row: Row) -> dict[str, Any]:
    figures = [asdict(bound) | {"verdict": bound.verdict} for bound in row.bounds]
    return {"path": row.path, "figures": figures, "note": row.note}


def _rounded(told: Any) -> Any:
    if isinstance(told, float):
        return round(told, 3)
    if isinstance(told, dict):
        return {key: _rounded(value) for key, value in told.items()}
    return [_rounded(one) for one in told] if isinstance(told, list | tuple) else told


def machine() -> str:
    """The processor, how many of it, and the Python."""
    named = [line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    processor = named[0] if named else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def write_readme(found: Found, *, on: datetime) -> None:
    """Replace what stands between the two marker comments. Raises SystemExit where they are not."""
    text = README.read_text(encoding="utf-8")
    if BEGINS not in text or ENDS not in text:
        raise SystemExit(f"README.md holds no {BEGINS} … {ENDS}.")
    before, after = text.split(BEGINS, 1)[0], text.split(ENDS, 1)[1]
    README.write_text(f"{before}{BEGINS}\n{_table(found, on=on)}{ENDS}{after}", encoding="utf-8")


def _table(found: Found, *, on: datetime) -> str:
    lines = [
        f"Taken on {on:%Y-%m-%d} ({machine()}), by `make bench`; *hello* and the *minimal write* are a bare Flask",
        "application's, on the same server in the same run. Times are of the processor, unless they are latencies.",
        "",
        "| path | found | floor | goal | reaches |",
        "|---|---|---|---|---|",
    ]
    for row in rows_of(found):
        figures = " · ".join(_figure(bound) for bound in row.bounds) + (f" ({row.note})" if row.note else "")
        floors = " · ".join(f"{bound.say(bound.floor)}" for bound in row.bounds)
        goals = " · ".join(f"{bound.say(bound.goal)}" for bound in row.bounds)
        reached = " · ".join(WORDS[bound.verdict] for bound in row.bounds)
        lines.append(f"| {row.path} | {figures} | {floors} | {goals} | {reached} |")
    return "\n".join(lines) + "\n"


def _figure(bound: Bound) -> str:
    return bound.say(bound.value)
