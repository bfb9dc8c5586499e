"""What the tests of this door share."""

from __future__ import annotations

import pytest
from flask import Flask

from lms.web.limits import limiter


@pytest.fixture(autouse=True)
def no_flood_yet(app: Flask) -> None:
    """The limiter counts in the process: each test begins at nothing."""
    limiter.reset()
