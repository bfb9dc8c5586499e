"""`lms serve` and `lms worker`: the product, running.

`serve` is a supervisor of two processes: granian with the web workers, and one worker.
Granian leaves when its workers die in quick succession, and any process can be killed;
whichever is gone is started again within five seconds.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from lms.foundation.errors import DomainError
from lms.foundation.processes import SUPERVISED, end_with_parent, made_to_last
from lms.foundation.settings import INSTANCE, ROOT, Settings

LOOK_EVERY_SECONDS = 0.2
PAUSE_SECONDS = 1.0  # before a process that fell soon after its start is started again; others are at once
SOON_SECONDS = 5.0
PATIENCE_SECONDS = 30.0


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
def serve(host: str, port: int) -> int:
    """Run the product: web workers and the worker, each started again within five seconds.

    SIGTERM ends it when all in hand is done. SIGHUP puts new processes in the place of the old, while it serves.
    """
    settings = Settings()
    refuse_taken_port(host, port)
    stop = threading.Event()
    stop_on_signals(stop)
    children = [
        Child("web", web_command(settings, host, port), environment(settings), renewed_by=signal.SIGHUP),
        Child("worker", [sys.executable, "-m", "lms", "worker"], environment(settings)),
    ]
    print(f"Baton listens on http://{host}:{port}. Press Ctrl+C to end it.", flush=True)
    supervise(children, stop, renew=renew_on_signal())
    return 0


@click.command()
def worker() -> None:
    """Run the loop that sends letters, advances people and closes overdue attempts. `serve` starts one."""
    stop = threading.Event()
    stop_on_signals(stop)
    with made_to_last():
        from lms import worker as loop
        from lms.app import create_app

        app = create_app(Settings())
    loop.run_forever(app, stop)


def stop_on_signals(stop: threading.Event) -> None:
    """SIGTERM and SIGINT let what is in hand finish."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _number, _frame: stop.set())


def renew_on_signal() -> threading.Event:
    """Set by SIGHUP, except at a terminal: there it says that the terminal is gone, which ends the product."""
    renew = threading.Event()
    if sys.stdin is None or not sys.stdin.isatty():
        signal.signal(signal.SIGHUP, lambda _number, _frame: renew.set())
    return renew


def web_command(settings: Settings, host: str, port: int) -> list[str]:
    """Each worker answers one request at a time: nothing in one is slow, and SQLite takes one writer at a time."""
    return [sys.executable, "-m", "lms.web.server", host, str(port), str(settings.workers), "wsgi:gate"]


def environment(settings: Settings) -> dict[str, str]:
    """What the processes are started with: all must sign cookies with one secret."""
    given = dict(os.environ) | {SUPERVISED: "1"}
    if not settings.secret_key.get_secret_value():
        given["LMS_SECRET_KEY"] = kept_secret(INSTANCE / "secret-key")
    return given


def kept_secret(file: Path) -> str:
    """The secret of an installation that was given none, made once and readable by its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as made:
            made.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii").strip()


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise DomainError(
                f"Port {port} of {host} can't be used: {error.strerror}. Choose another with --port."
            ) from error


# ---- the supervisor


@dataclass
class Child:
    """A process that ought to be running."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    renewed_by: signal.Signals = signal.SIGTERM  # it ends, and is started again; granian has a better way
    process: subprocess.Popen[bytes] | None = None
    start_at: float = field(default_factory=time.monotonic)

    def keep_running(self) -> None:
        """Start it when its time has come; when it has left, set that time."""
        if self.process is not None and self.process.poll() is not None:
            self._end_family()
            print(f"The process {self.name} left with {self.process.returncode}; starting it again.", file=sys.stderr)
            self.process = None
            fell_soon = time.monotonic() - self.start_at < SOON_SECONDS
            self.start_at = time.monotonic() + (PAUSE_SECONDS if fell_soon else 0.0)
        if self.process is None and time.monotonic() >= self.start_at:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509  # nothing but one system call happens there
            )

    def renew(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.renewed_by)

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._end_family()

    def _end_family(self) -> None:
        """What it had started itself: granian's workers outlive a granian that was killed."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def supervise(children: list[Child], stop: threading.Event, *, renew: threading.Event | None = None) -> None:
    """Keep all of them running until told to stop; then end them, each finishing what it has in hand."""
    while not stop.is_set():
        if renew is not None and renew.is_set():
            renew.clear()
            for child in children:
                child.renew()
        for child in children:
            child.keep_running()
        stop.wait(LOOK_EVERY_SECONDS)
    for child in children:
        child.ask_to_end()
    ends = time.monotonic() + PATIENCE_SECONDS
    for child in children:
        child.wait(ends - time.monotonic())
