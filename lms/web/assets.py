"""Static files under names that change with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, url_for

from lms.web import transfer

STATIC = (Path(__file__).parent.parent / "static").resolve()
STYLE_SHEET = "css/baton.css"
STYLE_SHEETS = {STYLE_SHEET: "order.txt", "css/desk.css": "desk.txt"}
LONGEST_NAME = 200  # a longer one is nobody's, and no file system would be asked for it
FOR_EVER = "public, max-age=31536000, immutable"

STYLE_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
STYLE_SPACE = re.compile(r"\s*([{};])\s*|(?<=[:,])\s+|\s*(\n)\s*")
STYLE_ADDRESS = re.compile(r'url\("\.\./([^"]+)"\)')

bp = Blueprint("assets", __name__)


def asset(name: str) -> str:
    """The address of a static file, such as `/static/3f9c…/css/baton.css`."""
    return url_for("assets.show_asset", mark=fingerprint(name), name=name)


@cache
def fingerprint(name: str) -> str:
    return hashlib.sha256(content_of(name)).hexdigest()[:12]


@cache
def content_of(name: str) -> bytes:
    """A file's bytes; a style sheet is component files in an order; what only desks show is not sent to learners."""
    if name in STYLE_SHEETS:
        order = (STATIC / "css" / STYLE_SHEETS[name]).read_text(encoding="utf-8").split()
        whole = "\n".join((STATIC / "css" / part).read_text(encoding="utf-8") for part in order)
        return STYLE_ADDRESS.sub(_fingerprinted, without_air(whole)).encode()
    return (STATIC / name).read_bytes()


def without_air(style: str) -> str:
    """The same rules without comments and without the space that only people read."""
    return STYLE_SPACE.sub(lambda found: found[1] or (" " if found[2] else ""), STYLE_COMMENT.sub("", style)).replace(
        ";}", "}"
    )


def _fingerprinted(found: re.Match[str]) -> str:
    """A font named by the style sheet, under the address that pages preload."""
    return f'url("../../{fingerprint(found.group(1))}/{found.group(1)}")'


@bp.get("/static/<mark>/<path:name>")
def show_asset(mark: str, name: str) -> Response:
    """A static file. An old fingerprint is answered with the file of today, and not kept."""
    if name not in names():
        abort(404)
    response = Response(content_of(name), mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream")
    response.headers["Cache-Control"] = FOR_EVER if mark == fingerprint(name) else "no-cache"
    response.set_etag(fingerprint(name), weak=True)
    if transfer.is_worth_packing(response):
        response.vary.add("Accept-Encoding")
        if transfer.takes_gzip():
            transfer.send_packed(response, packed_content_of(name))
    return response


@cache
def names() -> frozenset[str]:
    """Every file by its one name: what is not among them is not found, however it is spelled."""
    files = (path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())
    return frozenset({*STYLE_SHEETS, *files})


@cache
def packed_content_of(name: str) -> bytes:
    return transfer.packed(content_of(name), transfer.FILE_LEVEL)
