"""`python -m lms.web.server HOST PORT WORKERS TARGET`: granian's workers, forked from a process that has the target loaded.

Whoever is forked serves within milliseconds, shares what was loaded once with the others, and asks nothing of a busy
machine that a fresh interpreter would: a second of its processor for importing the same again.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence
from pkgutil import resolve_name
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from lms.foundation.processes import end_with_supervisor

RENEWAL_SECONDS = 30.0  # granian ends an old worker so long after it began its successor, which must serve by then
FORK = "fork"


def main(argv: Sequence[str]) -> None:
    """Serve until told to stop. SIGHUP puts new workers in the place of the old, while it serves."""
    host, port, workers, target = argv
    server = Server(
        target,
        address=host,
        port=int(port),
        interface=Interfaces.RSGI,
        workers=int(workers),
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=RENEWAL_SECONDS,
        log_level=LogLevels.warning,
    )
    if FORK in multiprocessing.get_all_start_methods():
        multiprocessing.set_start_method(FORK, force=True)
        resolve_name(target)
        server.on_reload(start_afresh)
    server.serve(target_loader=load)


def start_afresh() -> None:
    """Begin workers as fresh interpreters from now on: who renews them has put new code or new settings there."""
    multiprocessing.set_start_method("spawn", force=True)


def load(target: str) -> Any:
    """The target, in a worker; a forked one has it already, and must itself ask not to outlive its parent."""
    loaded = resolve_name(target)
    end_with_supervisor()
    return loaded


if __name__ == "__main__":
    main(sys.argv[1:])
