"""The mail server is slow, refuses, hangs up and is gone; and two workers run at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from enum import Enum
from functools import partial
from typing import Any

from aiosmtpd.controller import Controller

from lms.foundation.settings import ROOT
from tests.soak.conftest import Arena
from tests.soak.site import wait_for
from tests.support.demo_site import LOOPBACK, free_port

PHASE_SECONDS = 4.0
DELAY_SECONDS = 1.5


class Mood(Enum):
    WELL = "well"
    SLOW = "slow"
    REFUSING = "refusing"
    HANGING_UP = "hanging up after the text"


class PostOffice:
    """A mail server that can be in several moods. It counts what it took, and what it took without saying so."""

    def __init__(self) -> None:
        self.mood = Mood.WELL
        self.taken: Counter[str] = Counter()
        self.unsaid: Counter[str] = Counter()
        self.met: Counter[Mood] = Counter()

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self.met[self.mood] += 1
        if self.mood is Mood.REFUSING:
            return "451 Not now"
        message_id = str(message_from_bytes(envelope.content)["Message-ID"])
        self.taken[message_id] += 1
        if self.mood is Mood.SLOW:
            await asyncio.sleep(DELAY_SECONDS)
        if self.mood is Mood.HANGING_UP:
            self.unsaid[message_id] += 1
            server.transport.abort()
        return "250 Taken"

    def twice(self) -> Counter[str]:
        """How often each letter was taken, without those takings that the sender could not know of."""
        return self.taken - self.unsaid


@contextmanager
def listening(office: PostOffice, port: int) -> Iterator[None]:
    controller = Controller(office, hostname=LOOPBACK, port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def test_the_mail_server_fails_in_every_way(arena: Arena) -> None:
    """The mail server is slow, refuses, hangs up after the text, and is gone."""
    office, port = PostOffice(), free_port()
    site = arena.site(LMS_MAIL_URL=f"smtp://{LOOPBACK}:{port}")
    with site.running(), arena.under_load(site, threads=6) as history:
        with listening(office, port):
            for mood in (Mood.SLOW, Mood.REFUSING, Mood.HANGING_UP):
                office.mood = mood
                arena.go_on(history, 12)
                wait_for(partial(office.met.get, mood), "a letter to meet it")
                time.sleep(PHASE_SECONDS)
        time.sleep(PHASE_SECONDS)
    office.mood = Mood.WELL
    with listening(office, port), site.running():
        arena.settle()
    arena.letters = office.twice()
    met = ", ".join(f"{mood.value}: {office.met[mood]}" for mood in Mood)
    arena.part.note(f"letters that met it: {met}; {sum(office.unsaid.values())} were taken without the sender knowing")
    arena.judge(history)
    assert history.statuses()[500] == 0
    assert all(office.met[mood] for mood in Mood)


def test_two_workers_run_at_once(arena: Arena) -> None:
    """Three workers run at once."""
    office, port = PostOffice(), free_port()
    site = arena.site(LMS_MAIL_URL=f"smtp://{LOOPBACK}:{port}")
    with listening(office, port), site.running():
        others = [
            subprocess.Popen([sys.executable, "-m", "lms", "worker"], cwd=ROOT, env=site.environment)  # ourselves
            for _number in range(2)
        ]
        try:
            with arena.under_load(site, threads=6) as history:
                arena.go_on(history, 150)
            arena.settle()
        finally:
            for other in others:
                other.terminate()
                other.wait()
    arena.letters = office.taken
    arena.part.note(f"{len(office.taken)} letters were sent")
    arena.judge(history)
    assert len(office.taken) > 0
