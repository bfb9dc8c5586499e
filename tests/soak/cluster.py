"""A PostgreSQL that may be restarted, with the durability of service: the run's own never syncs and never falls."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg

from tests.support import postgres


class Cluster:
    """One server on a socket in its folder, owned by whoever may run it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        folder.mkdir()
        for each in (folder.parent, folder):
            each.chmod(0o755)  # who runs the server must be able to enter
        self.privileges = postgres.unprivileged()
        if self.privileges:
            os.chown(folder, self.privileges["user"], self.privileges["group"])
        self.programs = postgres.runnable_programs(folder, self.privileges)
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        options = {**postgres.SETTINGS, "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in options.items())
            file.write(f"unix_socket_directories = '{folder}'\n")
        self.start()

    @property
    def server_url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        self._control("start")

    def restart_at_once(self) -> None:
        """As if it had crashed: no connection is asked, and it recovers from its log."""
        self._control("restart", "--mode=immediate")

    def remove(self) -> None:
        self._control("stop", "--mode=immediate")
        shutil.rmtree(self.folder)

    def terminate_everyone(self) -> int:
        """End the backend of every connection but our own. Returns how many there were."""
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchall()
        return len(rows)

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", *words, "--wait", "--silent", "--timeout=60", f"--log={self.folder / 'server.log'}")

    def _run(self, program: str, *words: str) -> None:
        log = (self.folder / "control.log").open("ab")
        with log:
            subprocess.run(  # noqa: S603  # the wheel's own program
                [str(self.programs / program), "--pgdata", str(self.data), *words],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self.privileges,
            )
