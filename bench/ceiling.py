"""The ceiling: what Flask and SQLite can do at all with a session, three reads and a page, or one durable write."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from flask import Flask, Response, g, render_template_string, session

DATABASE = os.environ["BENCH_CEILING_DATABASE"]
PAGE = "<!doctype html><title>{{ a }}</title><h1>{{ b }}</h1>" + "<p>{{ c }} and words that fill a page.</p>" * 260

app = Flask(__name__)
app.secret_key = "only for measuring, on loopback"  # noqa: S105  # guards nothing


def connection() -> sqlite3.Connection:
    if "connection" not in g:
        g.connection = sqlite3.connect(DATABASE, isolation_level=None, timeout=2)
        g.connection.execute("PRAGMA synchronous=FULL")
    held: sqlite3.Connection = g.connection
    return held


@app.teardown_appcontext
def close(_error: BaseException | None) -> None:
    held = g.pop("connection", None)
    if held is not None:
        held.close()


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
    rows = [
        connection().execute("SELECT word FROM fact WHERE id = ?", (who + step,)).fetchone()[0] for step in range(3)
    ]
    return render_template_string(PAGE, a=rows[0], b=rows[1], c=rows[2])


@app.post("/write")
def write() -> Response:
    held = connection()
    held.execute("BEGIN IMMEDIATE")
    held.execute("INSERT INTO mark (who, n) VALUES (?, 1) ON CONFLICT (who) DO UPDATE SET n = n + 1", (session["who"],))
    held.execute("COMMIT")
    return Response("{}", mimetype="application/json")


def prepare(path: Path) -> None:
    """A fresh database with the rows that /page reads."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as held:
        held.execute("PRAGMA journal_mode=WAL")
        held.execute("CREATE TABLE fact (id INTEGER PRIMARY KEY, word TEXT)")
        held.execute("CREATE TABLE mark (who INTEGER PRIMARY KEY, n INTEGER)")
        held.executemany("INSERT INTO fact VALUES (?, ?)", [(n, f"word {n}") for n in range(1000)])
