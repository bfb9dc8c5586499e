"""`python3 -m lms` outside its environment: it goes on inside, in the same process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lms.__main__ as start

PYTHON = '#!/bin/sh\nexec {python} "$@"\n'
COMMANDS = "import os\n\n\ndef run(words):\n    print(os.getpid(), *words)\n    return 7\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The first file of the product, with packages that are installed already, and one command that says who runs it."""
    package = tmp_path / "lms"
    package.mkdir()
    shutil.copy(str(start.__file__), package)
    (package / "__init__.py").touch()
    (package / "cli.py").write_text(COMMANDS)
    inside = tmp_path / ".venv" / "bin" / "python"
    inside.parent.mkdir(parents=True)
    inside.write_text(PYTHON.format(python=sys.executable))
    inside.chmod(0o755)
    for listed in (tmp_path / "constraints.txt", tmp_path / ".venv" / ".baton-installed"):
        listed.write_text("flask\n")
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="Windows can not put one program in the place of another")
def test_who_ends_the_process_they_started_ends_the_work(checkout: Path) -> None:
    without_packages = [sys.executable, "-S", "-m", "lms", "demo", "--fresh"]

    started = subprocess.Popen(without_packages, cwd=checkout, stdout=subprocess.PIPE, text=True)  # noqa: S603  # the test's own command
    said, _ = started.communicate()

    assert said.split() == [str(started.pid), "demo", "--fresh"]
    assert started.returncode == 7
