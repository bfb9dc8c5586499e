"""The certificate as a PDF: one A4 page, archival (PDF/A-2a) and accessible (PDF/UA-1).

The same values give the same bytes on every machine: fonts come from this folder
alone, and the document's date is passed in.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lms.interop.font_coverage import covered_characters
from lms.interop.printable import Printable, printable
from lms.interop.qr import qr_svg

if TYPE_CHECKING:
    import typst

HERE = Path(__file__).parent
TEMPLATE = HERE / "certificate.typ"
FONTS = HERE / "fonts"
PDF_STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
PICTURE_PPI = 84.0
NAMED_BY_TEMPLATE = ("Source Serif 4 Display", "Source Sans 3")


@dataclass(frozen=True)
class CertificatePage:
    """Everything a certificate says, in the holder's language, dates already written out.

    `verify_url` is what the QR code holds; `verify_at` is the short address printed beside it.
    `expires` is None for an award that does not end. `incomplete_note` is printed only when the
    fonts lack letters of some text, or a text had to be cut off.
    """

    holder: str
    title: str
    intro: str
    statement: str
    hours_line: str
    issued_label: str
    issued: str
    expires_label: str
    expires: str | None
    code_label: str
    code: str
    signatory: str
    signatory_title: str
    verify_label: str
    verify_at: str
    scan_line: str
    verify_url: str
    qr_alt: str
    incomplete_note: str
    language: str


UNPRINTED = ("verify_url", "incomplete_note", "language")


def render_certificate(page: CertificatePage, *, created_at: datetime) -> bytes:
    """The PDF, byte-identical for equal values. `created_at` is zone-aware and becomes the document's date.

    Raises ValueError for a naive `created_at` or a language that is not a language tag.
    """
    if created_at.tzinfo is None:
        raise ValueError("created_at needs a time zone.")
    import typst  # noqa: PLC0415  # a typesetter of many megabytes, and most processes never print

    return typst.compile(
        TEMPLATE,
        root=HERE,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"page": json.dumps(_values_of(page))},
        pdf_standards=list(PDF_STANDARDS),
        timestamp=int(created_at.timestamp()),
    )


def draw_certificate(page: CertificatePage) -> bytes:
    """The same page as a PNG of about 1,000 pixels across, for a picture beside its verification."""
    import typst  # noqa: PLC0415  # as above

    return typst.compile(
        TEMPLATE,
        root=HERE,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="png",
        ppi=PICTURE_PPI,
        sys_inputs={"page": json.dumps(_values_of(page))},
    )


def _values_of(page: CertificatePage) -> dict[str, Any]:
    texts = {
        field.name: _as_printable(getattr(page, field.name)) for field in fields(page) if field.name not in UNPRINTED
    }
    complete = all(text.complete for text in texts.values() if text is not None)
    note = None if complete else _as_printable(page.incomplete_note)
    return {
        **{name: _as_value(text) for name, text in texts.items()},
        "note": _as_value(note),
        "document_title": _document_title(texts["title"], texts["holder"]),
        "language": _primary_language(page.language),
        "qr_svg": qr_svg(page.verify_url, quiet_zone=0),
        "fonts": _fallback_families(),
    }


def _as_printable(text: str | None) -> Printable | None:
    return None if text is None else printable(text, _coverage())


def _as_value(text: Printable | None) -> dict[str, Any] | None:
    return None if text is None else {"text": text.text, "rtl": text.right_to_left}


def _document_title(title: Printable | None, holder: Printable | None) -> str:
    return ": ".join(text.text for text in (title, holder) if text is not None)


def _primary_language(tag: str) -> str:
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*", tag)
    if match is None:
        raise ValueError(f"{tag!r} is not a language tag.")
    return match[1].lower()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    import typst  # noqa: PLC0415  # as above

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


@lru_cache(maxsize=1)
def _fallback_families() -> list[str]:
    """All families of the folder, the text faces first: a font added there serves names in its script."""
    others = sorted(set(_fonts().families()) - set(NAMED_BY_TEMPLATE))
    return [*NAMED_BY_TEMPLATE, *others]


@lru_cache(maxsize=1)
def _coverage() -> tuple[frozenset[int], ...]:
    files = sorted({Path(font.path) for font in _fonts().fonts() if font.path is not None})
    return tuple(dict.fromkeys(covered_characters(file) for file in files))
