"""Which commands there are, each loaded when it is called: a supervisor must not hold what only a migration needs."""

from __future__ import annotations

from pkgutil import resolve_name

import click

# Where each is, and the first sentence of its help, which a list of them shows without loading one.
COMMANDS = {
    "admin": ("lms.cli.accounts:admin", "People who run this installation."),
    "audit": ("lms.cli.audit:audit", "The audit trail, which the worker seals."),
    "content": ("lms.cli.content:content", "Programs, lessons and questions: files in, releases out."),
    "db": (
        "lms.cli.databases:databases",
        "The database: a copy of it, putting one back, and whether it is sound.",
    ),
    "demo": (
        "lms.cli.demo:demo",
        "Run Baton here with a demo cast: migrates, publishes content/, makes a history, serves on loopback.",
    ),
    "migrate": ("lms.cli.schema:migrate", "Bring the database's tables up to date."),
    "serve": (
        "lms.cli.serving:serve",
        "Run the product: web workers and the worker, each started again within five seconds.",
    ),
    "settings": ("lms.cli.showing:settings", "Print every setting, its value and its meaning."),
    "standing": (
        "lms.cli.standing:standing",
        "The standing index: what the rules said when they were last asked.",
    ),
    "test": ("lms.cli.testing:test", "Run the tests, on several processors."),
    "worker": (
        "lms.cli.serving:worker",
        "Run the loop that sends letters, advances people and closes overdue attempts.",
    ),
}


class Commands(click.Group):
    """A group that knows its commands by name, and loads the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = resolve_name(COMMANDS[cmd_name][0])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_place, summary) in COMMANDS.items()])
