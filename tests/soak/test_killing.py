"""Processes are killed while people save, submit and book."""

from __future__ import annotations

import random
import time
from contextlib import suppress

import psutil

from tests.soak.conftest import Arena
from tests.soak.report import SLOWEST_RECOVERY_SECONDS

LOAD_SECONDS = 20.0


def test_workers_are_killed(arena: Arena, seed: str) -> None:
    """Web workers are killed at random."""
    chance = random.Random(f"{seed}/killed")  # noqa: S311  # what happens, not a secret
    killed = 0
    with arena.site(LMS_WORKERS="4").running() as site:
        with arena.under_load(site) as history:
            arena.go_on(history)
            ends = time.monotonic() + LOAD_SECONDS
            while time.monotonic() < ends:
                time.sleep(chance.uniform(0.5, 4.0))
                with suppress(psutil.NoSuchProcess, IndexError):
                    chance.choice(site.web_workers()).kill()
                    killed += 1
            arena.recovers(history)
            arena.go_on(history)
        arena.settle()
    arena.part.note(f"{killed} workers were killed within {LOAD_SECONDS:g} s; then the load went on")
    arena.judge(history)
    assert killed >= 3
    assert max(arena.part.recoveries) <= SLOWEST_RECOVERY_SECONDS


def test_master_and_worker_are_killed(arena: Arena) -> None:
    """The web server's master and the worker are killed."""
    with arena.site().running() as site:
        with arena.under_load(site) as history:
            for _time in range(3):
                arena.go_on(history)
                family = [one for one in (site.master(), site.loop()) if one is not None]
                for process in family:
                    process.kill()
                psutil.wait_procs(family)
                arena.recovers(history)
            arena.go_on(history)
        arena.settle()
    arena.part.note("three times both at once; their supervisor starts them again")
    arena.judge(history)
    assert max(arena.part.recoveries) <= SLOWEST_RECOVERY_SECONDS
