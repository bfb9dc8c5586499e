"""`lms serve` as an operator starts it, with its processes within reach."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from lms.foundation.settings import ROOT
from tests.soak.client import Client, NoAnswer, NotSent
from tests.support.demo_site import free_port

PATIENCE_SECONDS = 240.0
LOOK_EVERY_SECONDS = 0.02


def wait_for(true: Callable[[], object], what: str) -> float:
    """How many seconds it took until it was true."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(LOOK_EVERY_SECONDS)
    return time.monotonic() - began


class Site:
    """The product on a port of its own. Start it with `running`."""

    def __init__(self, folder: Path, database_url: str, **settings: str) -> None:
        self.folder, self.database_url, self.settings = folder, database_url, settings
        self.port = free_port()
        self.log = folder / "serve.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.supervisor: psutil.Process | None = None

    @property
    def environment(self) -> dict[str, str]:
        given = {
            "LMS_ENV": "test",
            "LMS_DATABASE_URL": self.database_url,
            "LMS_BASE_URL": f"http://127.0.0.1:{self.port}",
            "LMS_SECRET_KEY": "a secret that only tests know, long enough",
            "LMS_MAIL_URL": f"file:{self.folder / 'mail'}",
            "LMS_TRUSTED_PROXIES": "1",
            "LMS_WORKERS": "2",
        }
        return {**os.environ, **given, **self.settings}

    @contextmanager
    def running(self, *before: str) -> Iterator[Site]:
        """Served while the block lasts; `before` is put before the command, as strace is."""
        self.start(*before)
        try:
            yield self
        finally:
            self.stop()

    def start(self, *before: str) -> None:
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(  # noqa: S603  # ourselves
                [*before, sys.executable, "-m", "lms", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        wait_for(lambda: self._lives() and self.answers(), "the product to answer")
        started = psutil.Process(self.process.pid)
        self.supervisor = started.children()[0] if before else started

    def stop(self) -> None:
        """Let it end as an operator would, and see that all of it has."""
        if self.process is None:
            return
        family = self.family()
        (self.supervisor or self.process).terminate()
        self.process.wait(PATIENCE_SECONDS)
        _gone, alive = psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
        self.process = self.supervisor = None
        assert alive == [], f"left behind: {alive}"

    def _lives(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"The product ended: {self.log.read_text(errors='replace')[-2000:]}")
        return True

    def answers(self, path: str = "/healthz", status: int = 200) -> bool:
        try:
            return Client(self.port, "10.255.0.1").get(path).status == status
        except (NotSent, NoAnswer):
            return False

    def get(self, path: str) -> int:
        """The status of a page, for somebody who is not signed in."""
        return Client(self.port, "10.255.0.2").get(path).status

    # ---- its processes

    def family(self) -> list[psutil.Process]:
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
            return found
        return []

    def master(self) -> psutil.Process | None:
        """Granian, which starts the web workers."""
        return next((one for one in self._children() if not _is_worker(one)), None)

    def loop(self) -> psutil.Process | None:
        """`lms worker`."""
        return next((one for one in self._children() if _is_worker(one)), None)

    def web_workers(self) -> list[psutil.Process]:
        master = self.master()
        found: list[psutil.Process] = []
        with suppress(psutil.NoSuchProcess):
            for one in master.children() if master else []:
                if "resource_tracker" not in " ".join(one.cmdline()):
                    found.append(one)  # noqa: PERF401  # one may go while we look: what was found stays
        return found

    def _children(self) -> list[psutil.Process]:
        """Those of the supervisor that run; one that was killed and not yet waited for has no command line."""
        assert self.supervisor is not None
        found = []
        for child in self.supervisor.children():
            with suppress(psutil.Error):
                if child.cmdline():
                    found.append(child)
        return found

    def hang_up(self) -> None:
        """Ask for new processes in the place of the old ones."""
        assert self.supervisor is not None
        self.supervisor.send_signal(signal.SIGHUP)


def _is_worker(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.cmdline()[-1:] == ["worker"])
    return False
