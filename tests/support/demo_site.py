"""The product as `lms demo` runs it, with real content and the demo's history, behind its real web server."""

from __future__ import annotations

import fcntl
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pydantic import SecretStr

from lms.accounts.services import hash_password
from lms.cli import history, store
from lms.cli.history_source import DemoSource, read_demo
from lms.cli.serving import environment, web_command
from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.settings import ROOT, Environment, Settings
from lms.usecases import publishing
from tests.support.answer_key import AnswerKey, answer_key
from tests.support.cast import PASSWORD
from tests.support.real_campus import CONTENT, let_go, make_app

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 60.0
COMPANY = {"dana.whitfield@example.org", "marcus.bell@example.org", "tom.aldridge@example.org"}


@dataclass(frozen=True)
class Site:
    """Where it listens, and the answers to what it asks. Everybody's password is `PASSWORD`."""

    url: str
    key: AnswerKey


@contextmanager
def demo_site(folder: Path, worker_name: str, *, everybody: bool) -> Iterator[Site]:
    """Serve a copy of the demo's data, which the first worker to ask makes; with all its people, or those walked with."""
    made = folder / f"demo-{'all' if everybody else 'few'}.sqlite3"
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(made.with_suffix(".part"), everybody=everybody)
            made.with_suffix(".part").rename(made)
    database = folder / f"demo-{worker_name}.sqlite3"
    shutil.copyfile(made, database)
    port = free_port()
    settings = settings_of(database, f"http://{LOOPBACK}:{port}")
    app = make_app(settings)
    key = answer_key(app)
    let_go(app)
    with _served(settings, port, folder / f"demo-{worker_name}.log"):
        yield Site(settings.base_url, key)


def _make(database: Path, *, everybody: bool) -> None:
    settings = settings_of(database, f"http://{LOOPBACK}:1")
    store.upgrade(settings)
    app = make_app(settings)
    source = read_demo(CONTENT / "demo.yaml")
    if not everybody:
        source = those_walked_with(source)
    with app.app_context():
        content.forget()
        publishing.publish_tree(CONTENT, message="The demo begins", base_id=None, by=None, now=clock.now)
        history.play(source, hash_password(PASSWORD), now=clock.now(), say=lambda _said: None)
    let_go(app)


def those_walked_with(source: DemoSource) -> DemoSource:
    kept = [one for one in source.people if one.roles or one.shown or not one.programs or one.email in COMPANY]
    return source.model_copy(update={"people": kept})


def settings_of(database: Path, base_url: str) -> Settings:
    return Settings(
        env=Environment.DEMO,
        database_url=f"sqlite:///{database}",
        base_url=base_url,
        secret_key=SecretStr("a secret that only tests know, long enough"),
        mail_url=f"file:{database.parent / 'demo-mail'}",
        content=CONTENT,
        workers=1,
    )


@contextmanager
def _served(settings: Settings, port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as said:
        server = subprocess.Popen(  # noqa: S603  # our own server
            web_command(settings, LOOPBACK, port),
            cwd=ROOT,
            env=environment_of(settings),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"{settings.base_url}/readyz", server, log)
        yield
    finally:
        server.terminate()
        server.wait()


def environment_of(settings: Settings) -> dict[str, str]:
    return environment(settings) | {
        "LMS_ENV": settings.env.value,
        "LMS_DATABASE_URL": settings.database_url,
        "LMS_BASE_URL": settings.base_url,
        "LMS_SECRET_KEY": settings.secret_key.get_secret_value(),
        "LMS_MAIL_URL": settings.mail_url,
    }


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while server.poll() is None and time.monotonic() < ends:
        try:
            with urlopen(address, timeout=2) as answer:  # noqa: S310  # our own address
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError("The server did not answer: " + log.read_text(errors="replace"))


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
