"""Looking at everything a browser can reach: pages by their links, files by what is in them."""

from __future__ import annotations

import io
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pypdf
from werkzeug.http import generate_etag
from werkzeug.test import TestResponse

from tests.support.browser import Browser
from tests.support.markup import read

MOST_PAGES = 3000
LINKS = ("href", "src", "action", "formaction", "data-url", "srcset", "poster")
FOLDED = re.compile(r"\r?\n[ \t]")


@dataclass(frozen=True)
class Answered:
    """One answer to one request."""

    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    kind: str

    def texts(self) -> Iterator[str]:
        """All that can be read in it: headers, the bytes as they stand, and what a file of this kind says."""
        yield "\n".join(f"{name}: {value}" for name, value in self.headers)
        yield self.body.decode("utf-8", errors="replace")
        if self.kind == "application/pdf":
            yield pdf_text(self.body)
        elif self.kind.endswith("json"):
            yield json.dumps(json.loads(self.body), ensure_ascii=False)
        elif self.kind == "text/calendar":
            yield FOLDED.sub("", self.body.decode())


def answered(method: str, path: str, response: TestResponse) -> Answered:
    return Answered(method, path, response.status_code, tuple(response.headers), response.data, response.mimetype or "")


def crawl(browser: Browser, starts: Iterable[str]) -> Iterator[Answered]:
    """Every page that links lead to from these addresses, each once. Forms that change something are not sent."""
    waiting, known = deque(dict.fromkeys(starts)), set(starts)
    while waiting:
        address = waiting.popleft()
        response = browser.get(address, buffered=True)
        yield answered("GET", address, response)
        for found in links_of(address, response):
            if found not in known:
                known.add(found)
                waiting.append(found)
        assert len(known) < MOST_PAGES, f"The links have no end: {sorted(known)[-5:]}"


def links_of(address: str, response: TestResponse) -> Iterator[str]:
    """Addresses of this site that an answer names, without the part after #."""
    named = [response.headers.get("Location", "")]
    if response.mimetype == "text/html":
        for element in read(response.text).walk():
            if element.tag == "form" and element.get("method").lower() == "post":
                continue
            named += [element.get(name) for name in LINKS if element.get(name)]
    for link in named:
        whole = urlsplit(urljoin(f"http://localhost{address}", link.split(" ")[0]))
        if link and whole.scheme in {"http", "https"} and whole.netloc in {"localhost", "campus.example.org"}:
            yield whole.path + (f"?{whole.query}" if whole.query else "")


def pdf_text(document: bytes) -> str:
    """What a PDF says, its information about itself included."""
    reader = pypdf.PdfReader(io.BytesIO(document))
    return "\n".join([*(page.extract_text() for page in reader.pages), str(dict(reader.metadata or {}))])


def letter_text(path: Path) -> str:
    """A letter whole: as it lies there, its headers decoded, and each of its parts."""
    raw = path.read_bytes()
    letter = message_from_bytes(raw, policy=policy.default)
    parts = [str(part.get_content()) for part in letter.walk() if part.get_content_maintype() == "text"]
    return "\n".join([raw.decode(errors="replace"), *(f"{name}: {value}" for name, value in letter.items()), *parts])


NEW_EACH_TIME = {"Set-Cookie", "Content-Length", "Date"}
FORM_TOKEN = re.compile(rb'name="csrf_token" value="[^"]*"')


def unsigned(seen: Answered) -> tuple[object, ...]:
    """An answer without what differs from one to the next: the form's token, the cookie, a tag made of the very bytes."""
    own_tag = f'W/"{generate_etag(seen.body)}"'
    headers = [(name, value) for name, value in seen.headers if name not in NEW_EACH_TIME and value != own_tag]
    return seen.status, headers, FORM_TOKEN.sub(b"", seen.body)
