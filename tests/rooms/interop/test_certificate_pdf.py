"""The certificate as a PDF: what it says, that it says it anywhere, and that a name is only ever a name."""

from __future__ import annotations

import io
import re
import socket
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PageObject, PdfReader

from lms.interop.certificate_pdf import FONTS, CertificatePage, render_certificate
from lms.interop.font_coverage import covered_characters
from lms.interop.printable import MISSING, NOTHING, printable
from tests.support.amounts import one_in

MM = 72 / 25.4
ISSUED_AT = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
PAGE = CertificatePage(
    holder="Maya Chidinma Okafor",
    title="Level 1 Track & Field Coach",
    intro="Coaching Education certifies that",
    statement="has met every requirement and is recognised as a",
    hours_line="22 hours: developmental coaching, sport science, event-specific class, and examination",
    issued_label="Issued",
    issued="14 January 2027",
    expires_label="Valid until",
    expires="31 December 2028",
    code_label="Certificate",
    code="K7RX-4M2P-9QTD",
    signatory="Dr. Ellen Marsh",
    signatory_title="Director of Coaching Education",
    verify_label="Verify at",
    verify_at="baton.example.org/verify",
    scan_line="or scan the code",
    verify_url="https://baton.example.org/verify/K7RX-4M2P-9QTD",
    qr_alt="QR code: opens the verification page of this certificate",
    incomplete_note="Some letters cannot be printed here. The verification page shows them all.",
    language="en-US",
)
PRINTED = [field.name for field in fields(PAGE) if field.name not in ("verify_url", "incomplete_note", "language")]
COVERAGE = [covered_characters(file) for file in sorted(FONTS.rglob("*.ttf"))]
LONG_NAME = "Maria Guadalupe Esperanza Fernández-Villanueva de los Ángeles y Montenegro"


def rendered(**changes: Any) -> bytes:
    return render_certificate(replace(PAGE, **changes), created_at=ISSUED_AT)


def opened(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=True)


def text_of(pdf: bytes) -> str:
    (page,) = opened(pdf).pages
    return " ".join(page.extract_text().split())


@dataclass(frozen=True)
class Line:
    """A piece of set text; millimetres from the page's top left corner."""

    text: str
    left: float
    baseline: float
    size: float


def lines_of(pdf: bytes) -> list[Line]:
    (page,) = opened(pdf).pages
    found: list[Line] = []

    def collect(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append(Line(text.strip(), x / MM, 210 - y / MM, abs(size * tm[3] * cm[3]) / MM))

    page.extract_text(visitor_text=collect)
    return found


def baselines_at_size(pdf: bytes, *, near: float) -> list[float]:
    """The baselines of text set at about this size."""
    return sorted({round(line.baseline, 1) for line in lines_of(pdf) if abs(line.size - near) < near * 0.02})


def sizes_between(pdf: bytes, top: float, bottom: float) -> set[float]:
    return {round(line.size, 1) for line in lines_of(pdf) if top < line.baseline < bottom}


# ---- what it says


def test_the_certificate_is_one_landscape_page_that_says_everything() -> None:
    pdf = rendered()

    (page,) = opened(pdf).pages
    assert (float(page.mediabox.width) / MM, float(page.mediabox.height) / MM) == pytest.approx((297, 210), abs=0.01)
    said = text_of(pdf)
    for name in PRINTED:
        if name != "qr_alt":
            assert getattr(PAGE, name) in said, name
    assert PAGE.incomplete_note not in said


def test_an_award_that_does_not_end_shows_no_last_day() -> None:
    said = text_of(rendered(expires=None))

    assert PAGE.expires_label not in said
    assert PAGE.issued in said
    assert PAGE.code in said


def test_a_code_whose_letters_would_move_together_is_copied_out_whole() -> None:
    code = "NEQZX-HMRRA-3H2EG-YJRDR-3TJAZ3"

    assert code in text_of(rendered(code=code))


def test_the_file_is_archival_and_accessible_and_knows_its_title_and_language() -> None:
    reader = opened(rendered())
    catalog: Any = reader.trailer["/Root"]
    metadata = catalog["/Metadata"].get_data().decode()

    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"
    assert reader.metadata is not None
    assert reader.metadata.title == "Level 1 Track & Field Coach: Maya Chidinma Okafor"
    assert reader.metadata.creation_date == ISSUED_AT


def test_the_code_has_its_words_for_those_who_cannot_see_it() -> None:
    catalog: Any = opened(rendered()).trailer["/Root"]

    assert PAGE.qr_alt in spoken(catalog["/StructTreeRoot"])


def spoken(element: Any) -> list[str]:
    """Every alternative text in a structure tree."""
    element = element.get_object()
    if isinstance(element, list):
        return [text for child in element for text in spoken(child)]
    if not isinstance(element, dict):
        return []
    own = [str(element["/Alt"])] if "/Alt" in element else []
    return own + (spoken(element["/K"]) if "/K" in element else [])


def test_nothing_in_the_file_acts_or_links() -> None:
    reader = opened(rendered(verify_at="https://baton.example.org", holder="https://example.org"))
    catalog: Any = reader.trailer["/Root"]

    assert not {"/OpenAction", "/AA", "/AcroForm", "/Names"} & set(catalog)
    assert "/Annots" not in reader.pages[0]


def test_equal_values_give_equal_bytes_and_the_date_is_the_one_passed_in() -> None:
    assert rendered() == rendered()
    assert rendered() != render_certificate(PAGE, created_at=datetime(2027, 1, 15, tzinfo=UTC))


def test_only_the_fonts_of_the_folder_are_used() -> None:
    names = embedded_fonts(opened(rendered(holder="Māra 王 محمد Ελένη Đặng ไทย", title="Тренер 1 ступени")).pages[0])

    assert {re.split("[-+]", name, maxsplit=1)[1].split("-")[0] for name in names} == {
        "SourceSerif4Display",
        "SourceSans3",
        "Archivo",
        "NotoNaskhArabic",
        "NotoSerifThai",
    }


def embedded_fonts(page: PageObject) -> set[str]:
    resources: Any = page["/Resources"]
    return {str(font.get_object()["/BaseFont"]).lstrip("/") for font in resources["/Font"].values()}


def test_the_file_is_small_enough_to_mail() -> None:
    assert len(rendered()) <= 100_000
    assert len(rendered(holder=LONG_NAME, title="Entrenadora de Atletismo: Ñandú, Ünter, Ősz, Łódź")) <= 100_000


# ---- how it is set


def test_a_short_name_and_title_stand_at_full_size() -> None:
    pdf = rendered()

    assert baselines_at_size(pdf, near=15.5) == [79.1]
    assert baselines_at_size(pdf, near=12.3) == [108.6]


def test_a_longer_name_shrinks_to_the_width_of_the_infield() -> None:
    pdf = rendered(holder="Christopher Alexander Montgomery")

    (size,) = sizes_between(pdf, 65, 84)
    assert 10 <= size < 15.5
    assert min(line.left for line in lines_of(pdf) if 65 < line.baseline < 84) == pytest.approx(148.5 - 185 / 2, abs=1)


def test_a_very_long_name_stands_on_two_lines_clear_of_its_neighbours() -> None:
    pdf = rendered(holder=LONG_NAME)

    name = [line for line in lines_of(pdf) if 60 < line.baseline < 84]
    assert len({round(line.baseline, 1) for line in name}) == 2
    assert all(line.size <= 10 and line.left > 148.5 - 185 / 2 - 0.1 for line in name)
    assert LONG_NAME in text_of(pdf)


def test_a_long_title_stands_on_two_lines() -> None:
    title = "Developmental Coach for Youth Athletics, Combined Events and Para Athletics"

    pdf = rendered(title=title)

    assert len({round(line.baseline, 1) for line in lines_of(pdf) if 95 < line.baseline < 114}) == 2
    assert title.replace(" ", "") in text_of(pdf).replace(" ", "")


def test_a_long_name_without_a_space_is_broken_between_letters() -> None:
    pdf = rendered(holder="a" * 200)

    assert len({round(line.baseline, 1) for line in lines_of(pdf) if 60 < line.baseline < 84}) == 2
    assert text_of(pdf).replace(" ", "").count("a" * 200) == 1


# ---- a name is only ever a name


@pytest.mark.parametrize(
    "source",
    [
        '#read("certificate_pdf.py")',
        '#read("/etc/passwd")',
        "#sys.inputs",
        "#(7*7)",
        "{{7*7}}",
        "$7 dot 7$",
        "*bold* _it_ = Heading",
        "\\u{41}",
        "<label> @label",
        "// comment",
    ],
)
def test_source_code_in_a_name_is_printed_not_run(source: str) -> None:
    said = text_of(rendered(holder=source, title=source))

    assert said.replace(" ", "").count(source.replace(" ", "")) == 2


def test_no_value_makes_the_page_call_out_or_read_files() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
        for hostile in (f'#image("{address}")', f'<img src="{address}">', f'#import "{address}"', f"url({address})"):
            rendered(**dict.fromkeys(PRINTED, hostile), verify_url=address)

        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_name_that_turns_the_writing_round_turns_only_itself() -> None:
    shown = printable("\u202eevil\u202c \u2066Maya\u2069\u200f", COVERAGE)

    assert shown.text == "evil Maya"
    assert PAGE.statement in text_of(rendered(holder="\u202eevil"))


def test_a_name_in_arabic_is_set_from_right_to_left_with_its_own_letters() -> None:
    shown = printable("محمد عبد الرحمن", COVERAGE)

    assert (shown.text, shown.right_to_left, shown.complete) == ("محمد عبد الرحمن", True, True)
    assert PAGE.incomplete_note not in text_of(rendered(holder=shown.text))


@pytest.mark.parametrize(
    "name",
    ["Nguyễn Thị Ánh", "Łukasz Żółć", "Ελένη", "Наталья Йовович", "دانا", "נועה", "नेहा", "สมชาย", "Գայանե", "ნინო"],
)
def test_names_in_many_scripts_are_printed_whole(name: str) -> None:
    assert printable(name, COVERAGE).complete
    assert PAGE.incomplete_note not in text_of(rendered(holder=name))


def test_what_cannot_be_printed_is_a_box_and_the_page_says_so() -> None:
    said = text_of(rendered(holder="王小明 Wang"))

    assert f"{MISSING * 3} Wang" in said
    assert PAGE.incomplete_note in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", NOTHING),
        (" \t\n\u2028 ", NOTHING),
        ("\u200b\u202e\ufeff", NOTHING),
        ("Ma\0ya", f"Ma{MISSING}ya"),
        ("Maya\ud800", f"Maya{MISSING}"),
        ("Maya\r\n\tOkafor", "Maya Okafor"),
        ("Jose\u0301", "José"),
        ("\u0301x", f"{MISSING}x"),
        ("x" * 300, "x" * 280 + "…"),
    ],
)
def test_texts_become_one_line_that_can_be_seen(text: str, shown: str) -> None:
    assert printable(text, COVERAGE).text == shown


def test_a_tower_of_marks_cannot_cover_its_neighbours() -> None:
    shown = printable("Z" + "\u0301\u0302\u0303" * 20 + "oe", COVERAGE)

    marks = [sign for sign in unicodedata.normalize("NFD", shown.text) if unicodedata.combining(sign)]
    assert len(marks) <= 5
    assert not shown.complete


def test_every_hostile_name_makes_a_certificate(payloads: Callable[[str], list[str]]) -> None:
    names = payloads("naughty_strings")[:: one_in(4)]
    plain = [name for name in names if name.isascii() and name.isprintable()]

    for name in set(names) - set(plain):
        assert len(opened(rendered(holder=name)).pages) == 1
    for start in range(0, len(plain), len(PRINTED)):
        texts = dict(zip(PRINTED, plain[start : start + len(PRINTED)], strict=False))
        assert len(opened(rendered(**texts)).pages) == 1


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60))
def test_any_name_makes_a_certificate(name: str) -> None:
    assert len(opened(rendered(holder=name)).pages) == 1


def test_a_name_of_a_million_letters_is_cut_and_the_page_says_so() -> None:
    assert PAGE.incomplete_note in text_of(rendered(holder="Maya " * 200_000))


# ---- what is refused


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        render_certificate(PAGE, created_at=datetime(2027, 1, 14))  # noqa: DTZ001  # the naive date is the point


@pytest.mark.parametrize("language", ["", "e", "en us", "english-language", "../en"])
def test_a_language_that_is_not_a_tag_is_refused(language: str) -> None:
    with pytest.raises(ValueError, match="language tag"):
        rendered(language=language)


def test_a_file_that_is_no_font_covers_nothing(tmp_path: Any) -> None:
    empty = tmp_path / "empty.ttf"
    empty.write_bytes(b"\x00\x01\x00\x00\x00\x00" + b"\x00" * 6)

    with pytest.raises(ValueError, match="no character map"):
        covered_characters(empty)
