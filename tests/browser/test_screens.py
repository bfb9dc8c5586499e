"""Pictures of the pages: `make screens`. The signature pages in both themes, on a phone and on a desk; the rest once."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from lms.foundation.settings import ROOT
from tests.support.visitors import DESKTOP, Screen, Visitors

LARGEST_PICTURE_BYTES = 150_000
README = Screen("readme", 1080, 824)
SCREENS = [
    Screen(f"{name}-{'dark' if dark else 'light'}", width, height, dark)
    for name, width, height in (("phone", 390, 844), ("desktop", 1280, 900))
    for dark in (False, True)
]
Way = Callable[[Page], None]


def goto(address: str) -> Way:
    def way(page: Page) -> None:
        page.goto(address)

    return way


def to_track(page: Page) -> None:
    page.goto("/learn")
    page.get_by_role("link", name="See the whole track").click()


def to_lesson(page: Page) -> None:
    page.goto("/learn")
    page.locator(".next-step .button").first.click()
    page.wait_for_selector("article")


def to_item(page: Page) -> None:
    to_exam(page)
    start = page.get_by_role("button", name="Start the exam")
    if start.count():
        start.click()
    else:
        page.get_by_role("link", name="Go on").last.click()
    page.wait_for_selector("#answer")
    page.locator("input[name=answer]").nth(1).check()
    page.wait_for_selector(".save-state[data-state=saved]")


def to_exam(page: Page) -> None:
    to_track(page)
    page.get_by_role("link", name="Read the rules and start").click()


def to_result(page: Page) -> None:
    page.goto("/learn")
    page.get_by_role("link", name="Level 1 Program").first.click()
    exam = page.get_by_role("link", name="Read the rules and start")
    page.goto(exam.get_attribute("href") or "" if exam.count() else "/exams/level-1/level-1-exam")
    page.get_by_role("link", name=re.compile("attempt$")).last.click()


def to_certificate(page: Page) -> None:
    page.goto("/certificates")
    page.locator("main h2 a").first.click()
    page.wait_for_load_state("networkidle")


def to_class(page: Page) -> None:
    page.goto("/classes")
    page.get_by_role("link", name=re.compile("Level 1")).first.click()


def to_roster(page: Page) -> None:
    page.goto("/teach")
    page.locator("main .row-title a").first.click()


def to_claim(page: Page) -> None:
    page.goto("/staff/claims")
    page.locator("main table a").first.click()


def to_editor(page: Page) -> None:
    page.goto("/author")
    page.locator("main a[href*='/author/lessons/']").nth(2).click()


SIGNATURE: dict[str, tuple[str, Way]] = {
    "home": ("", goto("/")),
    "learn": ("learner", goto("/learn")),
    "track": ("learner", to_track),
    "lesson": ("learner", to_lesson),
    "item": ("examinee", to_item),
    "result": ("marcus.bell", to_result),
    "certificate": ("marcus.bell", to_certificate),
}
ONCE: dict[str, tuple[str, Way]] = {
    "catalogue": ("learner", goto("/programs")),
    "program": ("newcomer", goto("/programs/level-1")),
    "program-full": ("learner", goto("/programs/bridge-to-level-1")),
    "classes": ("ready", goto("/classes")),
    "class": ("ready", to_class),
    "exam": ("examinee", to_exam),
    "result-failed": ("tom.aldridge", to_result),
    "certificates": ("marcus.bell", goto("/certificates")),
    "verify": ("", goto("/verify")),
    "sign-up": ("", goto("/signup")),
    "claims": ("newcomer", goto("/account/claims")),
    "teach": ("instructor", goto("/teach")),
    "roster": ("instructor", to_roster),
    "author": ("author", goto("/author")),
    "author-editor": ("author", to_editor),
    "author-releases": ("author", goto("/author/releases")),
    "staff": ("staff", goto("/staff")),
    "staff-queue": ("staff", goto("/staff/claims")),
    "staff-claim": ("staff", to_claim),
    "staff-results": ("staff", goto("/staff/results/level-1-exam")),
    "staff-people": ("staff", goto("/staff/people")),
    "staff-classes": ("staff", goto("/staff/classes")),
    "staff-forms": ("staff", goto("/staff/forms")),
    "not-found": ("", goto("/programs/none")),
}


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
@pytest.mark.parametrize("name", SIGNATURE)
def test_a_picture_of_each_signature_page(screens: Path, visitors: Visitors, name: str, screen: Screen) -> None:
    word, way = SIGNATURE[name]

    take(visitors, word, way, screen, screens / f"{name}-{screen.name}.png")


def test_the_picture_of_the_readme(screens: Path, visitors: Visitors) -> None:
    picture = screens / "track-readme.png"

    take(visitors, "learner", to_track, README, picture, full_page=False)

    assert picture.stat().st_size <= LARGEST_PICTURE_BYTES
    shutil.copyfile(picture, ROOT / "docs" / "pictures" / "track.png")


@pytest.mark.parametrize("name", ONCE)
def test_a_picture_of_each_other_page(screens: Path, visitors: Visitors, name: str) -> None:
    word, way = ONCE[name]

    take(visitors, word, way, DESKTOP, screens / f"{name}.png")
    visitors.complaints = [said for said in visitors.complaints if "404" not in said or name != "not-found"]


def test_a_picture_of_the_document(screens: Path, visitors: Visitors) -> None:
    page = visitors.somebody("marcus.bell")
    to_certificate(page)
    code = page.url.rpartition("/")[2]
    drawn = shutil.which("pdftoppm")
    if drawn:
        (screens / "certificate.pdf").write_bytes(page.request.get(f"/certificates/{code}.pdf").body())
        subprocess.run(  # noqa: S603  # a program that was found on this machine
            [drawn, "-png", "-r", "96", "-singlefile", screens / "certificate.pdf", screens / "certificate-pdf"],
            check=True,
        )
    else:
        (screens / "certificate-pdf.png").write_bytes(page.request.get(f"/certificates/{code}.png").body())

    assert (screens / "certificate-pdf.png").read_bytes().startswith(b"\x89PNG")


def take(visitors: Visitors, word: str, way: Way, screen: Screen, picture: Path, *, full_page: bool = True) -> None:
    page = visitors.somebody(word, screen) if word else visitors.anyone(screen)
    way(page)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=picture, full_page=full_page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{picture.name} scrolls sideways"
