"""A browser of the smallest kind, which can tell "refused" from "no idea"."""

from __future__ import annotations

import http.client
import re
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie

PATIENCE_SECONDS = 20.0
FORM_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class NotSent(Exception):
    """Nobody listened: the request did not leave."""


class NoAnswer(Exception):
    """The request left, and nothing came back: it may have been done."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def location(self) -> str:
        return urllib.parse.urlsplit(self.headers.get("location", "")).path


class Client:
    """One person's browser: cookies, the form's token, and an own network address by the proxy's header."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address = port, address
        self.cookies: dict[str, str] = {}
        self.form_token = ""

    def get(self, path: str) -> Reply:
        reply = self._send("GET", path, None, {})
        if found := FORM_TOKEN.search(reply.text):
            self.form_token = found.group(1)
        return reply

    def post(self, path: str, fields: Mapping[str, str | Sequence[str]]) -> Reply:
        """Send a form as a script would: refusals come as JSON."""
        body = urllib.parse.urlencode({"csrf_token": self.form_token, **fields}, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self._send("POST", path, body, headers)

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            return self._exchange(connection, method, path, body, headers)
        finally:
            connection.close()

    def _exchange(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> Reply:
        try:
            connection.connect()
        except OSError as error:
            raise NotSent from error
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {"X-Forwarded-For": self.address, "Cookie": cookies, "Connection": "close", **headers}
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer from error
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, text)
