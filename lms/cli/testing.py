"""`lms test`: the test suite."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from importlib.util import find_spec

import click

from lms.foundation.settings import ROOT

MOST_WORKERS = 4
BYTECODE = ROOT / ".venv" / "bytecode"
MOST_SEEDS = 1_000_000
ONE_PROCESS = ("--pdb", "-n", "--numprocesses", "-p")


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.option("--soak", is_flag=True, help="The long ones as well: faults, state machines, load.")
@click.option("--seed", type=int, help="What steers chance in the long ones; a run prints the one it drew.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def test(soak: bool, seed: int | None, pytest_args: tuple[str, ...]) -> int:
    """Run the tests, on several processors. Whatever else you type goes to pytest."""
    if soak:
        seed = secrets.randbelow(MOST_SEEDS) if seed is None else seed
        print(f"The seed of this run is {seed}.", flush=True)
    started = time.monotonic()
    status = subprocess.call(
        [sys.executable, "-m", "pytest", *arguments(soak, pytest_args)], cwd=ROOT, env=environment(soak, seed)
    )
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    print(f"The tests took {minutes} min {seconds} s.")
    return status


def environment(soak: bool, seed: int | None = None) -> dict[str, str]:
    """The long run takes whole sets where the fast one takes samples, and its chance from a seed."""
    given = dict(os.environ)
    if given.pop("PYTHONDONTWRITEBYTECODE", None):  # a run starts dozens of processes, and each would compile it all
        given.setdefault("PYTHONPYCACHEPREFIX", str(BYTECODE))
    if soak:
        given["LMS_TEST_AMOUNTS"] = "whole"
    if seed is not None:
        given["LMS_SOAK_SEED"] = str(seed)
    return given


def arguments(soak: bool, asked: tuple[str, ...]) -> list[str]:
    """What pytest is called with."""
    given = list(asked)
    if not soak:
        given.append("--ignore=tests/soak")
    if find_spec("xdist") and not any(argument.startswith(ONE_PROCESS) for argument in asked):
        # A worker that is done takes over tests from one that is not: a few of them are a minute long.
        given += [f"--numprocesses={min(os.cpu_count() or 1, MOST_WORKERS)}", "--dist=worksteal"]
    return given
