"""Chromium without a window, in front of the demo. Whatever a page complains of in its console fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.support.demo_site import Site, demo_site
from tests.support.visitors import Visitors

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screens", metavar="FOLDER", help="take pictures of the pages into this folder")


@pytest.fixture(scope="session")
def screens(request: pytest.FixtureRequest) -> Path:
    """The folder for pictures; without `--screens` whoever takes them is skipped."""
    folder = request.config.getoption("screens", default=None)
    if folder is None:
        pytest.skip("pictures are taken with --screens FOLDER")
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, run_folder: Path, worker_name: str, chromium: Browser) -> Iterator[Site]:
    everybody = request.config.getoption("screens", default=None) is not None
    with demo_site(run_folder, worker_name, everybody=everybody) as site:
        yield site


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"Chromium is not installed at {CHROMIUM}: apt-get install chromium")
    playwright: Playwright = request.getfixturevalue("playwright")
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
    yield browser
    browser.close()


@pytest.fixture
def visitors(chromium: Browser, site: Site) -> Iterator[Visitors]:
    visitors = Visitors(chromium, site)
    yield visitors
    visitors.close()
    assert visitors.complaints == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
