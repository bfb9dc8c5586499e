"""The web server: its workers are forked from a process that has loaded the application, until they are renewed."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from lms.foundation.settings import ROOT
from tests.support.demo_site import LOOPBACK, free_port

PATIENCE_SECONDS = 240.0  # for a busy machine; nothing here asserts how long
WORKERS = 2
TARGET = """
import os
with open(os.environ["LOADED"], "a") as loaded:
    loaded.write(f"{os.getpid()} ")
async def gate(scope, line):
    line.response_bytes(200, [], str(os.getpid()).encode())
"""


class Web:
    """A server of two workers, whose target notes in `loaded` which processes had to load it."""

    def __init__(self, folder: Path) -> None:
        self.loaded = folder / "loaded"
        (folder / "noting.py").write_text(TARGET)
        self.port = free_port()
        command = [sys.executable, "-m", "lms.web.server", LOOPBACK, str(self.port), str(WORKERS), "noting:gate"]
        given = os.environ | {"PYTHONPATH": str(folder), "LOADED": str(self.loaded)}
        self.process = psutil.Popen(command, cwd=ROOT, env=given)

    def loaded_by(self) -> list[int]:
        return [int(pid) for pid in self.loaded.read_text().split()] if self.loaded.exists() else []

    def workers(self) -> set[int]:
        return {one.pid for one in self.process.children() if one.status() != psutil.STATUS_ZOMBIE}

    def who_answers(self) -> int:
        with urlopen(f"http://{LOOPBACK}:{self.port}/") as answer:
            return int(answer.read())


def wait_for(true: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    serving = Web(tmp_path)
    wait_for(lambda: len(serving.workers()) == WORKERS)
    yield serving
    family = [serving.process, *serving.process.children()]
    for one in family:  # not gently: while it renews, granian hears of nothing else for half a minute
        one.kill()
    psutil.wait_procs(family, timeout=PATIENCE_SECONDS)


def test_a_worker_that_is_killed_is_followed_by_one_that_loads_nothing(web: Web) -> None:
    first, other = sorted(web.workers())

    psutil.Process(first).kill()
    wait_for(lambda: first not in web.workers() and len(web.workers()) == WORKERS)

    assert other in web.workers()
    assert web.loaded_by() == [web.process.pid]


def test_workers_that_are_renewed_load_what_is_there_by_then(web: Web) -> None:
    web.process.send_signal(signal.SIGHUP)

    wait_for(lambda: len(web.loaded_by()) > 1)

    master, successor = web.loaded_by()
    assert master == web.process.pid
    wait_for(lambda: web.who_answers() == successor)
