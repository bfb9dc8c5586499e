"""What was confirmed is on the disk: counted at the system's door, and tried with a disk that forgets."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from lms.foundation import database
from tests.soak.conftest import Arena, only_on
from tests.soak.history import Outcome
from tests.soak.report import Part, Report
from tests.support import stores

LOSSES = 100
COMMITS = 12


@only_on(stores.SQLITE)
def test_every_confirmed_write_was_synced(arena: Arena) -> None:
    """Each confirmed write waited for the disk, as the system's calls show."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    calls = arena.folder / "calls"
    tracing = (strace, "--follow-forks", "--seccomp-bpf", "--trace=fdatasync,fsync", "--quiet=all", "-o", str(calls))
    with arena.site().running(*tracing) as site:
        before = synced(calls)
        with arena.under_load(site, threads=4) as history:
            arena.go_on(history, 50)
        after = synced(calls)
        arena.settle()
    confirmed = len(
        {
            (one.kind, one.subject, one.person, one.position, one.sequence)
            for one in history.all()
            if one.outcome is Outcome.OK
        }
    )
    arena.part.note(f"{confirmed} different things were confirmed; {after - before} times the disk was waited for")
    arena.judge(history)
    assert after - before >= confirmed


def synced(calls: Path) -> int:
    """How many syncs have ended well by now."""
    return len(re.findall(r"(?:fdatasync|fsync).*= 0$", calls.read_text(), re.MULTILINE))


# ---- a disk that forgets


@dataclass
class Platter:
    """One file: what is surely on the disk, and what was written since."""

    kept: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def write(self, data: bytes, offset: int) -> None:
        self.pending.append((offset, bytes(data)))

    def truncate(self, size: int) -> None:
        self.pending.append((size, None))

    def sync(self) -> None:
        self.kept = self.after(self.pending)
        self.pending = []

    def after(self, steps: list[tuple[int, bytes | None]]) -> bytearray:
        content = bytearray(self.kept)
        for offset, data in steps:
            if data is None:
                content = content[:offset].ljust(offset, b"\0")
            else:
                content = content.ljust(offset, b"\0")
                content[offset : offset + len(data)] = data
        return content

    def survivors(self, chance: random.Random) -> bytearray:
        """What a loss of power leaves: everything synced, and of the rest whatever the disk had got to."""
        return self.after([step for step in self.pending if chance.random() < 0.5])


class ForgetfulDisk(apsw.VFS):
    """The system's files, with a record of what was synced."""

    def __init__(self, name: str) -> None:
        self.platters: dict[str, Platter] = {}
        super().__init__(name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802  # apsw's name
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return RecordedFile(name, flags, self.platters.setdefault(path or "", Platter()))

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802  # apsw's name
        self.platters.pop(filename, None)
        super().xDelete(filename, syncdir)


class RecordedFile(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], platter: Platter) -> None:
        self.platter = platter
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # apsw's name
        self.platter.write(data, offset)
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  # apsw's name
        self.platter.truncate(newsize)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802  # apsw's name
        self.platter.sync()
        super().xSync(flags)


class AsTheDriver:
    """An apsw connection in the shape that the product sets up."""

    isolation_level: str | None = ""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    def execute(self, statement: str) -> Any:
        return self.connection.execute(statement)

    def create_function(self, name: str, arguments: int, function: Any, *, deterministic: bool = False) -> None:
        self.connection.create_scalar_function(name, function, arguments, deterministic=deterministic)


@dataclass(frozen=True)
class Losses:
    """Of so many losses of power: in how many a confirmed row was gone, and in how many the file was broken."""

    lost: int
    corrupt: int


def lose_power(folder: Path, chance: random.Random, set_up: Callable[[AsTheDriver], object]) -> Losses:
    lost = corrupt = 0
    for number in range(LOSSES):
        place = folder / f"loss-{number}"
        place.mkdir()
        confirmed = _write_until_power_fails(place, chance, set_up)
        rows = _rows_afterwards(place)
        lost += rows is not None and rows < confirmed
        corrupt += rows is None
        shutil.rmtree(place)
    return Losses(lost, corrupt)


def _write_until_power_fails(place: Path, chance: random.Random, set_up: Callable[[AsTheDriver], object]) -> int:
    """Commit some rows, each confirmed; then leave on the disk what was synced. Returns how many were confirmed."""
    disk = ForgetfulDisk(f"forgetful-{place.name}")
    file = str(place / "live.sqlite3")
    connection = apsw.Connection(file, vfs=f"forgetful-{place.name}")
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # the log's index in memory: files of this kind share none
    set_up(AsTheDriver(connection))
    connection.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY, response TEXT NOT NULL)")
    for platter in disk.platters.values():
        platter.sync()
    confirmed = chance.randrange(1, COMMITS)
    for _row in range(confirmed):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO answer (response) VALUES (?)", (chance.randbytes(400).hex(),))
        connection.execute("COMMIT")
        if chance.random() < 0.1:
            connection.execute("PRAGMA wal_checkpoint")
    left = {path: platter.survivors(chance) for path, platter in disk.platters.items()}
    connection.close()
    for old in place.iterdir():
        old.unlink()
    for path, content in left.items():
        if path and not path.endswith("-shm"):
            Path(path).write_bytes(content)
    return confirmed


def _rows_afterwards(place: Path) -> int | None:
    """How many rows are there when the power is back; None where the file is broken."""
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(place / "live.sqlite3")) as connection:
        if [row[0] for row in connection.execute("PRAGMA integrity_check")] == ["ok"]:
            return int(connection.execute("SELECT count(*) FROM answer").fetchone()[0])
    return None


def test_a_loss_of_power_takes_nothing_that_was_confirmed(tmp_path: Path, soak_report: Report, seed: str) -> None:
    """A disk that forgets what was not synced."""
    chance = random.Random(f"{seed}/power")  # noqa: S311  # what happens, not a secret

    def as_the_product(connection: AsTheDriver) -> None:
        database._set_up_sqlite(connection, None)  # type: ignore[arg-type]  # the two calls it makes are there

    def less_careful(connection: AsTheDriver) -> None:
        as_the_product(connection)
        connection.execute("PRAGMA synchronous=NORMAL")

    ours, less = lose_power(tmp_path, chance, as_the_product), lose_power(tmp_path, chance, less_careful)

    part = Part("A disk that forgets what was not synced", stores.SQLITE)
    part.note(
        f"as the product sets it (FULL): of {LOSSES} losses {ours.lost} lost a confirmed row, {ours.corrupt} broke"
    )
    part.note(f"with NORMAL: of {LOSSES} losses {less.lost} lost a confirmed row, {less.corrupt} broke")
    soak_report.add(part)
    assert ours == Losses(0, 0)
    assert less.lost > 0
