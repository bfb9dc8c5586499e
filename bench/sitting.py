"""A person of the demo in a browser of the smallest kind: signs in, finds a lesson, begins a sitting."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar


@dataclass(frozen=True)
class SaveRequest:
    """What saving one answer sends; `%d` in the body is the number of the save."""

    url: str
    body: str
    headers: tuple[str, ...]


class Visitor:
    """One signed-in person."""

    def __init__(self, base: str, email: str, password: str) -> None:
        self.base = base
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.send("/signin", {"email": email, "password": password})
        if "/account" not in self.read("/learn"):
            raise SystemExit(f"{email} could not sign in.")

    @property
    def cookie(self) -> str:
        return "; ".join(f"{one.name}={one.value}" for one in self.jar)

    def read(self, path: str) -> str:
        with self.opener.open(self.base + path) as answer:
            self.at = urllib.parse.urlsplit(answer.url).path
            return str(answer.read().decode())

    def send(self, path: str, fields: dict[str, str]) -> str:
        token = csrf_of(self.read(path))
        sent = urllib.parse.urlencode({"csrf_token": token, **fields}).encode()
        with self.opener.open(urllib.request.Request(self.base + path, data=sent)) as answer:
            self.at = urllib.parse.urlsplit(answer.url).path
            return str(answer.read().decode())

    def path_of_a_lesson(self) -> str:
        """The lesson that the home page says is next."""
        found = re.search(r'href="(/learn/[\w-]+/[\w-]+/[\w-]+)"', self.read("/learn"))
        if found is None:
            raise SystemExit("The home page names no lesson.")
        return found.group(1)

    def open_sitting(self) -> SaveRequest:
        """Begin the exam that is open, or go on with it, and say how its first answer is saved."""
        found = re.search(r'href="(/exams/[\w-]+/[\w-]+)"', self.read("/learn"))
        if found is None:
            raise SystemExit("The home page names no exam.")
        page = self.send(found.group(1), {})
        item = re.sub(r"/items/\d+$|/submission$", "", self.at) + "/items/1"
        token = csrf_of(page)
        body = urllib.parse.urlencode({"csrf_token": token, "answer": "0"}) + "&sequence=%d"
        headers = ("Content-Type: application/x-www-form-urlencoded", "Accept: application/json")
        return SaveRequest(self.base + item, body, headers)


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise SystemExit("The page holds no form.")
    return found.group(1)
