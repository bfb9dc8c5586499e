"""The machine's clock is set back two hours and ahead one, while people sit their exam."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest

from lms.foundation import clock
from tests.soak.client import Client
from tests.soak.conftest import Arena
from tests.soak.history import History, Kind, Outcome
from tests.soak.test_storage import signed_in

LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
)
LIMIT_SECONDS = 30 * 60
AHEAD = timedelta(hours=2)  # by then nothing that was noted while the clock was ahead is still to come
STEPS = ("-7200", "+3600", "-7200", "+0")


def library() -> str:
    found = next((path for path in LIBRARIES if Path(path).is_file()), None)
    if found is None:
        pytest.skip("libfaketime is not installed")
    return found


def test_the_clock_is_set(arena: Arena) -> None:
    """The clock is set back two hours, ahead one, and back again, in processes that run."""
    offset = arena.folder / "offset"
    offset.write_text("+0\n")
    faked = {"LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1"}
    with arena.site(**faked).running() as site:
        left = signed_in(site, arena)
        secret = dict(left.cookies)
        left.post("/signout", {})
        left.cookies = secret
        revived = []
        with arena.under_load(site, threads=6) as history:
            arena.go_on(history)
            for step in STEPS:
                offset.write_text(f"{step}\n")
                time.sleep(1)
                arena.go_on(history, 15)
                revived.append(opens_own_page(left))
    with arena.site().running():  # the library turns the monotonic clock as well, in which a pause may never end
        arena.settle()
    arena.part.note(f"steps: {', '.join(STEPS)} s; a browser that had signed out got in {sum(revived)} times")
    arena.judge(history, at=clock.now() + AHEAD)
    assert revived == [False] * len(STEPS)
    assert list(longer_clocks(history)) == []
    assert history.statuses()[500] == 0
    assert history.statuses()[400] == 0


def opens_own_page(client: Client) -> bool:
    return client.get("/account").status == 200


def longer_clocks(history: History) -> list[str]:
    """Sittings whose time left grew, or was ever more than the limit."""
    left: dict[str, int] = defaultdict(lambda: LIMIT_SECONDS)
    found = []
    for one in history.all(Kind.SAVE):
        if one.outcome is Outcome.OK and one.told.startswith("{"):
            seconds = json.loads(one.told)["remaining_seconds"]
            if seconds > left[one.subject]:
                found.append(f"{one.subject}: {left[one.subject]} s, then {seconds} s")
            left[one.subject] = seconds
    return found
