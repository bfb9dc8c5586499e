"""QR codes for pages and for the certificate."""

from __future__ import annotations

import re

import pytest
import segno

from lms.interop.qr import qr_modules, qr_svg

ADDRESS = "https://baton.example.org/verify/K7RX-4M2P-9QTD"


def test_the_modules_are_a_square_with_three_finder_patterns() -> None:
    modules = qr_modules(ADDRESS)
    side = len(modules)

    corners = [(0, 0), (0, side - 7), (side - 7, 0)]

    assert all(len(row) == side for row in modules)
    assert (side - 17) % 4 == 0
    for top, left in corners:
        assert all(modules[top][left : left + 7]), "the finder's upper edge is dark"
        assert not any(modules[top + 1][left + 1 : left + 6]), "the ring inside it is light"


def test_the_code_has_error_correction_level_m() -> None:
    expected = segno.make_qr(ADDRESS, error="m", boost_error=False)

    assert qr_modules(ADDRESS) == [[bool(module) for module in row] for row in expected.matrix]
    assert expected.error == "M"


@pytest.mark.parametrize("quiet_zone", [0, 4])
def test_the_drawing_covers_exactly_the_dark_modules(quiet_zone: int) -> None:
    svg = qr_svg(ADDRESS, quiet_zone=quiet_zone)

    drawn = set()
    for left, top, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        drawn |= {(int(top), int(left) + step) for step in range(int(length))}

    dark = {
        (row + quiet_zone, column + quiet_zone)
        for row, line in enumerate(qr_modules(ADDRESS))
        for column, module in enumerate(line)
        if module
    }
    assert drawn == dark
    assert f'viewBox="0 0 {len(qr_modules(ADDRESS)) + 2 * quiet_zone} ' in svg


def test_the_drawing_carries_neither_script_nor_style_nor_the_text_itself() -> None:
    svg = qr_svg('"><script>alert(1)</script>')

    assert "script" not in svg
    assert "style" not in svg
    assert "alert" not in svg


@pytest.mark.parametrize("text", ["", "x" * 3000])
def test_a_text_that_no_code_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="QR code"):
        qr_modules(text)
