"""The report of a run: one Markdown file, written anew after each fault, so that a run cut short has one too."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.soak.history import History, Kind, Outcome
from tests.soak.invariants import Verdict

FOLDER = "LMS_SOAK_REPORT"
SEED = "LMS_SOAK_SEED"
SLOWEST_RECOVERY_SECONDS = float(os.environ.get("LMS_SOAK_RECOVERY_SECONDS", "5"))  # more where others use the machine


@dataclass
class Part:
    """One fault on one engine: what people were told, how long it took to recover, and what held."""

    fault: str
    engine: str
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    recoveries: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    verdicts: list[dict[str, Any]] = field(default_factory=list)

    def take(self, history: History, verdicts: Iterable[Verdict]) -> None:
        self.counts = {
            kind.value: {outcome.value: history.count(kind, outcome) for outcome in Outcome} for kind in Kind
        }
        self.statuses = {str(status): times for status, times in sorted(history.statuses().items())}
        self.verdicts = [asdict(verdict) for verdict in verdicts]

    def note(self, words: str) -> None:
        self.notes.append(words)

    @property
    def held(self) -> bool:
        return not any(verdict["against"] for verdict in self.verdicts)


class Report:
    """The parts of a run lie in its folder, one file each; several processes may add to them."""

    def __init__(self, run_folder: Path, seed: str) -> None:
        self.parts, self.seed = run_folder / "soak-parts", seed
        self.parts.mkdir(exist_ok=True)
        begun = self.parts / "begun"
        if not begun.exists():
            begun.write_text(f"{datetime.now(UTC):%Y-%m-%d %H:%M}")
        self.begun = begun.read_text()

    def add(self, part: Part) -> None:
        with (self.parts / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            number = len(list(self.parts.glob("*.json")))
            (self.parts / f"{number:03}.json").write_text(json.dumps(asdict(part)))
            self._write()

    def _write(self) -> None:
        wanted = os.environ.get(FOLDER)
        if not wanted:
            return
        parts = [Part(**json.loads(file.read_text())) for file in sorted(self.parts.glob("*.json"))]
        folder = Path(wanted)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{self.begun[:10]}-seed-{self.seed}.md"
        file.write_text(page_of(parts, self.begun, self.seed), encoding="utf-8")


def page_of(parts: list[Part], begun: str, seed: str) -> str:
    engines = ", ".join(sorted({part.engine for part in parts}))
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    head = [
        f"# Faults under load, seed {seed}",
        "",
        f"Begun {begun} UTC · {engines} · {machine}",
        "",
        f"Again: `python3 -m lms test --soak --seed {seed} tests/soak`. Every request counts where it ended: *ok*, *fail*",
        "(refused, so nothing happened) or *unknown* (no answer). Recovery is from the fault to the first request that",
        f"was ok; the aim is {SLOWEST_RECOVERY_SECONDS:g} s. I1 to I9 are judged afterwards, from the history and the rows.",
        "",
        *summary(parts),
    ]
    return "\n".join([*head, *(line for part in parts for line in section(part))]).rstrip() + "\n"


def summary(parts: list[Part]) -> list[str]:
    rows = ["| fault | engine | ok | fail | unknown | slowest recovery | invariants |", "|---|---|---|---|---|---|---|"]
    for part in parts:
        totals = [str(sum(row[outcome.value] for row in part.counts.values())) for outcome in Outcome]
        recovery = f"{max(part.recoveries):.1f} s" if part.recoveries else "–"
        held = ("all hold" if part.held else "BROKEN") if part.verdicts else "–"
        rows.append(f"| {part.fault} | {part.engine} | {' | '.join(totals)} | {recovery} | {held} |")
    return [*rows, ""]


def section(part: Part) -> list[str]:
    lines = [f"## {part.fault} ({part.engine})", "", *(f"- {note}" for note in part.notes)]
    if part.recoveries:
        times = ", ".join(f"{seconds:.1f}" for seconds in part.recoveries)
        within = "within" if max(part.recoveries) <= SLOWEST_RECOVERY_SECONDS else "BEYOND"
        lines.append(f"- recovery: {times} s, {within} {SLOWEST_RECOVERY_SECONDS:g} s")
    done = {kind: row for kind, row in part.counts.items() if sum(row.values())}
    for kind, row in done.items():
        lines.append(f"- {kind}: " + ", ".join(f"{count} {outcome}" for outcome, count in row.items()))
    if part.statuses:
        lines.append("- answers: " + ", ".join(_status(*one) for one in part.statuses.items()))
    lines += [_judged(verdict) for verdict in part.verdicts]
    return [*lines, ""]


def _status(status: str, times: int) -> str:
    return f"{times} × {status if status != '0' else 'none'}"


def _judged(verdict: Mapping[str, Any]) -> str:
    said = "holds" if not verdict["against"] else "BROKEN: " + "; ".join(verdict["against"][:5])
    return f"- {verdict['name']} ({verdict['words']}): {said}"
