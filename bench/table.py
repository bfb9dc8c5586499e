"""The table of figures to beat: what was found beside its floor and its goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bench.driving import Measured
from bench.publishing import Publishing
from bench.single import Visit

Verdict = Literal["goal", "floor", "below"]


@dataclass(frozen=True)
class Bound:
    """A figure with its floor and its goal; `at_most` says which side is the good one."""

    value: float
    floor: float
    goal: float
    unit: str
    at_most: bool = True

    @property
    def verdict(self) -> Verdict:
        sign = 1 if self.at_most else -1
        if sign * self.value <= sign * self.goal:
            return "goal"
        return "floor" if sign * self.value <= sign * self.floor else "below"

    def say(self, value: float) -> str:
        digits = 2 if self.unit == "ms" and self.value < 10 else 0 if value >= 10 or float(value).is_integer() else 1
        return f"{value:.{digits}f} {self.unit}".strip()


@dataclass(frozen=True)
class Row:
    """One line of the table: a path, and the figures that are asked of it."""

    path: str
    bounds: tuple[Bound, ...]
    note: str = ""


@dataclass(frozen=True)
class Found:
    """All that one run has measured. `driven` is by name and connections; single figures are milliseconds of CPU."""

    driven: Mapping[tuple[str, int], Measured]
    sign_in_ms: float
    fresh_document_ms: float
    memory_mb: float
    watcher_mb: float
    first: Visit
    later: Visit
    publishing: Publishing | None
    crowds: tuple[int, int]
    notes: Sequence[str] = field(default=())

    def rate(self, name: str, connections: int) -> float:
        return self.driven[name, connections].requests_a_second

    def share(self, name: str, of: str, connections: int) -> float:
        """Requests a second as a percentage of another target's in the same run."""
        return 100 * self.rate(name, connections) / self.rate(of, connections)


EIGHT, MANY = 8, 32


def rows_of(found: Found) -> list[Row]:
    """The rows, in the order in which a learner meets them."""
    rows = [*_pages(found), *_writes(found), *_staff(found), *_documents(found), *_whole(found)]
    return rows + ([_publishing(found.publishing)] if found.publishing else []) + _growth(found)


def _pages(found: Found) -> list[Row]:
    lesson, home = found.driven["lesson", EIGHT], found.driven["home", EIGHT]
    of_hello = found.share("lesson", "hello", EIGHT)
    return [
        Row(
            "lesson page", (Bound(of_hello, 25, 40, "% of hello", at_most=False), Bound(lesson.cpu_ms, 1.0, 0.65, "ms"))
        ),
        Row(
            "learner's home",
            (Bound(found.share("home", "hello", EIGHT), 20, 30, "% of hello", at_most=False),),
            f"{home.cpu_ms:.2f} ms",
        ),
    ]


def _writes(found: Found) -> list[Row]:
    named = (("exam answer saved", "answer"), ("progress mark", "mark"))
    return [
        Row(
            path,
            (Bound(found.share(name, "durable write", EIGHT), 60, 80, "% of a minimal write", at_most=False),),
            f"{found.driven[name, EIGHT].cpu_ms:.2f} ms",
        )
        for path, name in named
    ]


def _staff(found: Found) -> list[Row]:
    few, many = (f"{crowd:,}" for crowd in found.crowds)
    small, large = found.driven["results", EIGHT].cpu_ms, found.driven["results, large", EIGHT].cpu_ms
    sums, all_sums = found.driven["sums", EIGHT].cpu_ms, found.driven["sums, large", EIGHT].cpu_ms
    return [
        Row(f"results of an exam, {few} attempts", (Bound(small, 3, 3, "ms"),)),
        Row(f"results of an exam, {many} attempts", (Bound(large, 30, small * 1.25, "ms"),)),
        Row(f"sums of all exams, {few} attempts", (Bound(sums, 3, 3, "ms"),)),
        Row(f"sums of all exams, {many} attempts", (Bound(all_sums, 30, sums * 1.25, "ms"),)),
    ]


def _documents(found: Found) -> list[Row]:
    return [
        Row("certificate page", (Bound(found.driven["certificate", EIGHT].cpu_ms, 1.5, 0.8, "ms"),)),
        Row(
            "certificate as PDF, made for the answer",
            (Bound(found.fresh_document_ms, 25, 15, "ms"),),
            f"stored: {found.driven['document', EIGHT].cpu_ms:.2f} ms",
        ),
        Row("sign-in", (Bound(found.sign_in_ms, 30, 20, "ms"),)),
    ]


def _whole(found: Found) -> list[Row]:
    lesson, save = found.driven["lesson", MANY], found.driven["answer", MANY]
    return [
        Row("lesson, 32 connections, p99", (Bound(lesson.p99_ms, 60, 30, "ms"),), f"max {lesson.max_ms:.0f} ms"),
        Row("save, 32 connections, p99", (Bound(save.p99_ms, 100, 50, "ms"),), f"max {save.max_ms:.0f} ms"),
        Row("memory of two workers after load", (Bound(found.memory_mb, 180, 140, "MB PSS"),)),
        Row(
            "first visit to a lesson",
            (
                Bound(found.first.wire_bytes / 1000, 120, 60, "KB"),
                Bound(found.first.requests, 8, 5, "requests"),
                Bound(found.later.wire_bytes / 1000, 12, 12, "KB later"),
            ),
        ),
    ]


def _publishing(taken: Publishing) -> Row:
    path = f"publish {taken.documents:,} documents"
    return Row(
        path, (Bound(taken.seconds, 60, 15, "s"),), f"unchanged: {taken.again_seconds:.1f} s, {taken.again_rows} rows"
    )


def _growth(found: Found) -> list[Row]:
    few, many = (f"{crowd:,}" for crowd in found.crowds)
    pairs = (("lesson page", "lesson"), ("learner's home", "home"), ("list of people", "people"))
    return [
        Row(
            f"{path} with {many} learners, as much as with {few}",
            (
                Bound(
                    100 * found.driven[f"{name}, large", EIGHT].cpu_ms / found.driven[name, EIGHT].cpu_ms, 150, 115, "%"
                ),
            ),
        )
        for path, name in pairs
    ]
