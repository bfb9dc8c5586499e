"""Settings are loud when wrong: an installation that could not serve safely does not start."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lms.foundation.settings import Environment, Settings

SERIOUS: dict[str, Any] = {
    "env": Environment.PRODUCTION,
    "base_url": "https://learn.example.org",
    "secret_key": "x" * 32,
    "mail_url": "smtp://mail.example.org:587?starttls=1",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have settings of their own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LMS_{name.upper()}", raising=False)


def test_production_starts_with_all_that_it_needs() -> None:
    assert Settings(**SERIOUS).secure_cookies


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("secret_key", "x" * 31, "LMS_SECRET_KEY"),
        ("base_url", "http://learn.example.org", "LMS_BASE_URL"),
        ("base_url", "https://learn.example.org/path", "an origin"),
        ("database_url", "mysql://localhost/baton", "must begin with sqlite"),
    ],
)
def test_production_does_not_start_with_what_would_not_be_safe(name: str, value: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(**{**SERIOUS, name: value})


def test_production_does_not_start_where_mail_would_lie_in_a_folder_that_nobody_named() -> None:
    without = {name: value for name, value in SERIOUS.items() if name != "mail_url"}

    with pytest.raises(ValidationError, match="LMS_MAIL_URL must be set"):
        Settings(**without)


def test_a_folder_that_is_named_takes_the_mail_even_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {name: value for name, value in SERIOUS.items() if name != "mail_url"}
    monkeypatch.setenv("LMS_MAIL_URL", "file:/var/spool/baton")

    assert Settings(**without).mail_url == "file:/var/spool/baton"


def test_elsewhere_everything_has_a_default() -> None:
    assert Settings().mail_url.startswith("file:")


@pytest.mark.parametrize("wrong", ["smpt://mail.example.org", "smtp:mail.example.org", "mail.example.org", "file:", ""])
def test_mail_that_could_never_be_sent_is_refused_at_once(wrong: str) -> None:
    with pytest.raises(ValidationError, match="must be file:<folder>, smtp://host:port"):
        Settings(mail_url=wrong)


@pytest.mark.parametrize(
    "right", ["smtp://u:p@mail.example.org:587?starttls=1", "smtps://mail.example.org", "file:a/b"]
)
def test_mail_that_can_be_sent_is_taken(right: str) -> None:
    assert Settings(mail_url=right).mail_url == right
