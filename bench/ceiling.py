"""The ceiling: what Flask and SQLite can do at all with a session, three reads and a page, or one durable write."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

from flask import Flask, Response, session

from lms.web.gate import Gate

PARAGRAPH = "<p>{{ c }} and words enough that the paragraphs together fill a page.</p>\n"
PAGE = "<!doctype html>\n<title>{{ a }}</title>\n<h1>{{ b }}</h1>\n" + PARAGRAPH * 184
ROWS = 1_000
LONGEST_FORM = 10_000

app = Flask(__name__)
app.secret_key = "only for measuring, on loopback"  # noqa: S105  # guards nothing
app.config["MAX_CONTENT_LENGTH"] = LONGEST_FORM
gate = Gate(app, body_seconds=10)  # as the product stands behind one
page_template = app.jinja_env.from_string(PAGE)
held = threading.local()


def connection() -> sqlite3.Connection:
    """One connection a thread, kept: opening one costs more than what is measured."""
    if not hasattr(held, "connection"):
        held.connection = sqlite3.connect(os.environ["BENCH_CEILING_DATABASE"], isolation_level=None, timeout=2)
        held.connection.execute("PRAGMA synchronous=FULL")
    kept: sqlite3.Connection = held.connection
    return kept


@app.get("/hello")
def hello() -> str:
    return "hello"


@app.get("/enter")
def enter() -> str:
    session["who"] = 7
    return "in"


@app.get("/page")
def page() -> str:
    who = session["who"]
    reading = connection()
    words = [reading.execute("SELECT word FROM fact WHERE id = ?", (who + step,)).fetchone()[0] for step in range(3)]
    return page_template.render(a=words[0], b=words[1], c=words[2])


@app.post("/write")
def write() -> Response:
    writing = connection()
    writing.execute("BEGIN IMMEDIATE")
    writing.execute(
        "INSERT INTO mark (who, n) VALUES (?, 1) ON CONFLICT (who) DO UPDATE SET n = n + 1", (session["who"],)
    )
    writing.execute("COMMIT")
    return Response('{"saved": true}', mimetype="application/json")


def prepare(path: Path) -> None:
    """A fresh database with the rows that /page reads."""
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE fact (id INTEGER PRIMARY KEY, word TEXT)")
        made.execute("CREATE TABLE mark (who INTEGER PRIMARY KEY, n INTEGER)")
        made.executemany("INSERT INTO fact VALUES (?, ?)", [(n, f"word {n}") for n in range(ROWS)])
    made.close()
