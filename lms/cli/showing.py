"""`lms settings`: what this installation runs with."""

from __future__ import annotations

from urllib.parse import urlsplit

import click
from pydantic import SecretStr

from lms.foundation.settings import Settings

MASK = "••••••"


@click.command()
def settings() -> None:
    """Print every setting, its value and its meaning. Secrets are masked."""
    current = Settings()
    for name, field in Settings.model_fields.items():
        print(f"LMS_{name.upper()} = {shown(getattr(current, name))}")
        print(f"    {field.description}")


def shown(value: object) -> str:
    """A value for a terminal that others may look at: no secret, and no password inside an address."""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else "(not set)"
    if value is None:
        return "(not set)"
    text = str(value)
    password = urlsplit(text).password if "://" in text else None
    return text.replace(f":{password}@", f":{MASK}@") if password else text
