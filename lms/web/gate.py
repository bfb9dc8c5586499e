"""The way in from the web server: a request is taken whole, within limits, before the application sees it.

A worker answers one request at a time. If it read a body itself, whoever sends half a form and then keeps
silent would hold it for good, and a handful of such senders would stop an exam for everybody. So bodies are
awaited here, any number at once, and only a complete request costs the worker's time.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Protocol

from flask import Flask

from lms.foundation.logs import get_logger

log = get_logger(__name__)
PLAIN = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"), ("connection", "close")]
Headers = list[tuple[str, str]]


class Line(Protocol):
    """granian's protocol object: iterating gives the body's pieces, and one of the others is called once to answer."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...

    def response_stream(self, status: int, headers: Headers) -> Any: ...


class BodyRefused(Exception):
    """The body did not arrive whole, in time."""


class Gate:
    """An application behind RSGI. `body_seconds` is how long a body may take from its first byte to its last."""

    def __init__(self, app: Flask, *, body_seconds: float) -> None:
        self._app = app
        self._most = int(app.config["MAX_CONTENT_LENGTH"])
        self._seconds = body_seconds

    async def __rsgi__(self, scope: Any, line: Line) -> None:
        given = joined(scope.headers.items())
        try:
            body = await self._body(given, line)
        except BodyRefused:
            log.info("body_refused", path=scope.path)
            line.response_bytes(HTTPStatus.REQUEST_TIMEOUT, PLAIN, b"The request did not arrive whole. Send it again.")
            return
        await answer(self._app, environ(scope, given, body), line)

    async def _body(self, given: Mapping[str, str], line: Line) -> bytes | None:
        """The whole body, or as much of it as shows that it is too large. None where it says so itself, or is none."""
        length = given.get("content-length", "")
        if not length and "transfer-encoding" not in given:
            return None
        if length and int(length) > self._most:
            return None
        pieces, size = [], 0
        try:
            async with asyncio.timeout(self._seconds):
                async for piece in line:
                    pieces.append(piece)
                    size += len(piece)
                    if size > self._most:
                        break
        except (TimeoutError, OSError, RuntimeError) as error:
            raise BodyRefused from error
        if length and size != int(length):
            raise BodyRefused
        return b"".join(pieces)


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by lower-case name; one that stands there twice is joined, as HTTP says.

    Names with an underscore are dropped: in WSGI they would pass for those with a hyphen, which a proxy sets.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        if "_" in name:
            continue
        between = "; " if name == "cookie" else ","
        found[name] = f"{found[name]}{between}{value}" if name in found else value
    return found


def environ(scope: Any, given: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
    """The request as WSGI (PEP 3333) wants it: text is Latin-1 of the bytes."""
    host, _, port = scope.server.rpartition(":")
    made = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body or b""),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    made |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in given.items()}
    made["CONTENT_TYPE"] = made.pop("HTTP_CONTENT_TYPE", "")
    declared = made.pop("HTTP_CONTENT_LENGTH", "")
    made["CONTENT_LENGTH"] = declared if body is None else str(len(body))
    made.pop("HTTP_TRANSFER_ENCODING", None)
    return made


async def answer(app: Flask, asked: dict[str, Any], line: Line) -> None:
    """Call the application, and send what it says: at once where its length is known, else piece by piece."""
    status, headers = 0, Headers()

    def start_response(said: str, given: Headers, _error: object = None) -> Any:
        nonlocal status, headers
        status, headers = int(said[:3]), [(name.lower(), value) for name, value in given]

    pieces = app(asked, start_response)
    try:
        if any(name == "content-length" for name, _value in headers) or not streams(pieces):
            line.response_bytes(status, headers, b"".join(pieces))
            return
        sent = line.response_stream(status, headers)
        for piece in pieces:
            await sent.send_bytes(piece)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()


def streams(pieces: Iterable[bytes]) -> bool:
    return not isinstance(pieces, (list, tuple))
