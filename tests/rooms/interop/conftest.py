"""Hostile inputs that nobody in this project wrote; they lie outside the checkout."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def corpus() -> Callable[[str], list[dict[str, Any]]]:
    """Reads `<name>.json` from the folder LMS_CORPORA, or from `shared/corpora` beside the checkout.

    Skips the test where neither folder holds it.
    """
    return _entries


@pytest.fixture(scope="session")
def payloads(corpus: Callable[[str], list[dict[str, Any]]]) -> Callable[[str], list[str]]:
    return lambda name: [str(entry["payload"]) for entry in corpus(name)]


def _entries(name: str) -> list[dict[str, Any]]:
    folders = [Path(folder) for folder in (os.environ.get("LMS_CORPORA"),) if folder]
    folders.append(CHECKOUT.parent / "shared" / "corpora")
    for folder in folders:
        file = folder / f"{name}.json"
        if file.is_file():
            entries: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
            return entries
    pytest.skip(f"{name}.json is in none of the folders of hostile inputs (set LMS_CORPORA)")
