"""Operator commands: `lms <command>`. Each says in a sentence what went wrong, and then exits with 1."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from lms.cli.commands import Commands
from lms.foundation.errors import DomainError
from lms.foundation.messages import Message

if TYPE_CHECKING:
    from pydantic import ValidationError

FAILED = 1
INTERRUPTED = 130


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def lms() -> None:
    """Baton: course delivery for a sport federation's coach education."""


def run(argv: Sequence[str]) -> int:
    """Run one command. Returns the exit status: 0 if it did what it says, 1 if not, 2 for a wrong call."""
    try:
        status = lms.main(args=list(argv), prog_name="lms", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except DomainError as error:
        _say(*_sentences(error))
        return FAILED
    except Exception as error:
        said = _said_of(error)
        if not said:
            raise
        _say(*said)
        return FAILED
    return status if isinstance(status, int) else 0


def _said_of(error: Exception) -> list[str]:
    """What an operator can mend: wrong settings, and a database that can't be used. Nothing for anything else."""
    # Loaded by now, if the error is one of theirs; a command that runs well need not have loaded them.
    from pydantic import ValidationError
    from sqlalchemy.exc import OperationalError, ProgrammingError

    if isinstance(error, ValidationError):
        return _wrong_settings(error)
    if isinstance(error, OperationalError | ProgrammingError):
        return ["The database can't be used: " + str(error.orig).strip().splitlines()[0], _looked_for()]
    return []


def _looked_for() -> str:
    """Which database that was, without its password, and how its tables come to be."""
    from sqlalchemy import make_url

    from lms.foundation.settings import Settings

    shown = make_url(Settings().database_url).render_as_string(hide_password=True)
    return f"That was {shown} (LMS_DATABASE_URL). If it is the right one, run: python3 -m lms migrate"


def _say(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _sentences(error: DomainError) -> list[str]:
    said: list[Message | None] = [error.message, error.kept, error.remedy]
    return [message.in_english() for message in said if message is not None]


def _wrong_settings(error: ValidationError) -> list[str]:
    """Which setting is wrong and why; never its value, which may be a secret."""
    from lms.foundation.settings import Settings

    if error.title != Settings.__name__:
        return []
    return [_wrong_setting(detail["loc"], detail["msg"]) for detail in error.errors(include_input=False)]


def _wrong_setting(loc: tuple[int | str, ...], reason: str) -> str:
    name = f"LMS_{str(loc[0]).upper()}" if loc else "Settings"
    return f"{name}: {reason.removeprefix('Value error, ')}."
