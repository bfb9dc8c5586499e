"""What a screen reader is told of drawings, the clock and saved answers; and what a printer gets."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.support.visitors import Visitors
from tests.support.ways import to_item, to_lesson, to_result, to_track

WHITE = "rgb(255, 255, 255)"


def told(page: Page, role: str) -> list[dict[str, Any]]:
    """What Chromium's accessibility tree holds of this role: name, description and properties."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [
        {
            "name": node.get("name", {}).get("value", ""),
            "description": node.get("description", {}).get("value", ""),
            **{each["name"]: each["value"].get("value") for each in node.get("properties", [])},
        }
        for node in nodes
        if not node.get("ignored") and node.get("role", {}).get("value") == role
    ]


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


def test_the_clock_and_the_saved_answer_are_told_calmly(visitors: Visitors) -> None:
    page = visitors.somebody("examinee")
    to_item(page)

    [clock] = told(page, "timer")
    saved = [one for one in told(page, "status") if one.get("live") == "polite"]
    announcer = page.locator("[data-announcer]")

    assert clock["name"] == "Time left"
    assert clock.get("live", "off") == "off", "a clock that is read out each second is heard above everything"
    expect(page.locator("[role=timer]")).to_contain_text(re.compile(r"\d+:\d\d"))
    expect(announcer).to_have_attribute("aria-live", "polite")
    assert announcer.evaluate("one => Object.keys(one.dataset).filter(name => name.startsWith('at')).length") >= 2
    assert saved
    expect(page.locator(".save-state")).to_contain_text("Saved")


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
