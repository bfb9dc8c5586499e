"""The product with the demo's history and a crowd: its database, its settings, and what is asked of it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from bench.crowd import EXAM, PROGRAM, Acting, forget_marks, gather_crowd
from bench.driving import Shot, Target
from bench.people import Browser, signed_in, signed_in_by_email
from bench.servers import LOOPBACK, Server
from lms.app import create_app
from lms.content import queries as content
from lms.credentials.models import Certificate
from lms.foundation import clock
from lms.foundation.database import db
from lms.foundation.settings import ROOT, Environment, Settings
from lms.usecases import rendering

PASSWORD = "measured-on-loopback"  # noqa: S105  # of a database that is thrown away
SECRET = "for measuring only, on loopback, and then thrown away"  # noqa: S105
ADDRESSES = 2_000
SHOTS = 4_000


@dataclass(frozen=True)
class Campus:
    """One database with its crowd; `learners` are signed in and act."""

    app: Flask
    given: Mapping[str, str]
    learners: list[Browser]
    staff: Browser
    acting: Acting
    certificates: list[str]


def make_demo(database: Path) -> None:
    """The demo's own data, as `lms demo` makes it."""
    command = [sys.executable, "-m", "lms", "demo", "--prepare-only"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment(database)}, check=True)


def environment(database: Path) -> dict[str, str]:
    """Settings of service, behind one proxy: throttling by address sees many."""
    return {
        "LMS_ENV": Environment.DEMO.value,
        "LMS_DATABASE_URL": f"sqlite:///{database}",
        "LMS_BASE_URL": f"http://{LOOPBACK}:8000",
        "LMS_SECRET_KEY": SECRET,
        "LMS_DEMO_PASSWORD": PASSWORD,
        "LMS_MAIL_URL": f"file:{database.parent / 'outbox'}",
        "LMS_TRUSTED_PROXIES": "1",
    }


def make_campus(demo: Path, name: str, *, crowd: int, acting: int) -> Campus:
    """A copy of the demo with a crowd."""
    database = demo.with_name(f"{name}.sqlite3")
    shutil.copyfile(demo, database)
    given = environment(database)
    app = create_app(
        Settings(
            env=Environment.DEMO,
            database_url=given["LMS_DATABASE_URL"],
            base_url=given["LMS_BASE_URL"],
            secret_key=SecretStr(SECRET),
            mail_url=given["LMS_MAIL_URL"],
            trusted_proxies=1,
        )
    )
    with app.app_context():
        content.forget()
        now = clock.now()
        actors = gather_crowd(crowd, acting, now=now)
        learners = signed_in(app, actors.person_ids, now=now)
        staff = signed_in_by_email(app, "staff@example.org", now=now)
        issued = list(db.session.scalars(select(Certificate.code).order_by(Certificate.id)))
        db.session.remove()
    return Campus(app, given, learners, staff, actors, issued)


def store_document(campus: Campus, code: str) -> None:
    """Keep a certificate's PDF, as the worker does."""
    with campus.app.app_context():
        certificate = db.session.scalars(select(Certificate).where(Certificate.code == code)).one()
        rendering.store(certificate.id, campus.app.extensions["lms_settings"], now=clock.now())
        db.session.commit()


# ---- what is asked


def lesson(server: Server, campus: Campus, name: str = "lesson") -> Target:
    """Many learners, each reading any lesson that is open to them."""
    pages = [f"/learn/{PROGRAM}/{part}/{one}" for part, one in campus.acting.lessons_to_read]
    drawn = random.Random(1)  # noqa: S311  # the same requests in every run
    shots = [Shot(drawn.choice(pages), drawn.choice(campus.learners).cookie) for _shot in range(SHOTS)]
    return Target(name, server, shots, smallest=8_000)


def home(server: Server, campus: Campus, name: str = "home") -> Target:
    return Target(name, server, [Shot("/learn", one.cookie) for one in campus.learners], smallest=6_000)


def answer(server: Server, campus: Campus) -> Target:
    """Every save is a new line of somebody's journal."""
    by_person = {one.person_id: one for one in campus.learners}
    shots = [
        Shot(
            f"/exams/attempts/{token}/items/{position}",
            by_person[person_id].cookie,
            by_person[person_id].form(answer="0", sequence="%d"),
        )
        for position in range(1, campus.acting.items + 1)
        for person_id, token in campus.acting.sittings
    ]
    return Target("answer", server, shots, smallest=50, accept="application/json")


def mark(server: Server, campus: Campus) -> Target:
    """Every mark is somebody's first of that lesson: what was marked before the round is undone."""
    lessons = [f"/learn/{PROGRAM}/{part}/{one}/completion" for part, one in campus.acting.lessons_to_mark]
    shots = [Shot(path, one.cookie, one.form()) for path in lessons for one in campus.learners]

    def undo() -> None:
        with campus.app.app_context():
            forget_marks(campus.acting)

    return Target("mark", server, shots, smallest=50, status=303, before=undo)


def results(server: Server, campus: Campus, name: str) -> Target:
    """The newest attempts at the exam."""
    return Target(name, server, [Shot(f"/staff/results/{EXAM}", campus.staff.cookie)], smallest=4_000)


def sums(server: Server, campus: Campus, name: str) -> Target:
    """Every exam with its sums."""
    return Target(name, server, [Shot("/staff/results", campus.staff.cookie)], smallest=2_000)


def people(server: Server, campus: Campus, name: str) -> Target:
    return Target(name, server, [Shot("/staff/people?q=Field", campus.staff.cookie)], smallest=4_000)


def certificate(server: Server, campus: Campus) -> Target:
    return Target(
        "certificate", server, _asked_from_anywhere(f"/certificates/{campus.certificates[0]}"), smallest=3_000
    )


def document(server: Server, campus: Campus) -> Target:
    """A PDF that was stored."""
    path = f"/certificates/{campus.certificates[0]}.pdf"
    return Target("document", server, _asked_from_anywhere(path), smallest=20_000, accept="application/pdf")


def _asked_from_anywhere(path: str) -> list[Shot]:
    return [Shot(path, address=f"10.0.{n >> 8}.{n & 255}") for n in range(ADDRESSES)]
