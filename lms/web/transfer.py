"""How answers travel: not again where the browser has them, and packed where that saves a packet.

A page holds a form token beside words that an address may have brought along, so the length
of what is packed must not tell how well the two fit. Each packed page carries a file name of
random length in its gzip header, which every reader skips.
"""

from __future__ import annotations

import secrets
import struct
import zlib

from flask import Response, request

SMALLEST_BYTES = 1_000  # less than that is one packet either way
MOST_NOISE_BYTES = 64
PAGE_LEVEL = 4  # of 9: the next one takes half as long again, and a page shrinks by a fiftieth
FILE_LEVEL = 9
PACKED = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/problem+json",
        "image/svg+xml",
        "text/calendar",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
        "text/plain",
    }
)
SIGNATURE, DEFLATE, HAS_NAME, NO_TIME, UNKNOWN_SYSTEM = b"\x1f\x8b", b"\x08", b"\x08", bytes(4), b"\xff"


def lighten(response: Response) -> Response:
    """Answer 304 to who has these very bytes, and pack what is worth it."""
    if response.direct_passthrough or response.is_streamed:
        return response
    if request.method in {"GET", "HEAD"} and response.status_code == 200 and not response.cache_control.no_store:
        if not response.get_etag()[0]:
            response.add_etag(weak=True)
        if "If-None-Match" in request.headers or "If-Modified-Since" in request.headers:
            response.make_conditional(request)
    if response.status_code != 304 and is_worth_packing(response):
        response.vary.add("Accept-Encoding")
        if takes_gzip():
            send_packed(response, packed(response.get_data(), PAGE_LEVEL, noise()))
    return response


def is_worth_packing(response: Response) -> bool:
    return (
        response.mimetype in PACKED
        and "Content-Encoding" not in response.headers
        and len(response.get_data()) >= SMALLEST_BYTES
    )


def takes_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0


def send_packed(response: Response, body: bytes) -> None:
    response.set_data(body)
    response.headers["Content-Encoding"] = "gzip"


def packed(body: bytes, level: int, name: bytes = b"") -> bytes:
    """The body as gzip (RFC 1952), with `name` as its file name: Latin-1 without NUL."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = SIGNATURE + DEFLATE + (HAS_NAME if name else b"\x00") + NO_TIME + b"\x00" + UNKNOWN_SYSTEM
    tail = struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)
    return head + (name + b"\x00" if name else b"") + packer.compress(body) + packer.flush() + tail


def noise() -> bytes:
    """A name of random length, drawn anew for each answer."""
    return b"-" * (1 + secrets.randbelow(MOST_NOISE_BYTES))
