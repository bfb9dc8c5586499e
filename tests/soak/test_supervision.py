"""`lms serve` as an operator starts it: its processes are killed, and it is ended."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from lms.cli import store
from lms.foundation.settings import ROOT, Settings
from tests.support import stores

PATIENCE_SECONDS = 240.0  # a busy machine takes long to start five processes; nothing here asserts how long


def wait_for(true: Callable[[], object], what: str) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < ends, f"waited in vain for {what}"
        time.sleep(0.05)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def served(run_folder: Path, worker_name: str, free_port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`lms serve` on a database of its own, as an operator starts it."""
    database = stores.open_store(stores.SQLITE, run_folder, f"served_{worker_name}")
    database.make_empty()
    store.upgrade(Settings(database_url=database.url))
    environment = os.environ | {
        "LMS_DATABASE_URL": database.url,
        "LMS_SECRET_KEY": "a secret that only tests know, long enough",
        "LMS_MAIL_URL": f"file:{run_folder / 'mail'}",
        "LMS_WORKERS": "2",
    }
    process = subprocess.Popen(  # noqa: S603  # ourselves
        [sys.executable, "-m", "lms", "serve", "--port", str(free_port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.terminate()
    process.wait(PATIENCE_SECONDS)
    database.remove()


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def children(process: subprocess.Popen[bytes]) -> dict[str, psutil.Process]:
    """The two processes by name; their own children left out."""
    found = {}
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.Error):  # one may go while we look
            line = child.cmdline()
            if line:  # one that was killed and not yet waited for has none
                found["worker" if line[-1] == "worker" else "web"] = child
    return found


def test_web_and_worker_come_back_when_killed_and_end_with_the_supervisor(
    served: subprocess.Popen[bytes], free_port: int
) -> None:
    wait_for(lambda: answers(free_port) and len(children(served)) == 2, "the product to answer")
    before = children(served)
    family = psutil.Process(served.pid).children(recursive=True)

    for child in before.values():
        child.kill()
    wait_for(
        lambda: (
            {name: one.pid for name, one in children(served).items()}.keys() == before.keys()
            and all(children(served)[name].pid != before[name].pid for name in before)
        ),
        "both to be started again",
    )
    wait_for(lambda: answers(free_port), "the product to answer again")
    family += psutil.Process(served.pid).children(recursive=True)
    served.terminate()

    assert served.wait(PATIENCE_SECONDS) == 0
    _gone, alive = psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
    assert alive == []
