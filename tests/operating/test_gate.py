"""The way in, through the real web server: whole requests only, and nobody can hold a worker by keeping silent."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from lms.cli import store
from lms.cli.serving import environment, web_command
from lms.foundation.settings import ROOT, Settings
from lms.web.gate import joined
from tests.support import stores
from tests.support.demo_site import free_port

PATIENCE_SECONDS = 120.0
SILENT = 12  # more than the workers, and than anybody would give them threads
SECRET = "a secret that only tests know, long enough"
HALF = b"POST /signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nemail=a"


@pytest.fixture(scope="module")
def settings(run_folder: Path, worker_name: str) -> Iterator[Settings]:
    database = stores.open_store(stores.SQLITE, run_folder, f"gate_{worker_name}")
    database.make_empty()
    made = Settings(
        database_url=database.url, secret_key=SECRET, mail_url=f"file:{run_folder / 'mail'}", workers=1, body_seconds=2
    )
    store.upgrade(made)
    yield made
    database.remove()


@pytest.fixture(scope="module")
def port(settings: Settings) -> Iterator[int]:
    """Of the product behind its web server, with one worker that waits two seconds for a body."""
    chosen = free_port()
    given = {
        "LMS_DATABASE_URL": settings.database_url,
        "LMS_SECRET_KEY": SECRET,
        "LMS_MAIL_URL": settings.mail_url,
        "LMS_BODY_SECONDS": str(settings.body_seconds),
    }
    server = subprocess.Popen(  # noqa: S603  # our own server
        web_command(settings, "127.0.0.1", chosen), cwd=ROOT, env=environment(settings) | given
    )
    ends = time.monotonic() + PATIENCE_SECONDS
    while not answers(chosen):
        assert time.monotonic() < ends
        assert server.poll() is None
        time.sleep(0.1)
    yield chosen
    server.terminate()
    server.wait(PATIENCE_SECONDS)


def answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/healthz").status == 200
    except OSError:
        return False


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as line:
        line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = line.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]  # read before the line closes
        return answer


@contextmanager
def spoken(port: int, words: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as line:
        line.sendall(words)
        yield line


def test_those_who_send_half_a_form_and_keep_silent_hold_nobody_up(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) for _ in range(SILENT)]
    for line in lines:
        line.sendall(HALF)

    answer = ask(port, "GET", "/healthz")
    said = [line.recv(64) for line in lines]
    for line in lines:
        line.close()

    assert answer.status == 200
    assert all(words.startswith(b"HTTP/1.1 408 ") for words in said)


def test_a_request_that_breaks_off_reaches_nobody(port: int, settings: Settings) -> None:
    with spoken(port, HALF):
        pass

    assert ask(port, "GET", "/healthz").status == 200
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sign_in_failure")).scalar() == 0
    engine.dispose()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_form_reaches_its_page_whole_or_is_called_too_large(port: int, chunked: bool) -> None:
    """Without the form's token it is refused, but by the page, which has read it."""

    def send(size: int) -> int:
        body = b"email=" + b"a" * size
        if chunked:
            lengths = f"{len(body):x}\r\n".encode()
            words = b"POST /signin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
            words += b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + lengths + body + b"\r\n0\r\n\r\n"
            with spoken(port, words) as line:
                return int(line.recv(64).split()[1])
        return ask(port, "POST", "/signin", body, Content_Type="application/x-www-form-urlencoded").status

    assert send(100) == 400
    assert send(1_000_100) == 413


def test_a_header_that_stands_twice_is_joined_and_one_with_an_underscore_is_none() -> None:
    """A proxy sets X-Forwarded-For; in WSGI a sender's X_Forwarded_For would have its name."""
    sent = [("cookie", "a=1"), ("x-a", "1"), ("cookie", "b=2"), ("x-a", "2"), ("x_forwarded_for", "192.0.2.1")]

    assert joined(sent) == {"cookie": "a=1; b=2", "x-a": "1,2"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/verify?code=%20x", 422),
        ("/signin?next=%2Faccount", 200),
        ("/%C3%A9%FF", 404),
        ("/programs/..%2Fhealthz", 404),
        ("/%00", 404),
    ],
)
def test_addresses_arrive_as_they_were_sent(port: int, path: str, status: int) -> None:
    assert ask(port, "GET", path).status == status


def test_head_says_what_get_would(port: int) -> None:
    got, headed = ask(port, "GET", "/signin"), ask(port, "HEAD", "/signin")

    assert (headed.status, headed.getheader("Content-Type")) == (got.status, got.getheader("Content-Type"))
    assert headed.text == ""  # type: ignore[attr-defined]  # see ask


BODY = b"email=a"
HEAD = b"POST /signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = b"7\r\n" + BODY + b"\r\n0\r\n\r\n"
HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "words",
    [
        HEAD + b"Content-Length: 7\r\nContent-Length: 50\r\n\r\n" + BODY + HIDDEN,
        HEAD + b"Content-Length: 7, 50\r\n\r\n" + BODY + HIDDEN,
        HEAD + b"Content-Length: -7\r\n\r\n" + BODY + HIDDEN,
        HEAD + b"Content-Length: +7\r\n\r\n" + BODY + HIDDEN,
        HEAD + b"Content-Length: 0x7\r\n\r\n" + BODY + HIDDEN,
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKED + HIDDEN,
        HEAD + b"Transfer-Encoding : chunked\r\n\r\n" + CHUNKED + HIDDEN,
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED + HIDDEN,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n" + BODY + b"\r\n0\r\n\r\n" + HIDDEN,
    ],
)
def test_a_request_whose_end_can_be_read_in_two_ways_is_the_last_of_its_line(port: int, words: bytes) -> None:
    said = all_said(port, words)

    assert said.count(b"HTTP/1.1 ") <= 1
    assert b'"alive"' not in said


def test_a_second_request_behind_a_sound_one_is_answered(port: int) -> None:
    said = all_said(port, HEAD + b"Content-Length: 7\r\n\r\n" + BODY + HIDDEN)

    assert said.count(b"HTTP/1.1 ") == 2
    assert b'"alive"' in said


def test_a_request_in_chunks_ends_with_them_whatever_length_it_claims(port: int) -> None:
    """It is not waited for what the length promises, and nothing behind it is read."""
    said = all_said(port, HEAD + b"Content-Length: 5000\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED + HIDDEN)

    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1 ") == 1
    assert b'"alive"' not in said


def all_said(port: int, words: bytes) -> bytes:
    """Everything that comes back until the line is closed, by whomever."""
    with spoken(port, words) as line:
        line.settimeout(3)
        said = b""
        try:
            while piece := line.recv(65_536):
                said += piece
        except (TimeoutError, ConnectionError):
            pass
        return said
