"""Pictures of the pages: `make screens`. The signature pages in both themes, on a phone and on a desk; the rest once."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from lms.foundation.settings import ROOT
from tests.support.visitors import DESKTOP, Screen, Visitors
from tests.support.ways import (
    Way,
    goto,
    to_certificate,
    to_claim,
    to_class,
    to_editor,
    to_exam,
    to_item,
    to_lesson,
    to_result,
    to_roster,
    to_track,
)

LARGEST_PICTURE_BYTES = 150_000
README = Screen("readme", 1080, 824)
SCREENS = [
    Screen(f"{name}-{'dark' if dark else 'light'}", width, height, dark)
    for name, width, height in (("phone", 390, 844), ("desktop", 1280, 900))
    for dark in (False, True)
]

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
