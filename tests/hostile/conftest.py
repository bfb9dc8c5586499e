"""What all attacks share: every page and form of the product, found once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lms.foundation import clock
from tests.support.amounts import WHOLE
from tests.support.moments import NOON
from tests.support.roaming import Roamed, roam
from tests.support.world import ROLES, World

OF_EACH_DOOR = ("anonymous", "owner", "instructor", "author", "staff")
Payloads = Callable[[str], list[str]]


@pytest.fixture(scope="session")
def payloads(corpora_folder: Path) -> Payloads:
    """The texts of one set of hostile inputs."""

    def read(name: str) -> list[str]:
        found = json.loads((corpora_folder / f"{name}.json").read_text(encoding="utf-8"))
        return [each["payload"] for each in found]

    return read


@pytest.fixture(scope="session")
def roamed(built: World) -> Roamed:
    """What every role finds when following every link at noon."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: NOON)
        built.restore()
        return roam(built, ROLES if WHOLE else OF_EACH_DOOR, of_each_kind=not WHOLE)
