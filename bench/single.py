"""What is measured one request at a time: sign-in, a certificate's PDF that nobody stored, the bytes of a first visit."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

from bench.people import Browser
from bench.product import PASSWORD, Campus
from bench.servers import LOOPBACK, Server

TIMES = 20
FETCHED = re.compile(r'<(?:link|script|img)\b[^>]*?(?:href|src)="([^"]+)"[^>]*>')
LEADS_ELSEWHERE = re.compile(r'rel="(?:prev|next|canonical|alternate)"')
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the wire: `wire_bytes` counts its head and its packed body."""

    status: int
    headers: dict[str, str]
    body: bytes
    wire_bytes: int


@dataclass(frozen=True)
class Visit:
    """A page with all that a browser fetches for it."""

    requests: int
    wire_bytes: int


def ask(
    server: Server, path: str, *, cookie: str = "", body: str = "", address: str = "", packed: bool = False
) -> Answer:
    """Ask once, on a connection of its own. A body makes it a form."""
    headers = {"Accept": "text/html", "X-Forwarded-For": address or "10.9.9.9"}
    headers |= {"Cookie": cookie} if cookie else {}
    headers |= {"Accept-Encoding": "gzip"} if packed else {}
    headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection = http.client.HTTPConnection(LOOPBACK, server.port, timeout=20)
    try:
        connection.request("POST" if body else "GET", path, body=body or None, headers=headers)
        answer = connection.getresponse()
        read = answer.read()
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + len("HTTP/1.1 200 OK\r\n\r\n")
        return Answer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, read, head + len(read)
        )
    finally:
        connection.close()


def cpu_ms_of(server: Server, work: Callable[[int], None], times: int = TIMES) -> float:
    """Milliseconds of the server's processor that one piece of work takes, on average."""
    work(-1)
    before = server.cpu_seconds()
    for number in range(times):
        work(number)
    return 1000 * (server.cpu_seconds() - before) / times


def sign_in(server: Server, email: str) -> Callable[[int], None]:
    """Send the form of the sign-in page, each time from another address. What is measured leaves the page itself out."""
    page = ask(server, "/signin")
    token, cookie = CSRF.search(page.body.decode()), page.headers["set-cookie"].split(";")[0]
    if token is None:
        raise SystemExit("The sign-in page holds no form.")
    body = urlencode({"csrf_token": token.group(1), "email": email, "password": PASSWORD})

    def enter(number: int) -> None:
        answer = ask(server, "/signin", cookie=cookie, body=body, address=f"10.8.0.{number + 2}")
        if answer.status != 303:
            raise SystemExit(f"Signing in was answered {answer.status}.")

    return enter


def fresh_document(server: Server, campus: Campus) -> Callable[[int], None]:
    """Ask for a PDF that the worker has not stored: it is made for the answer."""
    path = f"/certificates/{campus.certificates[1]}.pdf"

    def fetch(number: int) -> None:
        answer = ask(server, path, address=f"10.7.0.{number + 2}")
        if answer.status != 200 or not answer.body.startswith(b"%PDF"):
            raise SystemExit(f"The PDF was answered {answer.status}.")

    return fetch


def first_visit(server: Server, path: str, reader: Browser) -> tuple[Visit, Visit]:
    """A page for who comes for the first time, and the same for who has its files."""
    page = ask(server, path, cookie=reader.cookie, packed=True)
    text = _unpacked(server, path, reader)
    files = [ask(server, urljoin(path, name), packed=True) for name in sorted(_named_by(text))]
    if page.status != 200 or any(one.status != 200 for one in files):
        raise SystemExit("A file of the page was not found.")
    kept = all("immutable" in one.headers.get("cache-control", "") for one in files)
    whole = Visit(1 + len(files), page.wire_bytes + sum(one.wire_bytes for one in files))
    return whole, Visit(1, page.wire_bytes) if kept else whole


def _unpacked(server: Server, path: str, reader: Browser) -> str:
    return ask(server, path, cookie=reader.cookie).body.decode()


def _named_by(text: str) -> set[str]:
    """What a browser fetches for a page by itself."""
    return {found.group(1) for found in FETCHED.finditer(text) if not LEADS_ELSEWHERE.search(found.group(0))}
