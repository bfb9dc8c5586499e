"""granian with the settings of service; the CPU time and the memory of its processes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lms.cli.serving import web_command
from lms.foundation.settings import ROOT, Settings

LOOPBACK = "127.0.0.1"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PATIENCE_SECONDS = 60
KILOBYTES = re.compile(r"^Pss:\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Server:
    """One application behind granian: a process that only watches, and its workers."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def cpu_seconds(self) -> float:
        """Processor time that all of its processes have used since they began."""
        return sum(_ticks_of(pid) for pid in [self.process.pid, *self.workers()]) / TICKS_A_SECOND

    def memory_mb(self) -> float:
        """The workers' share of memory (PSS)."""
        return sum(_kilobytes_of(pid) for pid in self.workers()) / 1024

    def watcher_mb(self) -> float:
        """The same of the process that watches them."""
        return _kilobytes_of(self.process.pid) / 1024


def _ticks_of(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def _kilobytes_of(pid: int) -> int:
    found = KILOBYTES.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    return int(found.group(1)) if found else 0


@contextmanager
def serving(name: str, app: str, given: Mapping[str, str]) -> Iterator[Server]:
    """Serve `app` (module:name) as `lms serve` would, with two workers, until the end of the block."""
    port = _free_port()
    command = [*web_command(Settings(workers=2), LOOPBACK, port)[:-1], app]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **given})
    server = Server(name, port, process)
    try:
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait_for(server: Server) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        if server.process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, server.port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"The server of {server.name} did not start.")
