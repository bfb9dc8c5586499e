"""`lms demo`: the product on this machine, with a cast and a believable history. Loopback only, never production."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from pathlib import Path

import click

from lms.cli import store
from lms.cli.content import remember_base
from lms.cli.serving import Child, environment, kept_secret, refuse_taken_port, stop_on_signals, supervise, web_command
from lms.foundation.errors import DomainError
from lms.foundation.settings import INSTANCE, Environment, Settings

LOOPBACK = "127.0.0.1"
DATABASE = INSTANCE / "demo.sqlite3"
OUTBOX = INSTANCE / "outbox"
LEFTOVERS = ("", "-wal", "-shm")


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and start anew.")
@click.option("--prepare-only", is_flag=True, help="Make the data and stop, without serving.")
def demo(port: int, fresh: bool, prepare_only: bool) -> int:
    """Run Baton here with a demo cast: migrates, publishes content/, makes a history, serves on loopback."""
    if os.environ.get("LMS_ENV") == Environment.PRODUCTION:
        raise DomainError("The demo does not run as production: its passwords are known to everyone.")
    if not prepare_only:
        refuse_taken_port(LOOPBACK, port)
    settings = demo_settings(port)
    if fresh:
        forget()
    prepare(settings)
    if prepare_only:
        return 0
    introduce(settings, port)
    stop = threading.Event()
    stop_on_signals(stop)
    given = environment(settings)
    supervise(
        [
            Child("web", web_command(settings, LOOPBACK, port), given),
            Child("worker", [sys.executable, "-m", "lms", "worker"], given),
        ],
        stop,
    )
    return 0


def demo_settings(port: int) -> Settings:
    """The demo's own settings, also set in the environment for the processes it starts."""
    os.environ["LMS_ENV"] = Environment.DEMO.value
    os.environ.setdefault("LMS_DATABASE_URL", f"sqlite:///{DATABASE}")
    os.environ["LMS_BASE_URL"] = f"http://{LOOPBACK}:{port}"
    os.environ["LMS_SECRET_KEY"] = kept_secret(INSTANCE / "demo-secret-key")
    return Settings()


def forget() -> None:
    for ending in LEFTOVERS:
        Path(f"{DATABASE}{ending}").unlink(missing_ok=True)
    shutil.rmtree(OUTBOX, ignore_errors=True)


def prepare(settings: Settings) -> None:
    """Migrate; publish into an empty store; make the cast where there is none; announce today's class."""
    from lms.accounts.models import Account
    from lms.accounts.services import hash_password
    from lms.app import create_app
    from lms.cli import history
    from lms.cli.history_source import read_demo
    from lms.content import queries as content
    from lms.foundation import clock
    from lms.foundation.database import db
    from lms.usecases import publishing

    store.upgrade(settings)
    with create_app(settings).app_context():
        if content.head_release_id() is None:
            print("Publishing the content …", flush=True)
            db.session.rollback()
            published = publishing.publish_tree(
                settings.content,
                secure_root=settings.secure_content,
                message="The demo begins",
                base_id=None,
                by=None,
                now=clock.now,
            )
            if not (settings.content / publishing.BASE_FILE).exists():
                remember_base(settings.content, published.base_id)
        source = read_demo(settings.content / "demo.yaml")
        if db.session.query(Account.id).first() is None:
            print("Making the cast and its history …", flush=True)
            history.play(
                source, hash_password(settings.demo_password.get_secret_value()), now=clock.now(), say=progress
            )
            print(flush=True)
        history.class_today(source, now=clock.now())
        db.session.remove()
        db.engine.dispose()


def progress(said: str) -> None:
    """One line that counts up, where somebody is looking."""
    if sys.stdout.isatty():
        print(f"\r  {said}", end="", flush=True)


def introduce(settings: Settings, port: int) -> None:
    from lms.cli.history_source import read_demo

    source = read_demo(settings.content / "demo.yaml")
    print(f"\nBaton is running on http://{LOOPBACK}:{port}  (Ctrl+C ends it)\n")
    for person in source.people:
        if person.shown:
            print(f"  {person.email:<26} {person.shown}")
    print(f"\n  Everyone's password: {settings.demo_password.get_secret_value()}")
    print("  Mail is written to instance/outbox/. Start anew with --fresh.\n", flush=True)
