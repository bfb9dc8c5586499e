"""What a screen reader is told of drawings, and what a printer gets."""

from __future__ import annotations

import re
from io import BytesIO

from pypdf import PdfReader

from tests.support.ears import told
from tests.support.visitors import Visitors
from tests.support.ways import to_lesson, to_result, to_track

WHITE = "rgb(255, 255, 255)"


def test_the_track_is_told_with_its_share_and_every_stage(visitors: Visitors) -> None:
    page = visitors.somebody("learner")
    to_track(page)
    stages = page.locator(".stage h2").all_inner_texts()

    drawings = [one for role in ("image", "img") for one in told(page, role) if "%" in one["name"]]

    assert len(drawings) == 1, "one of the two drawings is shown, the other is told to nobody"
    assert re.search(r"\d+ %", drawings[0]["name"])
    words = drawings[0]["name"] + " " + drawings[0]["description"]
    assert len(stages) > 3
    assert [stage for stage in stages if stage not in words and stage != "Certificate"] == []


def test_a_lesson_and_a_result_are_printed_white_and_whole(visitors: Visitors) -> None:
    for word, way in (("learner", to_lesson), ("marcus.bell", to_result)):
        page = visitors.somebody(word)
        way(page)
        title = page.locator("h1").inner_text()

        printed = PdfReader(BytesIO(page.pdf(format="A4", print_background=True)))

        text = " ".join(" ".join(sheet.extract_text() for sheet in printed.pages).split())
        assert title in text
        assert "Sign out" not in text
        assert "Programs" not in text.split(title)[0]
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == WHITE
        assert not page.locator(".bar").is_visible()
