"""The supervisor: two processes that come back when they go, and that end when it does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lms.cli import run, serving
from lms.cli.serving import Child
from lms.foundation.settings import ROOT

PATIENCE_SECONDS = 240.0  # a busy machine takes long to start five processes; nothing here asserts how long
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)",
]


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
def supervised() -> Iterator[Child]:
    """A child under a supervisor that runs beside the test and ends with it."""
    child = Child("sleeper", SLEEPER, dict(os.environ))
    stop = threading.Event()
    supervisor = threading.Thread(target=serving.supervise, args=([child], stop))
    supervisor.start()
    wait_for(lambda: child.process, "the first start")
    yield child
    stop.set()
    supervisor.join(PATIENCE_SECONDS)


def test_a_process_that_was_killed_is_started_again(supervised: Child, capfd: pytest.CaptureFixture[str]) -> None:
    first = supervised.process
    assert first is not None
    first.kill()

    wait_for(lambda: supervised.process not in (first, None), "the second start")

    assert "sleeper left with -9" in capfd.readouterr().err


def test_a_process_that_is_to_be_renewed_is_asked_to_end_and_started_again() -> None:
    child = Child("sleeper", SLEEPER, dict(os.environ))
    stop, renew = threading.Event(), threading.Event()
    supervisor = threading.Thread(target=serving.supervise, args=([child], stop), kwargs={"renew": renew})
    supervisor.start()
    wait_for(lambda: child.process, "the first start")
    first = child.process

    renew.set()
    wait_for(lambda: child.process not in (first, None), "the second start")
    stop.set()
    supervisor.join(PATIENCE_SECONDS)

    assert first is not None
    assert first.returncode == -signal.SIGTERM
    assert not renew.is_set()


def test_a_process_that_will_not_end_is_killed_when_patience_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    child = Child("stubborn", STUBBORN, dict(os.environ))
    monkeypatch.setattr(serving, "PATIENCE_SECONDS", 0.1)
    stop = threading.Event()
    supervisor = threading.Thread(target=serving.supervise, args=([child], stop))
    supervisor.start()
    wait_for(lambda: child.process, "the start")

    stop.set()
    supervisor.join(PATIENCE_SECONDS)

    assert child.process is not None
    assert child.process.returncode in (-signal.SIGTERM, -signal.SIGKILL)


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    file = tmp_path / "instance" / "secret-key"

    first, second = serving.kept_secret(file), serving.kept_secret(file)

    assert first == second
    assert len(first) >= 32
    assert file.stat().st_mode & 0o077 == 0


def test_serving_on_a_taken_port_says_so(free_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()

        status = run(["serve", "--port", str(free_port)])

    assert status == 1
    assert f"Port {free_port} of 127.0.0.1 can't be used" in capsys.readouterr().err


def test_a_process_ends_when_its_supervisor_is_killed() -> None:
    """Or it would hold the port against the supervisor that comes next."""
    program = (
        "import os, threading; from lms.cli import serving; from lms.cli.serving import Child; "
        f"child = Child('sleeper', {SLEEPER!r}, dict(os.environ)); "
        "child.keep_running(); print(child.process.pid, flush=True); serving.supervise([child], threading.Event())"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as supervisor:  # noqa: S603  # ourselves
        assert supervisor.stdout is not None
        child = psutil.Process(int(supervisor.stdout.readline()))

        supervisor.kill()

    _gone, alive = psutil.wait_procs([child], timeout=PATIENCE_SECONDS)
    assert alive == []
