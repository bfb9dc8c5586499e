"""`make bench`: drive product and ceiling in turn with wrk, and say what reaches its floor and its goal.

Times on a shared machine mean nothing alone; the ratios of one interleaved run do, and so
does the processor's time for one request. `--quick` takes a minute or two, to see whether
something became slow; only a whole run is written to `bench/results/` and to the README.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import ceiling, product, report
from bench.driving import Measured, Shot, Target, drive, middle, warm
from bench.product import Campus
from bench.publishing import Publishing, measure_publishing
from bench.servers import Server, serving
from bench.single import ask, cpu_ms_of, first_visit, fresh_document, sign_in
from bench.table import EIGHT, MANY, Found
from lms.foundation.settings import ROOT

ACTING = 400


@dataclass(frozen=True)
class Amounts:
    """How much a run takes: rounds, seconds of each drive, sizes of the two crowds, modules to publish."""

    rounds: int
    seconds: int
    connections: Sequence[int]
    few: int
    many: int
    modules: int


WHOLE = Amounts(rounds=3, seconds=5, connections=(1, EIGHT, MANY), few=1_000, many=100_000, modules=100)
QUICK = Amounts(rounds=1, seconds=2, connections=(EIGHT, MANY), few=600, many=5_000, modules=2)


@dataclass(frozen=True)
class Stage:
    """All that is running: the ceiling, and the product with a few learners and with many."""

    ceiling: Server
    few: Server
    many: Server
    few_campus: Campus
    many_campus: Campus


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measure the product against a minimal Flask application."
    )
    parser.add_argument("--quick", action="store_true", help="a minute or two; nothing is written")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("make bench needs wrk: apt-get install wrk", file=sys.stderr)
        return 1
    amounts = QUICK if options.quick else WHOLE
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        found = measure(Path(folder), amounts)
    report.print_driven(found)
    report.print_rows(found)
    print(f"\nTook {(time.monotonic() - began) / 60:.1f} minutes.")
    if not options.quick:
        on = datetime.now(UTC)
        print(f"Written to {report.write_json(found, on=on).relative_to(ROOT)} and to the README.")
        report.write_readme(found, on=on)
    return 0


def measure(folder: Path, amounts: Amounts) -> Found:
    with on_stage(folder, amounts) as stage:
        driven = drive_all(stage, amounts)
        few, campus = stage.few, stage.few_campus
        first, later = first_visit(few, product.lesson(few, campus).shots[0].path, campus.learners[0])
        return Found(
            driven=driven,
            memory_mb=few.memory_mb(),
            watcher_mb=few.watcher_mb(),
            sign_in_ms=cpu_ms_of(few, sign_in(few, "learner@example.org")),
            fresh_document_ms=cpu_ms_of(few, fresh_document(few, campus)),
            first=first,
            later=later,
            publishing=publish(folder, amounts),
            crowds=(amounts.few, amounts.many),
        )


@contextmanager
def on_stage(folder: Path, amounts: Amounts) -> Iterator[Stage]:
    """Make the data, and start the three servers until the end of the block."""
    say("the demo's data")
    product.make_demo(folder / "demo.sqlite3")
    say(f"{amounts.few:,} and {amounts.many:,} learners")
    few = product.make_campus(folder / "demo.sqlite3", "few", crowd=amounts.few, acting=ACTING)
    many = product.make_campus(folder / "demo.sqlite3", "many", crowd=amounts.many, acting=ACTING)
    product.store_document(few, few.certificates[0])
    ceiling.prepare(folder / "ceiling.sqlite3")
    os.environ["BENCH_CEILING_DATABASE"] = str(folder / "ceiling.sqlite3")
    with ExitStack() as open_now:
        yield Stage(
            open_now.enter_context(serving("the ceiling", "bench.ceiling:gate", {})),
            open_now.enter_context(serving("the product", "wsgi:gate", few.given)),
            open_now.enter_context(serving("the product with many", "wsgi:gate", many.given)),
            few,
            many,
        )


def drive_all(stage: Stage, amounts: Amounts) -> dict[tuple[str, int], Measured]:
    """Every target in turn, again and again, so that what slows the machine slows all of them."""
    taken: dict[tuple[str, int], list[Measured]] = {}
    plan = [(one, connections) for connections in amounts.connections for one in core_targets(stage)]
    plan += [(one, EIGHT) for one in further_targets(stage)]
    for target, _connections in plan:
        warm(target)
    for number in range(1, amounts.rounds + 1):
        say(f"round {number} of {amounts.rounds}")
        for target, connections in plan:
            taken.setdefault((target.name, connections), []).append(drive(target, connections, amounts.seconds))
    return {key: middle(many) for key, many in taken.items()}


def core_targets(stage: Stage) -> list[Target]:
    """What is compared with the ceiling, at every number of connections."""
    cookie = ask(stage.ceiling, "/enter").headers["set-cookie"].split(";")[0]
    bare, few, campus = stage.ceiling, stage.few, stage.few_campus
    return [
        Target("hello", bare, [Shot("/hello")], smallest=5),
        Target("page", bare, [Shot("/page", cookie)], smallest=13_000),
        product.lesson(few, campus),
        product.home(few, campus),
        Target("durable write", bare, [Shot("/write", cookie, "n=1")], smallest=10),
        product.answer(few, campus),
        product.mark(few, campus),
    ]


def further_targets(stage: Stage) -> list[Target]:
    """What is measured by the processor's time alone, and how it grows."""
    few, many, campus, crowded = stage.few, stage.many, stage.few_campus, stage.many_campus
    return [
        product.results(few, campus, "results"),
        product.results(many, crowded, "results, large"),
        product.sums(few, campus, "sums"),
        product.sums(many, crowded, "sums, large"),
        product.people(few, campus, "people"),
        product.people(many, crowded, "people, large"),
        product.lesson(many, crowded, "lesson, large"),
        product.home(many, crowded, "home, large"),
        product.certificate(few, campus),
        product.document(few, campus),
    ]


def publish(folder: Path, amounts: Amounts) -> Publishing:
    say(f"publishing {amounts.modules * 10:,} lessons and {amounts.modules * 100:,} questions, twice")
    return measure_publishing(folder, ROOT / "content", modules=amounts.modules)


def say(what: str) -> None:
    print(f"… {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
