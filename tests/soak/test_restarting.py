"""The product is renewed while people save, and nobody's request is dropped; or it is ended, and nothing confirmed is lost."""

from __future__ import annotations

from contextlib import suppress

import psutil

from tests.soak.conftest import Arena
from tests.soak.site import wait_for


def test_processes_are_renewed(arena: Arena) -> None:
    """All processes are renewed one after the other (SIGHUP)."""
    with arena.site().running() as site:
        before = {*site.web_workers(), site.loop()}
        with arena.under_load(site) as history:
            arena.go_on(history)
            site.hang_up()
            took = wait_for(lambda: not any(one and one.is_running() for one in before), "the old processes to go")
            arena.go_on(history)
        arena.settle()
    dropped = [one for one in history.all() if one.status == 0 or one.status >= 500]
    arena.part.note(f"all were new after {took:.1f} s; {len(dropped)} requests were dropped")
    arena.judge(history)
    assert [(one.kind, one.status, one.told) for one in dropped if one.told != "busy"] == []


def test_the_product_is_ended_and_started(arena: Arena) -> None:
    """The product is ended (SIGTERM) and started, twice."""
    site = arena.site()
    site.start()
    try:
        with arena.under_load(site) as history:
            for _time in range(2):
                arena.go_on(history)
                site.stop()
                site.start()
                arena.recovers(history)
            arena.go_on(history)
        arena.settle()
    finally:
        site.stop()
    unanswered = history.statuses()[0]
    arena.part.note(f"{unanswered} requests met a door that was shut or was shutting")
    arena.judge(history)
    assert not [one for one in psutil.process_iter() if is_orphan_of(one, site.port)]


def is_orphan_of(process: psutil.Process, port: int) -> bool:
    """Whether it runs on for a product that is gone. What ends while we look, or has ended, runs no more."""
    with suppress(psutil.NoSuchProcess):
        return process.ppid() == 1 and str(port) in " ".join(process.cmdline())
    return False
