"""Chromium without a window, in front of the demo. Whatever a page complains of in its console fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.demo_site import Site, demo_site
from tests.support.visitors import Visitors


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
