"""Hostile inputs and other systems' files. They lie outside the checkout; without them their tests are skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def corpora() -> Path:
    """The folder of hostile inputs: LMS_CORPORA, or `shared/corpora` beside the checkout."""
    return _folder("LMS_CORPORA", "corpora")


def samples() -> Path:
    """The folder of other systems' files: LMS_SAMPLES, or `shared/samples` beside the checkout."""
    return _folder("LMS_SAMPLES", "samples")


def _folder(variable: str, name: str) -> Path:
    named = os.environ.get(variable)
    folder = Path(named) if named else CHECKOUT.parent / "shared" / name
    if not folder.is_dir():
        pytest.skip(f"{variable} is not set, and there is no shared/{name} beside the checkout")
    return folder
